import { isoTime } from '../../documents/iso-time.ts';
import { keyJson } from '../../documents/key-json.ts';
import type { Key as StoredKey } from '../../registry/keys.ts';
import type { Key } from '../schemas/buyer.ts';

/** `lastUsedAt` in Unix ms. */
export function keyDocument(key: StoredKey, lastUsedAt: number | null): Key {
  const { buyerId: _buyerId, buyer: _buyer, ...document } = keyJson(key);
  return { ...(document as Omit<Key, 'lastUsedAt'>), lastUsedAt: lastUsedAt === null ? null : isoTime(lastUsedAt) };
}
