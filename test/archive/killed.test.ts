/** `kill -9` at each step of a prune, then the same command again; each time for a later day of one database. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idOfLine } from '../../src/archive/archived-request.ts';
import { readArchive } from '../../src/archive/read-archive.ts';
import type { RequestId } from '../../src/ids.ts';
import { failedChecks, figures, idsOf, openPrunedWorld, someRequests, type PrunedWorld } from './pruned-world.ts';

const DAY_MS = 86_400_000;
const CHILD = path.join(import.meta.dirname, 'killed-prune.ts');

let w: PrunedWorld;
let all: RequestId[];
let before: unknown;
let day = Date.UTC(2026, 8, 3);
const figuresNow = (): unknown => figures(w.db, w.now(), ['UTC', 'Asia/Kathmandu']);
beforeAll(() => {
  w = openPrunedWorld(someRequests(300));
  all = idsOf(w.db);
  before = figuresNow();
});
afterAll(() => w.remove());

const dayText = (): string => new Date(day).toISOString().slice(0, 10);
const archive = (): string => path.join(w.folder, `ainogap-requests-before-${dayText()}.jsonl.gz`);

/** Five days later than the last one; resolves with the signal that ended it. */
function killedAt(point: string): Promise<string | null> {
  day += 5 * DAY_MS;
  const argv = [CHILD, w.database, String(day / DAY_MS), archive(), point];
  return new Promise((resolve) => execFile(process.execPath, argv, (error) => resolve(error?.signal ?? null)));
}

async function archived(): Promise<RequestId[]> {
  const ids: RequestId[] = [];
  for (const name of fs.readdirSync(w.folder).filter((file) => file.endsWith('.gz')))
    await readArchive(path.join(w.folder, name), { requests: (lines) => void ids.push(...lines.map(idOfLine)) });
  return ids;
}

/** Each request is here or in an archive whatever happened, and the books are right. */
async function expectNothingLost(): Promise<void> {
  const [here, there] = [idsOf(w.db), await archived()];
  expect(new Set([...here, ...there])).toEqual(new Set(all));
  expect(figuresNow()).toEqual(before);
  expect(failedChecks(w.db)).toEqual([]);
}

/** At the end each is in one of them, and nothing else is left behind. */
async function expectDone(): Promise<void> {
  await expectNothingLost();
  const there = await archived();
  expect(idsOf(w.db).filter((id) => there.includes(id))).toEqual([]);
  expect(there.length).toBe(new Set(there).size);
  expect(w.db.prepare('SELECT count(*) FROM requests WHERE settled_at < ?').pluck().get(day)).toBe(0);
  expect(w.db.prepare("SELECT sum(moved), count(*) FILTER (WHERE state <> 'done') FROM prunes").raw().get()).toEqual([there.length, 0]);
  expect(fs.readdirSync(w.folder).filter((name) => /partial|instance/.test(name))).toEqual([]);
}

const recorded = (): unknown => w.db.prepare("SELECT count(*) FROM audit WHERE action = 'requests.prune'").pluck().get();

test.each([
  ['before anything is written', 'now 2', null],
  ['with the archive half written', 'write 1', null],
  ['with the archive whole, under its other name', 'check 1', null],
  ['with the archive under its name, before its days count as pruned', 'now 3', /its archive .* is whole, and its requests are moved now/],
  ['with the first rows deleted', 'move 1', /interrupted after 25 of \d\d requests; the others, which are in .* too, are moved now/],
  ['with all rows deleted, before that is written down', 'now 4', /interrupted after (\d+) of \1 requests/],
])('killed %s it loses nothing, and the next run finishes it', async (_, point, words) => {
  const records = Number(recorded());
  expect(await killedAt(point)).toBe('SIGKILL');
  await expectNothingLost();
  const { code, err } = await w.cli('prune', '--before', dayText(), '--yes');
  expect({ code, err }).toEqual({ code: 0, err: words === null ? '' : (expect.stringMatching(words) as string) });
  await expectDone();
  expect(recorded()).toBe(records + 1);
});

test('killed while rows are deleted, and its archive lost, it moves what is left into another one', async () => {
  expect(await killedAt('move 1')).toBe('SIGKILL');
  const kept = path.join(w.folder, 'elsewhere');
  fs.renameSync(archive(), kept);
  const { code, err } = await w.cli('prune', '--before', dayText(), '--yes', '--out', 'rest.jsonl.gz');
  const words = /! A prune was interrupted, and its archive .* is not there any more, or was changed. It alone has 25 requests: find it/;
  expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(words) as string });
  fs.renameSync(kept, archive());
  await expectNothingLost();
});
