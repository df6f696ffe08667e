import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKey, listKeys } from '../../src/registry/keys.ts';
import { raceTwo } from '../support/start-racer.ts';
import { makeBuyer, openScratch } from './scratch.ts';
import type { Scratch } from './scratch.ts';

interface RaceResult {
  readonly kind: string;
  readonly key: number | null;
  readonly created: string;
}

const ROUNDS = 60;
const CHILD = path.join(import.meta.dirname, 'race-child.ts');

let scratch: Scratch;
beforeEach(() => {
  scratch = openScratch();
});
afterEach(() => scratch.remove());

it('two processes that rotate under the same ids make one key each time, and one buyer of each name', async () => {
  createKey(scratch.db, { buyerId: makeBuyer(scratch.db, 'acme') });
  const [first, second] = await raceTwo<RaceResult>(CHILD, [scratch.file, String(ROUNDS)]);
  for (let i = 0; i < ROUNDS; i++) {
    const [a, b] = [first[i], second[i]];
    expect([a?.kind, b?.kind].filter((kind) => kind === 'rotated')).toHaveLength(1);
    expect([a?.kind, b?.kind].filter((kind) => kind === 'repeated')).toHaveLength(1);
    expect(a?.key).toBe(b?.key);
    expect([a?.created, b?.created].filter((kind) => kind === 'created')).toHaveLength(1);
  }
  const keys = listKeys(scratch.db);
  expect(keys).toHaveLength(ROUNDS + 1);
  expect(keys.filter((key) => key.revokedAt === null)).toHaveLength(1);
});
