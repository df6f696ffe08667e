/** A process that rotates the only key of buyer 1 under the ids r0, r1, …, once it is told to go. Prints what it got. */
import { openDatabase } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { createBuyer } from '../../src/registry/buyers.ts';
import { rotateKey } from '../../src/registry/keys.ts';

const [file = '', count = '0'] = process.argv.slice(2);
const db = openDatabase(file, { mode: 'write' });
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  const results = Array.from({ length: Number(count) }, (_, i) => {
    const outcome = rotateKey(db, { buyerId: 1 as BuyerId, keyId: null, rotationId: `r${i}` });
    const created = createBuyer(db, `racer ${i}`).kind;
    if (outcome.kind === 'rotated') return { kind: outcome.kind, key: outcome.created.key.id, created };
    return { kind: outcome.kind, key: outcome.kind === 'repeated' ? outcome.key.id : null, created };
  });
  db.close();
  process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));
});
