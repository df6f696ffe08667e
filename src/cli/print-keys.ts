import { formatKeyId } from '../ids.ts';
import { maskKey } from '../registry/key-format.ts';
import type { Key } from '../registry/keys.ts';
import type { CliContext } from './context.ts';
import { printTable } from './print-table.ts';
import { isoTime } from '../documents/iso-time.ts';

export function printKeys(ctx: CliContext, keys: readonly Key[]): void {
  const shortTime = (ms: number): string => isoTime(ms).slice(0, 16).replace('T', ' ');
  printTable<Key>(
    ctx,
    [
      { title: 'id', field: 'keyId', cell: (key) => formatKeyId(key.id) },
      { title: 'buyer', cell: (key) => key.buyerName, drop: 2, shrink: true },
      { title: 'label', cell: (key) => key.label, shrink: true },
      { title: 'key', cell: maskKey },
      { title: 'status', cell: (key) => (key.revokedAt === null ? 'live' : 'revoked') },
      { title: 'created UTC', field: 'createdAt', cell: (key) => shortTime(key.createdAt), raw: (key) => isoTime(key.createdAt), drop: 3 },
      {
        title: 'revoked UTC',
        field: 'revokedAt',
        cell: (key) => (key.revokedAt === null ? '' : shortTime(key.revokedAt)),
        raw: (key) => (key.revokedAt === null ? '' : isoTime(key.revokedAt)),
        drop: 4,
      },
      { title: 'replaced by', field: 'replacedBy', cell: (key) => (key.replacedBy === null ? '' : formatKeyId(key.replacedBy)), drop: 5 },
    ],
    keys,
  );
}
