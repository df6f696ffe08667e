/** What a request was admitted under, and what has become of it since. Read-only. */
import type { Db } from '../../db/open.ts';
import type { BuyerId, CardVersion, KeyId, RequestId } from '../../ids.ts';
import { micro, type MicroUsdc } from '../../money.ts';
import { readCard, type StoredCard } from '../../registry/cards.ts';
import type { QuoteBasis } from '../../tokens.ts';

/** What both a running request and an ended one have. */
export interface Admitted {
  readonly requestId: RequestId;
  readonly buyerId: BuyerId;
  readonly keyId: KeyId;
  /** Null: it named no route that there is. */
  readonly route: string | null;
  readonly cardVersion: CardVersion | null;
  readonly model: string | null;
  readonly upstream: string | null;
  readonly quoteBasis: QuoteBasis | null;
  readonly hold: MicroUsdc | null;
  readonly outputTokensMax: number | null;
  /** Unix milliseconds. */
  readonly startedAt: number;
}

/** The rows that it names, as they are now. */
export interface Surroundings {
  readonly buyer: { readonly name: string; readonly disabledAt: number | null; readonly balance: MicroUsdc; readonly held: MicroUsdc };
  readonly key: { readonly label: string; readonly masked: string; readonly revokedAt: number | null; readonly replacedBy: KeyId | null };
  readonly card: StoredCard | null;
  /** The route's price card of now; null when the route is deleted. */
  readonly cardNow: CardVersion | null;
}

export function readSurroundings(db: Db, admitted: Admitted): Surroundings {
  const { cardVersion } = admitted;
  return {
    buyer: readBuyer(db, admitted.buyerId),
    key: readKey(db, admitted.keyId),
    card: cardVersion === null ? null : readCard(db, cardVersion),
    cardNow: admitted.route === null ? null : ((db.prepare(CARD_NOW).pluck().safeIntegers(false).get(admitted.route) as CardVersion | undefined) ?? null),
  };
}

const CARD_NOW = 'SELECT card_version FROM routes WHERE alias = ? AND deleted_at IS NULL';

const BUYER = `SELECT b.name, b.disabled_at, a.credits_posted - a.debits_posted AS balance, a.debits_pending AS held
FROM buyers b JOIN accounts a ON a.id = b.id WHERE b.id = ?`;

function readBuyer(db: Db, id: BuyerId): Surroundings['buyer'] {
  const row = db.prepare(BUYER).safeIntegers(true).get(id) as { name: string; disabled_at: bigint | null; balance: bigint; held: bigint } | undefined;
  if (row === undefined) throw new Error(`buyer ${id} is not in the database`);
  return { name: row.name, disabledAt: row.disabled_at === null ? null : Number(row.disabled_at), balance: micro(row.balance), held: micro(row.held) };
}

interface KeyRow {
  readonly label: string;
  readonly prefix: string;
  readonly last4: string;
  readonly revoked_at: number | null;
  readonly replaced_by: number | null;
}

function readKey(db: Db, id: KeyId): Surroundings['key'] {
  const row = db.prepare('SELECT label, prefix, last4, revoked_at, replaced_by FROM keys WHERE id = ?').safeIntegers(false).get(id) as KeyRow | undefined;
  if (row === undefined) throw new Error(`key ${id} is not in the database`);
  return { label: row.label, masked: `${row.prefix}…${row.last4}`, revokedAt: row.revoked_at, replacedBy: row.replaced_by as KeyId | null };
}
