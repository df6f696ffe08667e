/** A restore in a process of its own, to be killed: `node restore-child.ts BACKUP DATABASE`. */
import { planRestore } from '../../src/backups/restore.ts';

const [source = '', database = ''] = process.argv.slice(2);
const plan = await planRestore({ source, database, now: Date.now() });
await plan.carryOut({ by: { kind: 'cli', name: 'test', via: 'cli', address: null }, revokeAllKeys: false });
plan.discard();
