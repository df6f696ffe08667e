import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { Db } from '../../src/db/open.ts';
import { createRequestIds, type InstanceId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { EXPORT_FIELDS } from '../../src/reports/export-fields.ts';
import { exportRequests, type ExportOptions } from '../../src/reports/export-requests.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { recordOf } from '../ledger/fixtures.ts';
import { settleRequest } from '../reports/settled-request.ts';
import { readCsvRecords } from '../support/read-csv.ts';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder, CliResult, RunOptions } from './cli-run.ts';

const DAY = 86_400_000;
/** After the top-up, which is made by the real clock: ledger time never runs backwards. */
const NOW = Date.UTC(2040, 0, 20, 12, 4, 17);
const HOSTILE = ['=cmd|"/c calc"!A1', '@sum(1,2)', '-2+3', '+1', 'two\r\nlines', 'a "quoted", thing', '\u202egnp.exe', '\u001b[2J'];
const MAIN = path.resolve(import.meta.dirname, '../../bin/ainogap.js');

let cli: CliFolder;
let db: Db;
beforeEach(async () => {
  cli = openCliFolder();
  await cli.run(['buyer', 'create', '=acme']);
  await cli.run(['key', 'create', '=acme']);
  await cli.run(['topup', '=acme', '100']);
  await cli.run(['route', 'create', 'fast', '--upstream', 'anthropic']);
  db = openDatabase(cli.database, { mode: 'write' });
});
afterEach(() => {
  db.close();
  cli.remove();
});

let last = 0;
/** Opus: 25 USDC per million output tokens, 5 for input, 0.5 for reads. A millisecond apart, for ids are made of times. */
const settle = (at: number, tokens: Partial<typeof NO_TOKENS>, more: object = {}): unknown =>
  settleRequest(db, { route: 'fast', at: at - 842 + (last = (last + 1) % 500), parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, ...tokens } }], ...more });

/** What clients put into refused requests. */
function refuse(at: number, models: readonly string[]): void {
  const nextId = createRequestIds(2 as InstanceId, () => at);
  const refused = { status: 'refused', usageSource: 'none', tokens: NO_TOKENS, listCost: null, outputTokensMax: null, cardVersion: null, httpStatus: 404 } as const;
  const operations = models.map((model) => ({ op: 'refusal' as const, record: requestRowOf({ ...recordOf(nextId(), 1 as never), ...refused, model, errorCode: 'not_found' }) }));
  createEngine(db, { instance: 2 as InstanceId, now: () => at }).apply(operations);
}

const run = (argv: readonly string[], options: RunOptions = {}): Promise<CliResult> => cli.run(['export', ...argv], { now: NOW, ...options });
async function exported(argv: readonly string[], options: RunOptions = {}): Promise<Record<string, unknown>[]> {
  const { code, out, err } = await run([...argv, '--format', 'jsonl'], options);
  if (code !== 0) throw new Error(err);
  return out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('ainogap export', () => {
  it('has what the ledger dates later than now, as after a clock was set back, unless an end is named', async () => {
    settle(NOW + 2 * 3_600_000, { output: 1000 });
    expect(await exported([])).toHaveLength(1);
    expect(await exported(['--until', '2040-01-20T12:05'])).toHaveLength(0);
  });

  it('has every field of a request, with the charge of each class', async () => {
    settle(NOW, { input: 2000, output: 1000, cacheRead: 10_000 }, { webSearchRequests: 1, inferenceGeo: 'us', record: { flags: ['model_mismatch', 'exposure'] } });
    const [record, ...others] = await exported([]);
    expect(others).toEqual([]);
    expect(Object.keys(record ?? {}).toSorted()).toEqual([...EXPORT_FIELDS].toSorted());
    expect(record).toMatchObject({
      buyerId: 'buyer_1',
      buyer: '=acme',
      keyId: 'key_1',
      route: 'fast',
      priceCard: 'pc_1',
      quoteBasis: 'bytes',
      uncachedInputTokens: 2000,
      cacheReadTokens: 10_000,
      buyerChargeUsdMicros: 54_000,
      inputChargeUsdMicros: 11_000,
      outputChargeUsdMicros: 27_500,
      cacheReadChargeUsdMicros: 5500,
      webSearchChargeUsdMicros: 10_000,
      cacheSavedUsdMicros: 49_500,
      listCostUsdMicros: 54_000,
      holdUsdMicros: 54_000,
      shortfallUsdMicros: 0,
      webSearchRequests: 1,
      inferenceGeo: 'us',
      parts: null,
      flags: ['model_mismatch', 'exposure'],
    });
    expect(Date.parse(String(record?.['settledAt']))).toBeGreaterThan(Date.parse(String(record?.['startedAt'])));
  });

  it('splits an estimate that was capped into what was charged, as its receipt does', async () => {
    settle(NOW, { input: 2000, output: 1000 }, { charge: 7000n, record: { usageSource: 'estimated' } });
    expect(await exported([])).toEqual([expect.objectContaining({ buyerChargeUsdMicros: 7000, inputChargeUsdMicros: 2000, outputChargeUsdMicros: 5000 })]);
  });

  it('writes CSV that a reader gets back, and that a spreadsheet does not run', async () => {
    settle(NOW, { output: 1000 }, { parts: [1, 2].map((output) => ({ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, output } })), record: { flags: ['a', 'b'] } });
    refuse(NOW, HOSTILE);
    const { out } = await run([]);
    const [charged, ...refused] = readCsvRecords(out);
    expect(Object.keys(charged ?? {})).toEqual(EXPORT_FIELDS);
    expect(charged).toMatchObject({ buyer: "'=acme", outputTokens: '3', outputChargeUsdMicros: '75', flags: 'a b' });
    expect(JSON.parse(charged?.['parts'] ?? '')).toHaveLength(2);
    expect(refused.map(({ model }) => model)).toEqual(HOSTILE.map((model) => (/^[=@+-]/.test(model) ? `'${model}` : model)));
    expect((await exported([])).slice(1).map(({ model }) => model)).toEqual(HOSTILE);
    // What stands alone in a cell or line of it can begin no formula.
    expect(out.split(/,|\r\n/).filter((cell) => /^"?[=@+]/.test(cell))).toEqual([]);
  });

  it('cannot steer the terminal that it is shown on', async () => {
    refuse(NOW, HOSTILE);
    for (const format of ['csv', 'jsonl']) expect((await run(['--format', format], { terminal: 80 })).out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('agrees with `usage` of the same window to the micro', async () => {
    for (let day = 5; day >= 0; day--) for (let i = 1; i <= 3; i++) settle(NOW - day * DAY, { input: 7 * i, output: 311 * i + day, cacheWrite5m: 13, cacheRead: 977 * day });
    settle(NOW, { output: 5 }, { charge: 300_000_000n, hold: 0n });
    refuse(NOW, ['nothing']);
    for (const range of [[], ['--since', '3d'], ['--since', '2040-01-15', '--until', '2040-01-17'], ['--since', '2040-01-15T12:05'], ['--since', 'month', '--buyer', '=acme']]) {
      const rows = await exported(range);
      const { total } = JSON.parse((await cli.run(['usage', '--json', ...range], { now: NOW })).out) as { total: Record<string, number> };
      const sum = (field: string): number => rows.reduce((all, row) => all + Number(row[field]), 0);
      const exactly = ['uncachedInputTokens', 'outputTokens', 'cacheReadTokens', 'shortfallUsdMicros', 'inputChargeUsdMicros', 'cacheWrite5mChargeUsdMicros', 'cacheReadChargeUsdMicros', 'cacheSavedUsdMicros', 'listCostUsdMicros'];
      expect({ range, requests: rows.length, charge: sum('buyerChargeUsdMicros') }).toEqual({ range, requests: total['requests'], charge: total['chargeUsdMicros'] });
      for (const field of exactly) expect({ range, field, sum: sum(field) }).toEqual({ range, field, sum: total[field] });
    }
    expect(await exported(['--since', '2040-01-15', '--until', '2040-01-17'])).toHaveLength(9);
  });

  it('goes by settlement: a request that started long before its window is in it', async () => {
    settle(NOW - 2 * DAY, { output: 1 });
    const nextId = createRequestIds(3 as InstanceId, () => NOW - 3 * DAY);
    const record = requestRowOf({ ...recordOf(nextId(), 1 as never), status: 'refused', usageSource: 'none', tokens: NO_TOKENS, listCost: null, cardVersion: null });
    createEngine(db, { instance: 3 as InstanceId, now: () => NOW }).apply([{ op: 'refusal', record }]);
    expect(await exported(['--since', 'today'])).toHaveLength(1);
    expect(await exported(['--since', '2040-01-17', '--until', '2040-01-18'])).toHaveLength(1);
  });

  it('is the same whatever the size of its pages, and holds no more than one', async () => {
    for (let i = 0; i < 40; i++) settle(NOW - (i < 20 ? DAY : 0), { output: i + 1 });
    const options: ExportOptions = { format: 'csv', since: NOW - (NOW % DAY), until: NOW - (NOW % DAY) + DAY };
    const texts: string[] = [];
    for (const pageSize of [1, 3, 7, 1000]) {
      const pages: string[] = [];
      const { rows } = await exportRequests(db, { ...options, pageSize }, (text) => void pages.push(text));
      expect(rows).toBe(readCsvRecords(pages.join('')).length);
      for (const page of pages.slice(1)) expect(page.split('\r\n').length - 1).toBeLessThanOrEqual(pageSize);
      texts.push(pages.join(''));
    }
    expect(new Set(texts).size).toBe(1);
    expect(readCsvRecords(texts[0] as string)).toHaveLength(20);
  });

  it('waits for its reader, and leaves out what settles meanwhile', async () => {
    for (let i = 0; i < 6; i++) settle(NOW, { output: i + 1 });
    let free: (() => void) | undefined;
    let writes = 0;
    const done = exportRequests(db, { format: 'jsonl', since: NOW - DAY - (NOW % 60_000), until: NOW + DAY - (NOW % 60_000), pageSize: 2 }, () => {
      writes++;
      return new Promise((resolve) => {
        free = resolve;
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(writes).toBe(1);
    settle(NOW + 60_000, { output: 1 });
    for (let i = 0; i < 3; i++) {
      free?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await done).toEqual({ rows: 6 });
  });
});

describe('where it goes', () => {
  it('into a file of its owner alone, in the form that the name says, and talks on stderr', async () => {
    settle(NOW, { output: 1 });
    const file = path.join(cli.folder, 'out.jsonl');
    fs.writeFileSync(file, 'what was there', { mode: 0o644 });
    expect(await run(['--out', 'out.jsonl'])).toEqual({ code: 0, out: '', err: '1 request, 2040-01-20 00:00 to 2040-01-20 12:04, UTC, so far\n' });
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ outputTokens: 1 });
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(await run(['--out', 'out.csv'])).toMatchObject({ code: 0 });
    expect(fs.readFileSync(path.join(cli.folder, 'out.csv'), 'utf8')).toMatch(/^requestId,/);
    expect(fs.readdirSync(cli.folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it.each([
    [['--out', '.'], 2, 'is not a file'],
    [['--out', '/dev/null'], 2, 'is not a file'],
    [['--out', 'nowhere/out.csv'], 1, 'its folder is not there'],
    [['--format', 'xml'], 2, '--format: "xml" is none of csv, jsonl.'],
    [['--json', '--format', 'csv'], 2, '--json and --format csv exclude each other.'],
  ])('refuses %j', async (argv, code, words) => {
    const result = await run(argv);
    expect(result).toEqual({ code, out: '', err: expect.stringContaining(words) });
  });

  it('shows on a terminal how far it is', async () => {
    for (let i = 0; i < 3; i++) settle(NOW, { output: i + 1 });
    const { err } = await run(['--out', 'out.csv'], { terminal: 60, env: { LC_ALL: 'C' } });
    expect(err.replaceAll('\r\u001b[K', '|')).toMatch(/^\|#{10,} {2}100 % {2}3 of 3 rows\|3 requests, /);
  });

  const child = (argv: readonly string[], output: 'pipe' | 'ignore') =>
    spawn(process.execPath, [MAIN, 'export', '--since', 'yesterday', ...argv], { cwd: cli.folder, env: { PATH: process.env['PATH'] ?? '', HOME: cli.folder }, stdio: ['ignore', output, 'pipe'] });
  const ended = (process: ReturnType<typeof child>): Promise<number | null> => new Promise((resolve) => process.once('close', resolve));

  /** So many that they do not fit a pipe; of now, for a process of its own has the real clock. */
  function fill(): void {
    const nextId = createRequestIds(2 as InstanceId);
    const record = { ...recordOf(nextId(), 1 as never), status: 'refused', usageSource: 'none', tokens: NO_TOKENS, listCost: null, cardVersion: null } as const;
    const engine = createEngine(db, { instance: 2 as InstanceId });
    for (let i = 0; i < 20; i++) engine.apply(Array.from({ length: 1000 }, () => ({ op: 'refusal', record: requestRowOf({ ...record, requestId: nextId() }) })));
  }

  it('ends without a stack trace when its reader leaves', async () => {
    fill();
    const process = child([], 'pipe');
    let talk = '';
    process.stderr?.on('data', (chunk: Buffer) => {
      talk += chunk.toString();
    });
    process.stdout?.once('data', () => process.stdout?.destroy());
    expect({ code: await ended(process), talk }).toEqual({ code: 1, talk: '' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('leaves neither half a file nor what it wrote beside it when it is stopped by %s', async (signal, code) => {
    fill();
    fs.writeFileSync(path.join(cli.folder, 'out.csv'), 'what was there');
    const process = child(['--out', 'out.csv'], 'ignore');
    const partial = (): string | undefined => fs.readdirSync(cli.folder).find((name) => name.endsWith('.partial'));
    while (partial() === undefined && process.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(partial()).toBeDefined();
    process.kill(signal);
    expect(await ended(process)).toBe(code);
    expect(partial()).toBeUndefined();
    expect(fs.readFileSync(path.join(cli.folder, 'out.csv'), 'utf8')).toBe('what was there');
  });
});
