/** What pruning must leave exactly as it is, and what it must move, for databases of all kinds. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkArchive, findInArchive, readArchive } from '../../src/archive/read-archive.ts';
import { idOfLine, parseRequestLine } from '../../src/archive/archived-request.ts';
import { formatRequestId, type RequestId } from '../../src/ids.ts';
import { receiptJson, receiptOf } from '../../src/reports/receipt.ts';
import { rebuildUsage } from '../../src/reports/rebuild-usage.ts';
import { anEnded, type Ended } from '../reports/usage-world.ts';
import { failedChecks, figures, idsOf, openPrunedWorld, receiptDocument, someRequests, START, type PrunedWorld } from './pruned-world.ts';

const DAY_MS = 86_400_000;
const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

async function archivedIds(file: string): Promise<RequestId[]> {
  const ids: RequestId[] = [];
  await readArchive(file, { requests: (lines) => void ids.push(...lines.map(idOfLine)) });
  return ids;
}

async function pruneAt(w: PrunedWorld, day: string): Promise<string | null> {
  const { code, err, out } = await w.cli('prune', '--before', day, '--yes', '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return (JSON.parse(out) as { archive: string | null }).archive;
}

test('balances, statements in every zone and usage stay to the micro, whatever happened and wherever the day is cut', async () => {
  const property = fc.asyncProperty(fc.array(anEnded, { minLength: 10, maxLength: 45 }), fc.double({ min: 0, max: 1, noNaN: true }), async (requests, where) => {
    const w = openPrunedWorld(requests);
    try {
      const day = dayText(START + where * (w.now() - 2 * DAY_MS - START));
      const before = figures(w.db, w.now());
      const all = idsOf(w.db);
      const old = w.db.prepare('SELECT id FROM requests WHERE settled_at < ? ORDER BY id').pluck().safeIntegers().all(Date.parse(day));
      const archive = await pruneAt(w, day);
      expect(archive === null ? [] : await archivedIds(archive)).toEqual(old);
      expect(new Set([...old, ...idsOf(w.db)])).toEqual(new Set(all));
      expect(old.length + idsOf(w.db).length).toBe(all.length);
      expect(figures(w.db, w.now())).toEqual(before);
      expect(failedChecks(w.db)).toEqual([]);
      expect(rebuildUsage(w.db).differed).toEqual({ minutes: 0, hours: 0, days: 0, sums: 0 });
      expect(figures(w.db, w.now())).toEqual(before);
    } finally {
      w.remove();
    }
  });
  await fc.assert(property, { numRuns: 4, endOnFailure: true });
});

test('a second prune moves what is older than a later day, and each receipt is found in its archive as it was', async () => {
  const w = openPrunedWorld();
  try {
    const before = figures(w.db, w.now());
    const receipts = new Map(idsOf(w.db).map((id) => [id, receiptDocument(w.db, id)]));
    const archives = [await pruneAt(w, '2026-09-10'), await pruneAt(w, '2026-09-20')] as string[];
    expect(await pruneAt(w, '2026-09-20')).toBeNull();
    for (let i = 0; i < 5; i++) w.world.settle({ afterMs: 3 * DAY_MS, key: i, route: 0, model: 1, fate: 'completed', tokens: { input: 9, output: 9, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 }, searches: 0 });
    expect(failedChecks(w.db)).toEqual([]);
    expect(figures(w.db, w.now())).not.toEqual(before);

    const seen: RequestId[] = [];
    for (const archive of archives) {
      const cards = new Map();
      const documents = new Map<RequestId, unknown>();
      await readArchive(archive, {
        card: (line) => void cards.set((JSON.parse(line) as { card: string }).card, line),
        requests: (lines) => lines.forEach((line) => documents.set(idOfLine(line), parseRequestLine(line))),
      });
      expect(cards.size).toBe(2);
      for (const id of [...documents.keys()].filter((_, i) => i % 9 === 0)) {
        const { found, damage } = await findInArchive(archive, id);
        expect(damage).toBeNull();
        const outcome = receiptOf(found!.entry, { cardOf: found!.cardOf, transfers: () => found!.transfers });
        expect(outcome.kind === 'receipt' ? receiptJson(outcome.document) : null, formatRequestId(id)).toEqual(receipts.get(id));
      }
      seen.push(...documents.keys());
      expect((await checkArchive(archive)).end.requests).toBe(documents.size);
    }
    expect([...receipts.keys()].filter((id) => !seen.includes(id) && !idsOf(w.db).includes(id))).toEqual([]);
    expect(fs.statSync(archives[0]!).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(w.folder).filter((name) => /partial|instance/.test(name))).toEqual([]);
    expect(path.basename(archives[0]!)).toBe('ainogap-requests-before-2026-09-10.jsonl.gz');
  } finally {
    w.remove();
  }
});

test('nothing settles in a pruned day any more, even by a clock that was put back', async () => {
  const w = openPrunedWorld(someRequests(4));
  try {
    const day = dayText(w.now() - 2 * DAY_MS);
    await pruneAt(w, day);
    w.world.settle({ ...(someRequests(1)[0] as Ended), afterMs: 1 });
    expect(w.db.prepare('SELECT min(settled_at) FROM requests').pluck().get()).toBe(Date.parse(day));
    expect(failedChecks(w.db)).toEqual([]);
  } finally {
    w.remove();
  }
});
