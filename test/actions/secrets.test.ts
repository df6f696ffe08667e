/** Whatever is done in whatever order: the log is whole, and it holds no secret. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changeRoute } from '../../src/actions/change-route.ts';
import { createBuyer } from '../../src/actions/create-buyer.ts';
import { createKey } from '../../src/actions/create-key.ts';
import { createRoute } from '../../src/actions/create-route.ts';
import { deleteRoute } from '../../src/actions/delete-route.ts';
import { deposit } from '../../src/actions/deposit.ts';
import { revokeKey } from '../../src/actions/revoke-key.ts';
import { rotateKey } from '../../src/actions/rotate-key.ts';
import { setBuyerDisabled } from '../../src/actions/set-buyer-disabled.ts';
import { createTryKey, endTryKey } from '../../src/actions/try-keys.ts';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId, KeyId } from '../../src/ids.ts';
import { digestKey } from '../../src/registry/key-format.ts';
import { aliasOf, cardTimes, makeBuyer, openScratch, type Scratch } from '../registry/scratch.ts';
import { depositOf, EVA, NOW } from './acting.ts';

interface Step {
  readonly what: number;
  readonly buyer: number;
  readonly key: number;
  readonly text: string;
  /** The text is the last key that was made: pasted into the wrong field. */
  readonly pasted: boolean;
}

const steps = fc.array(
  fc.record({ what: fc.nat(8), buyer: fc.integer({ min: 1, max: 3 }), key: fc.integer({ min: 1, max: 12 }), text: fc.constantFrom('ci', 'prod', 'a, "b" → c'), pasted: fc.boolean() }),
  { maxLength: 40 },
);

/** Does one thing; returns whether it changed something that is to be recorded. */
function perform(db: Db, { what, buyer, key, text, pasted }: Step, secrets: string[]): boolean {
  const buyerId = buyer as BuyerId;
  const chosen = pasted ? `for ${secrets.at(-1) ?? text}` : text;
  const alias = aliasOf(`route-${buyer}`);
  switch (what) {
    case 0:
      secrets.push(createKey(db, EVA, { buyerId, label: chosen, now: NOW }).secret);
      return true;
    case 1: {
      const outcome = rotateKey(db, EVA, { buyerId, keyId: key as KeyId, rotationId: null, now: NOW });
      if (outcome.kind === 'rotated') secrets.push(outcome.created.secret);
      return outcome.kind === 'rotated';
    }
    case 2:
      return revokeKey(db, EVA, { keyId: key as KeyId, now: NOW });
    case 3:
      return deposit(db, EVA, depositOf(buyerId, key * 1_000, { reference: chosen }), NOW).kind === 'created';
    case 4:
      return deposit(db, EVA, depositOf(buyerId, -key * 1_000, { kind: 'adjust', reason: chosen }), NOW).kind === 'created';
    case 5:
      return setBuyerDisabled(db, EVA, { buyerId, disabled: pasted, now: NOW });
    case 6:
      return createRoute(db, EVA, { alias, upstream: text, card: cardTimes('1'), now: NOW }).kind === 'created';
    case 7:
      return pasted ? deleteRoute(db, EVA, { alias, now: NOW }) : changeRoute(db, EVA, { alias, decide: () => ({ upstream: text, buyers: [buyerId] }), now: NOW }).kind === 'changed';
    default: {
      const made = createTryKey(db, { buyerId, now: NOW });
      secrets.push(made.secret);
      endTryKey(db, made.key.id, NOW);
      return false;
    }
  }
}

it('over all sorts of changes there is one row for each, and no secret or digest in any', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const db = openMemoryDatabase();
      const secrets: string[] = [];
      const recorded = 3 + all.length;
      let changes = 0;
      for (const name of ['acme', 'beta', 'gamma']) if (createBuyer(db, EVA, { name, now: NOW }).kind === 'created') changes++;
      for (const step of all) if (perform(db, step, secrets)) changes++;
      const rows = db.prepare('SELECT * FROM audit').all();
      expect(changes).toBeLessThanOrEqual(recorded);
      expect(rows).toHaveLength(changes);
      const log = JSON.stringify(rows);
      for (const secret of secrets) expect(log.includes(secret) || log.includes(digestKey(secret)) || log.includes(secret.slice(10, 30))).toBe(false);
      db.close();
    }),
    { numRuns: 60 },
  );
});

let scratch: Scratch;
beforeEach(() => {
  scratch = openScratch();
});
afterEach(() => scratch.remove());

it('a key in a label is not repeated by the log', () => {
  const { db } = scratch;
  const buyerId = makeBuyer(db, 'acme');
  const { secret } = createKey(db, EVA, { buyerId, label: 'ci', now: NOW });
  createKey(db, EVA, { buyerId, label: `old ${secret}`, now: NOW });
  expect(db.prepare('SELECT after FROM audit WHERE id = 2').pluck().get()).toMatch(/"label":"old rk_…"/);
});
