/** What a restore revives and loses, for people and for scripts. */
import type { Identified, RestoreChanges } from '../backups/compare-facts.ts';
import type { DepositFact, KeyFact } from '../backups/database-facts.ts';
import { isoTime } from '../documents/iso-time.ts';
import { formatBuyerId, formatKeyId, type BuyerId, type KeyId } from '../ids.ts';
import { formatUsdc, jsonMicros } from '../money.ts';

/** Longer lists are cut in the text; `--json` has all of them. */
const LISTED_MAX = 50;

export function changesText(changes: RestoreChanges): string {
  const { sameOrigin, ledgerAt, requests, charged } = changes;
  const parts = [
    ...(sameOrigin ? [] : ['! The backup does not seem to be of this database: their buyers, keys or processes differ from the first on.']),
    ...(ledgerAt.now === null ? [] : [`The present database reaches up to ${isoTime(ledgerAt.now)}.`]),
    ...list('It revives', 'key', changes.revivedKeys.map(keyLine)),
    ...list('It revives', 'admin token', changes.revivedAdminTokens.map(({ fact }) => `${fact.label}  ainogap_admin_…${fact.last4}`)),
    ...list('It enables again', 'buyer', changes.enabledBuyers.map(buyerLine)),
    ...list('It revives', 'route', changes.revivedRoutes.map(({ fact }) => fact.alias)),
    ...list('It loses', 'top-up or adjustment', changes.lostDeposits.map(depositLine), 'top-ups and adjustments'),
    ...list('It loses', 'buyer', changes.lostBuyers.map(buyerLine)),
    ...list('It loses', 'key', changes.lostKeys.map(keyLine)),
    ...list('It loses', 'route', changes.lostRoutes.map(({ fact }) => fact.alias)),
    ...(requests > 0n ? [`It forgets ${requests} requests that ended since, and ${formatUsdc(charged, 6)} USDC charged for them.`] : []),
    ...list('It changes', 'balance', changes.balances.map(({ name, now, restored }) => `${name}  ${formatUsdc(now, 2)} → ${restored === null ? 'none' : formatUsdc(restored, 2)}`)),
  ];
  return parts.length === (ledgerAt.now === null ? 0 : 1) ? `${parts.concat('It revives and loses nothing.').join('\n')}\n` : `${parts.join('\n')}\n`;
}

function list(verb: string, noun: string, lines: readonly string[], plural = `${noun}s`): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > LISTED_MAX ? [`  and ${lines.length - LISTED_MAX} more; --json lists them all`] : [];
  return [`${verb} ${lines.length} ${lines.length === 1 ? noun : plural}:`, ...lines.slice(0, LISTED_MAX).map((line) => `  ${line}`), ...more];
}

function keyLine({ id, fact }: Identified<KeyFact>): string {
  const fate = fact.revokedAt === null ? '' : `  ${fateOf(fact)} ${isoTime(fact.revokedAt)}`;
  return `${formatKeyId(id as KeyId)}  ${fact.buyer}  ${fact.label}  ${fact.masked}${fate}`;
}

const fateOf = ({ replacedBy }: KeyFact): string => (replacedBy === null ? 'revoked' : 'rotated');

const buyerLine = ({ id, fact }: Identified<{ readonly name: string }>): string => `${formatBuyerId(id as BuyerId)}  ${fact.name}`;

function depositLine({ buyer, amount, reference, at }: DepositFact): string {
  return `${buyer}  ${amount > 0n ? '+' : ''}${formatUsdc(amount, 6)}  ${isoTime(at)}${reference === null ? '' : `  ${reference}`}`;
}

export function changesJson(changes: RestoreChanges): Record<string, unknown> {
  const key = ({ id, fact }: Identified<KeyFact>): Record<string, unknown> => ({
    keyId: formatKeyId(id as KeyId),
    buyer: fact.buyer,
    label: fact.label,
    key: fact.masked,
    revokedAt: fact.revokedAt === null ? null : isoTime(fact.revokedAt),
    rotated: fact.replacedBy !== null,
  });
  const buyer = ({ id, fact }: Identified<{ readonly name: string }>): Record<string, unknown> => ({ buyerId: formatBuyerId(id as BuyerId), name: fact.name });
  const alias = ({ fact }: Identified<{ readonly alias: string }>): string => fact.alias;
  return {
    sameOrigin: changes.sameOrigin,
    presentLedgerAt: changes.ledgerAt.now === null ? null : isoTime(changes.ledgerAt.now),
    revivedKeys: changes.revivedKeys.map(key),
    lostKeys: changes.lostKeys.map(key),
    lostDeposits: changes.lostDeposits.map(({ kind, buyer: name, amount, reference, at }) => ({ kind, buyer: name, amountUsdMicros: jsonMicros(amount), reference, at: isoTime(at) })),
    lostBuyers: changes.lostBuyers.map(buyer),
    enabledBuyers: changes.enabledBuyers.map(buyer),
    lostRoutes: changes.lostRoutes.map(alias),
    revivedRoutes: changes.revivedRoutes.map(alias),
    revivedAdminTokens: changes.revivedAdminTokens.map(({ fact }) => ({ label: fact.label, last4: fact.last4 })),
    balances: changes.balances.map(({ name, now, restored }) => ({ buyer: name, nowUsdMicros: jsonMicros(now), restoredUsdMicros: restored === null ? null : jsonMicros(restored) })),
    lostRequests: Number(changes.requests),
    lostChargeUsdMicros: jsonMicros(changes.charged),
  };
}
