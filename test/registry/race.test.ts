import { spawn } from 'node:child_process';
import * as path from 'node:path';
import * as readline from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKey, listKeys } from '../../src/registry/keys.ts';
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

interface Racer {
  readonly ready: Promise<void>;
  go(): void;
  readonly results: Promise<RaceResult[]>;
}

function startRacer(file: string): Racer {
  const child = spawn(process.execPath, [CHILD, file, String(ROUNDS)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines: string[] = [];
  const reader = readline.createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => reader.once('line', () => resolve()));
  reader.on('line', (line) => lines.push(line));
  const results = new Promise<RaceResult[]>((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(lines[1] ?? '') as RaceResult[]) : reject(new Error(errors))));
  });
  return { ready, go: () => void child.stdin.write('go\n'), results };
}

it('two processes that rotate under the same ids make one key each time, and one buyer of each name', async () => {
  createKey(scratch.db, { buyerId: makeBuyer(scratch.db, 'acme') });
  const racers = [startRacer(scratch.file), startRacer(scratch.file)];
  await Promise.all(racers.map((racer) => racer.ready));
  for (const racer of racers) racer.go();
  const [first = [], second = []] = await Promise.all(racers.map((racer) => racer.results));
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
