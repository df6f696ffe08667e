import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, beforeAll, describe, expect, test } from 'vitest';
import { pruneRequests } from '../../src/archive/prune-requests.ts';
import { acquireInstanceLock, type InstanceLock } from '../../src/db/instance-lock.ts';
import { openDatabase } from '../../src/db/open.ts';
import { formatRequestId, type RequestId } from '../../src/ids.ts';
import { exportRequests } from '../../src/reports/export-requests.ts';
import { failedChecks, idsOf, openPrunedWorld, receiptDocument, someRequests, type PrunedWorld } from '../archive/pruned-world.ts';

const DAY = '2026-09-12';
const DAY_NUMBER = Date.parse(DAY) / 86_400_000;

let w: PrunedWorld;
const oldIds = (): RequestId[] => w.db.prepare('SELECT id FROM requests WHERE settled_at < ? ORDER BY id').pluck().safeIntegers().all(Date.parse(DAY)) as RequestId[];
const archiveIn = (folder: string): string => path.join(folder, `ainogap-requests-before-${DAY}.jsonl.gz`);

describe('before rows are moved', () => {
  const locks: InstanceLock[] = [];
  beforeEach(() => (w = openPrunedWorld(someRequests(120))));
  afterEach(() => {
    for (const lock of locks.splice(0)) lock.release();
    w.remove();
  });
  const untouched = (): void => {
    expect(w.db.prepare('SELECT count(*) FROM prunes').pluck().get()).toBe(0);
    expect(w.db.prepare('SELECT pruned_before FROM usage_state').pluck().get()).toBe(0);
    expect(fs.readdirSync(w.folder).filter((name) => /gz|partial|instance-prune/.test(name))).toEqual([]);
  };

  test('it needs a day that is over for a day at least', async () => {
    const yesterday = new Date(w.now() - 86_400_000).toISOString().slice(0, 10);
    const refusals = [
      [[], /prune needs --before DAY/],
      [['--before', 'soon'], /"soon" is not a time/],
      [['--before', '2026-09-12T10:00'], /"2026-09-12T10:00" is not the beginning of a UTC day; write one such as 2026-09-12/],
      [['--before', new Date(w.now()).toISOString().slice(0, 10)], new RegExp(`is too late. Requests of today and yesterday stay, so it can be ${yesterday} at the latest`)],
      [['--before', '2099-01-01'], /2099-01-01 is too late/],
      [['--list', '--yes'], /--list stands alone/],
    ] as const;
    for (const [argv, words] of refusals) expect(await w.cli('prune', ...argv)).toMatchObject({ code: 2, err: expect.stringMatching(words) as string });
    expect((await w.cli('prune', '--before', yesterday, '--dry-run')).code).toBe(0);
    untouched();
  });

  test('--dry-run says what would be moved, and where to', async () => {
    const { code, out } = await w.cli('prune', '--before', DAY, '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Would move ${oldIds().length} requests, settled from 2026-08-31 to 2026-09-11 \\(UTC\\), charged \\d+\\.\\d{6} USDC\n  to ${archiveIn(w.folder)}\n$`));
    expect(JSON.parse((await w.cli('prune', '--before', DAY, '--dry-run', '--json')).out)).toMatchObject({ before: DAY, requests: oldIds().length, archive: archiveIn(w.folder), dryRun: true });
    untouched();
  });

  test('it asks, and a no changes nothing; without a terminal it needs --yes', async () => {
    const asked = await w.run(['prune', '--before', DAY], { terminal: 100, answer: false, now: w.now() });
    expect(asked).toMatchObject({ code: 1, err: expect.stringMatching(/Move \d+ requests that settled before 2026-09-12 \(UTC\) to .*\? They leave the database; balances, statements and usage stay\.\nerror: stopped; nothing was changed/) as string });
    expect(await w.cli('prune', '--before', DAY)).toMatchObject({ code: 2, err: expect.stringMatching(/needs --yes/) as string });
    untouched();
  });

  test('a file is never overwritten, and a folder that is not there is told', async () => {
    w.write('mine.gz', 'mine');
    expect(await w.cli('prune', '--before', DAY, '--yes', '--out', 'mine.gz')).toMatchObject({ code: 1, err: expect.stringMatching(/there is a file .*mine.gz already, and archives never overwrite one/) as string });
    expect(fs.readFileSync(path.join(w.folder, 'mine.gz'), 'utf8')).toBe('mine');
    fs.rmSync(path.join(w.folder, 'mine.gz'));
    expect(await w.cli('prune', '--before', DAY, '--yes', '--out', 'no/such/a.gz')).toMatchObject({ code: 1, err: expect.stringMatching(/its folder is not there; no request was moved/) as string });
    // SQLite would delete the first when it next opens the database, a restore the second.
    for (const own of ['-journal', '.restoring-a.gz']) {
      const { code, err } = await w.cli('prune', '--before', DAY, '--yes', '--out', `${w.database}${own}`);
      expect({ own, code, err }).toEqual({ own, code: 1, err: expect.stringMatching(/is a name of what belongs to the database, and would be deleted with it; no request was moved/) as string });
    }
    untouched();
  });

  test('sums that are not there must be made first, for they need the rows', async () => {
    w.db.exec('UPDATE usage_state SET complete = 0');
    expect(await w.cli('prune', '--before', DAY, '--yes')).toMatchObject({ code: 1, err: expect.stringMatching(/usage is not summed yet[^]*ainogap verify --rebuild/) as string });
    untouched();
  });

  test('a server of before this schema must be restarted first, and --vacuum waits for all of them', async () => {
    locks.push(acquireInstanceLock(w.database, 'old'));
    w.db.exec("INSERT INTO instances(token, started_at) VALUES ('old', 0)");
    expect(await w.cli('prune', '--before', DAY, '--yes', '--vacuum')).toMatchObject({ code: 1, err: expect.stringMatching(/--vacuum would keep a gateway from writing for seconds, and one serves this database/) as string });
    w.db.exec('UPDATE database_identity SET older_instances = (SELECT max(id) FROM instances)');
    expect(await w.cli('prune', '--before', DAY, '--yes')).toMatchObject({ code: 1, err: expect.stringMatching(/an older ainogap still serves this database[^]*restart it/) as string });
    untouched();
    locks.pop()?.release();
    expect((await w.cli('prune', '--before', DAY, '--yes', '--vacuum')).err).toMatch(/The database has \d+\.\d MB now; it had \d+\.\d MB/);
  });

  test('of two at once one is refused, and requests that end meanwhile stay', async () => {
    const other = openDatabase(w.database, { mode: 'write' });
    const by = { kind: 'cli', name: 'test', via: 'cli', address: null } as const;
    const settled: number[] = [];
    const onProgress = (): void => {
      if (settled.length === 20) return;
      w.world.settle({ afterMs: 1, key: 1, route: 0, model: 0, fate: 'completed', tokens: { input: 5, output: 5, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 }, searches: 0 });
      settled.push(1);
    };
    const all = idsOf(w.db).length;
    const old = oldIds().length;
    const prune = (db: typeof other) => pruneRequests(db, { beforeDay: DAY_NUMBER, archive: archiveIn(w.folder), by, now: () => w.now(), program: 'test', onProgress });
    const outcomes = await Promise.allSettled([prune(other), prune(w.db)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(String((outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason)).toMatch(/by another process just now|archives never overwrite one/);
    expect(idsOf(w.db).length).toBe(all - old + settled.length);
    expect(settled.length).toBeGreaterThan(1);
    expect(failedChecks(w.db)).toEqual([]);
    other.close();
  });
});

test('an export that rows are taken from while it reads them fails, rather than lack them', async () => {
  w = openPrunedWorld(someRequests(60));
  const out: string[] = [];
  const write = async (text: string): Promise<void> => {
    if (out.push(text) === 1) expect((await w.cli('prune', '--before', '2026-09-03', '--yes')).code).toBe(0);
  };
  const exported = exportRequests(w.db, { format: 'jsonl', since: Date.UTC(2026, 8, 1), until: Date.UTC(2026, 9, 1), pageSize: 10 }, write);
  await expect(exported).rejects.toThrow(/moved to an archive while it was exported/);
  w.remove();
});

describe('once rows were moved', () => {
  let moved: RequestId[];
  let receipt: unknown;
  let archive: string;
  let refused: RequestId;
  beforeAll(async () => {
    w = openPrunedWorld(someRequests(120));
    moved = oldIds();
    const charged = w.db.prepare("SELECT id FROM requests WHERE settled_at < ? AND status = 'completed' AND shortfall > 0 LIMIT 1").pluck().safeIntegers().get(Date.parse(DAY)) as RequestId;
    refused = w.db.prepare("SELECT id FROM requests WHERE settled_at < ? AND status = 'refused' LIMIT 1").pluck().safeIntegers().get(Date.parse(DAY)) as RequestId;
    moved = [charged, ...moved.filter((id) => id !== charged)];
    receipt = receiptDocument(w.db, charged);
    const { code, out, err } = await w.cli('prune', '--before', DAY, '--yes');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    archive = archiveIn(w.folder);
    expect(out).toMatch(new RegExp(`^Moved ${moved.length} requests, .*\n  to ${archive} \\(\\d+\\.\\d MB, SHA-256 of its text [0-9a-f]{64}\\)\n$`));
  });
  afterAll(() => w.remove());

  test('a receipt says where it is, and is read from there, without configuration or database', async () => {
    const id = formatRequestId(moved[0]!);
    const there = `request "${id}" settled on 2026-0\\d-\\d\\d \\(UTC\\) and is in an archive, as all from before 2026-09-12 are.\n  ainogap receipt ${id} --from ${archive}\n`;
    for (const command of ['receipt', 'explain']) expect(await w.cli(command, id)).toMatchObject({ code: 1, err: expect.stringMatching(there) as string });
    const { code, out, err } = await w.cli('receipt', id, '--from', archive, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(receipt);
    expect(err).toMatch(/^From .*: requests that settled before 2026-09-12 \(UTC\), of database [0-9a-f]{8}, which was .*ainogap.db\.\n$/);
    const empty = fs.mkdtempSync(path.join(w.folder, 'empty-'));
    const file = path.join(empty, 'r.json');
    fs.writeFileSync(file, out);
    expect(await w.run(['receipt', '--check', file])).toMatchObject({ code: 0, out: expect.stringMatching(/is right/) as string });
    expect((await w.run(['receipt', id, '--from', archive, '--config', path.join(empty, 'none.yaml')])).out).toMatch(new RegExp(`^${id}[^]*total`));
    expect(await w.cli('receipt', formatRequestId(refused), '--from', archive)).toMatchObject({ code: 0, out: expect.stringMatching(/before any price applied: nothing was charged/) as string });
    expect(await w.cli('receipt', formatRequestId(refused))).toMatchObject({ code: 1, err: expect.stringMatching(/it may be in one of them, if it was refused.\n {2}ainogap prune --list/) as string });
    expect(await w.cli('receipt', formatRequestId(idsOf(w.db)[0]!), '--from', archive)).toMatchObject({ code: 1, err: expect.stringMatching(/is not in .*, which has the \d+ requests/) as string });
  });

  test('an archive that was cut off, changed, or is none is told from a sound one', async () => {
    const id = formatRequestId(moved[0]!);
    const text = gunzipSync(fs.readFileSync(archive)).toString();
    const damaged = {
      'cut.gz': [fs.readFileSync(archive).subarray(0, 300), /it is cut off/],
      'short.gz': [gzipSync(text.slice(0, text.lastIndexOf('{"end"'))), /its last line is missing/],
      'more.gz': [gzipSync(`${text}{"end":1}\n`), /there is more after its end/],
      'text.gz': [Buffer.from(text), /it is damaged, or no gzip file/],
      'none.gz': [gzipSync('hello\n'), /it has a line that is no JSON object/],
      'newer.gz': [gzipSync(text.replace('ainogap-requests-1', 'ainogap-requests-9')), /the format "ainogap-requests-9", which this ainogap does not know/],
    } as const;
    for (const [name, [bytes, words]] of Object.entries(damaged)) {
      fs.writeFileSync(path.join(w.folder, name), bytes);
      const { code, err } = await w.cli('receipt', 'req_0000000000000', '--from', name);
      expect({ name, code, err }).toEqual({ name, code: 1, err: expect.stringMatching(words) as string });
    }
    // What could be read of a request is shown, with what is wrong beside it.
    fs.writeFileSync(path.join(w.folder, 'other.gz'), gzipSync(text.replace('"amount":', '"amount":1')));
    expect(await w.cli('receipt', id, '--from', 'other.gz')).toMatchObject({ code: 0, err: expect.stringMatching(/! the archive .* its digest is another one/) as string });
    fs.writeFileSync(path.join(w.folder, 'theirs.gz'), gzipSync(text.replace(/"database":"\w+"/, '"database":"00000000"')));
    expect((await w.cli('receipt', id, '--from', 'theirs.gz')).err).toMatch(/! It is not of the configured database/);
    // One that was changed with care, so that it is whole in itself, is told by what the database keeps.
    const forged = (change: (body: string) => string): Buffer => {
      const [body, end] = [change(text.slice(0, text.lastIndexOf('{"end"'))), text.slice(text.lastIndexOf('{"end"'))];
      return gzipSync(body + end.replace(/"sha256":"\w+"/, `"sha256":"${createHash('sha256').update(body).digest('hex')}"`));
    };
    fs.writeFileSync(path.join(w.folder, 'forged.gz'), forged((body) => body.replaceAll('"attempts":1,', '"attempts":2,')));
    expect((await w.cli('receipt', id, '--from', 'forged.gz')).err).toMatch(/! .* has another SHA-256 for this archive: it was changed since it was written/);
    fs.writeFileSync(path.join(w.folder, 'unknown.gz'), forged((body) => body.replace(/"databaseFile":"[^"]*"(.*?"run":)"\w+"/, '"databaseFile":"\\u001b[2J"$1"0"')));
    const unknown = await w.cli('receipt', id, '--from', 'unknown.gz');
    expect(unknown.err).toMatch(/which was \\u001b\[2J\.\n! .* knows of no prune that wrote it/);
    expect(await w.cli('receipt', id, '--from', '/dev/null')).toMatchObject({ code: 1, err: expect.stringMatching(/it is no regular file/) as string });
  });

  test('lists that reach back before the day say what they lack, and those that do not say nothing', async () => {
    const words = `! Requests that ended before 2026-09-12 (UTC) are not among these: they were moved to archives. ainogap prune --list\n`;
    expect((await w.cli('requests', '--limit', '1000')).err).toBe(words);
    expect((await w.cli('requests', '--since', '2026-09-01', '--limit', '1000')).err).toBe(words);
    expect((await w.cli('requests', '--since', '2026-09-12', '--limit', '1000')).err).toBe('');
    expect((await w.cli('requests', '--limit', '3')).err).toBe('The newest 3; more with --limit.\n');
    expect(await w.json('requests', '--limit', '3')).toMatchObject({ prunedBefore: DAY });
    const exported = await w.cli('export', '--since', '2026-09-01', '--format', 'jsonl');
    expect(exported.out.trim().split('\n').length).toBe(idsOf(w.db).length);
    expect(exported.err).toMatch(/^\d+ requests, .*\n! Requests that ended before 2026-09-12/);
    expect((await w.cli('export', '--since', '2026-09-12')).err).not.toMatch(/!/);
  });

  test('the list of archives and the audit log have it', async () => {
    expect(await w.json('prune', '--list')).toMatchObject({ archives: [{ before: DAY, requests: moved.length, state: 'there', archive }] });
    expect((await w.cli('audit', '--action', 'requests.prune')).out).toMatch(new RegExp(`requests\\.prune.*pruned before none → 2026-09-12, requests ${moved.length}`));
  });

  test('verify finds a row that is lost without an archive, a sum of a pruned day that is wrong, and an archived row that is not counted', async () => {
    const broken = [
      ['DROP TRIGGER requests_kept; DELETE FROM requests WHERE id = (SELECT max(id) FROM requests WHERE hold IS NOT NULL)', /one end per request: req_\w+ has a post or void but no row/],
      [`UPDATE usage_sums SET requests = requests + 1 WHERE span = 1440 AND dimension = 1 AND start < ${DAY_NUMBER}`, /pruned days: buyer_\d on 2026-0\d-\d\d \(UTC\): \d+ requests are summed that held money, the ledger ended \d+/],
      [`UPDATE usage_sums SET shortfall = shortfall + 1, input_charge = input_charge + 1 WHERE span = 1440 AND dimension = 0 AND start < ${DAY_NUMBER}`, /pruned days: 2026-0\d-\d\d \(UTC\): the summed shortfall is \d+, the ledger booked \d+/],
      ['UPDATE prunes SET moved_held = moved_held - 1', /archived requests: \d+ posts and voids have no request/],
      ['UPDATE prunes SET moved_charge = moved_charge - 1', /conservation: .*archived requests: /],
    ] as const;
    for (const [sql, words] of broken) {
      w.db.exec('BEGIN');
      w.db.exec(sql);
      expect(failedChecks(w.db).join(), sql).toMatch(words);
      w.db.exec('ROLLBACK');
    }
    expect(failedChecks(w.db)).toEqual([]);
  });

  test('no row leaves the database but for an archive', () => {
    expect(() => w.db.exec('DELETE FROM requests WHERE id = (SELECT max(id) FROM requests)')).toThrow(/deleted only once an archive has them/);
  });
});
