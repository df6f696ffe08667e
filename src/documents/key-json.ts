import { formatBuyerId, formatKeyId } from '../ids.ts';
import { maskKey } from '../registry/key-format.ts';
import type { Key } from '../registry/keys.ts';
import { isoTime } from './iso-time.ts';

/** A key as every `--json` shows it. Its secret is not here: it is not kept. */
export function keyJson(key: Key): Record<string, unknown> {
  return {
    keyId: formatKeyId(key.id),
    buyerId: formatBuyerId(key.buyerId),
    buyer: key.buyerName,
    label: key.label,
    key: maskKey(key),
    status: key.revokedAt === null ? 'live' : 'revoked',
    createdAt: isoTime(key.createdAt),
    revokedAt: key.revokedAt === null ? null : isoTime(key.revokedAt),
    replacedBy: key.replacedBy === null ? null : formatKeyId(key.replacedBy),
  };
}
