/** A process that tops buyer 1 up with the references r0, r1, …, once it is told to go. Prints what became of each. */
import { deposit } from '../../src/actions/deposit.ts';
import { openDatabase } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { depositOf, EVA, NOW } from './acting.ts';

const [file = '', count = '0'] = process.argv.slice(2);
const db = openDatabase(file, { mode: 'write' });
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  const results = Array.from({ length: Number(count) }, (_, i) => deposit(db, EVA, depositOf(1 as BuyerId, 1_000 + i, { reference: `r${i}` }), NOW).kind);
  db.close();
  process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));
});
