import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { Db } from '../../src/db/open.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { recordRefusal, settleRequest } from '../reports/settled-request.ts';
import { readCsvRecords } from '../support/read-csv.ts';
import { CONFIG, openCliFolder } from './cli-run.ts';
import type { CliFolder, CliResult, RunOptions } from './cli-run.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** After the top-up, which is made by the real clock: ledger time never runs backwards. */
const NOW = Date.UTC(2040, 0, 20, 12, 4, 17);

let cli: CliFolder;
let db: Db;
beforeEach(async () => {
  cli = openCliFolder();
  for (const name of ['acme', 'globex']) await cli.run(['buyer', 'create', name]);
  await cli.run(['key', 'create', 'acme', '--label', '=cmd()']);
  await cli.run(['topup', 'acme', '100']);
  for (const alias of ['fast', 'slow']) await cli.run(['route', 'create', alias, '--upstream', 'anthropic']);
  db = openDatabase(cli.database, { mode: 'write' });
});
afterEach(() => {
  db.close();
  cli.remove();
});

/** Opus: 25 USDC per million output tokens, 5 for input, 0.5 for reads. */
const settle = (at: number, tokens: Partial<typeof NO_TOKENS>, route = 'fast', more: object = {}): unknown =>
  settleRequest(db, { route, at: at - 842, parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, ...tokens } }], ...more });

const usage = (argv: readonly string[], options: RunOptions = {}): Promise<CliResult> => cli.run(['usage', ...argv], { now: NOW, ...options });

interface Document {
  readonly since: string;
  readonly until: string;
  readonly timezone: string;
  readonly running: boolean;
  readonly rows: readonly Record<string, unknown>[];
  readonly total: Record<string, number>;
}
async function document(...argv: string[]): Promise<Document> {
  const { code, out, err } = await usage([...argv, '--json']);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Document;
}

describe('ainogap usage', () => {
  it('sums by class, buyer, key, route, model, day and hour to one and the same total', async () => {
    settle(NOW - 2 * DAY, { output: 1000, cacheRead: 10_000 });
    settle(NOW - HOUR, { input: 1000, cacheWrite5m: 400 }, 'slow');
    settle(NOW, { output: 2000 }, 'fast', { webSearchRequests: 2 });
    recordRefusal(db, { at: NOW, code: 'not_found' });
    const byClass = await document('--since', '7d');
    expect(byClass.rows).toEqual([
      { class: 'input', tokens: 1000, chargeUsdMicros: 5000 },
      { class: 'output', tokens: 3000, chargeUsdMicros: 75_000 },
      { class: 'cacheWrite5m', tokens: 400, chargeUsdMicros: 2500 },
      { class: 'cacheWrite1h', tokens: 0, chargeUsdMicros: 0 },
      { class: 'cacheRead', tokens: 10_000, chargeUsdMicros: 5000 },
      { class: 'webSearch', tokens: null, chargeUsdMicros: 20_000 },
    ]);
    expect(byClass.total).toMatchObject({ requests: 4, refused: 1, errors: 0, chargeUsdMicros: 107_500, listCostUsdMicros: 107_500, marginUsdMicros: 0, margin: 0 });
    expect(byClass.total).toMatchObject({ cacheSavedUsdMicros: 45_000 - 500, hitShare: 0.877193 });
    for (const by of ['buyer', 'key', 'route', 'model', 'day', 'hour']) {
      const { rows, total } = await document('--by', by, '--since', '7d');
      expect({ by, total }).toEqual({ by, total: byClass.total });
      for (const field of ['requests', 'chargeUsdMicros', 'outputTokens', 'cacheReadChargeUsdMicros', 'webSearchChargeUsdMicros', 'cacheSavedUsdMicros'])
        expect({ by, field, sum: rows.reduce((sum, row) => sum + Number(row[field]), 0) }).toEqual({ by, field, sum: total[field] });
    }
  });

  it('names what the rows are of, the highest charge first', async () => {
    settle(NOW, { output: 1000 }, 'slow');
    settle(NOW + 1, { output: 10 }, 'fast');
    recordRefusal(db, { at: NOW, code: 'not_found' });
    const names = async (by: string, ...fields: string[]): Promise<unknown> => (await document('--by', by)).rows.map((row) => fields.map((field) => row[field]));
    expect(await names('buyer', 'buyerId', 'buyer')).toEqual([['buyer_1', 'acme']]);
    expect(await names('key', 'keyId', 'key', 'buyer')).toEqual([['key_1', '=cmd()', 'acme']]);
    expect(await names('model', 'model')).toEqual([['claude-opus-4-6'], ['(refused)']]);
    expect(await names('route', 'routeId', 'route')).toEqual([['route_2', 'slow'], ['route_1', 'fast'], [null, '(no route)']]);
    await cli.run(['route', 'delete', 'slow', '--yes']);
    expect(await names('route', 'route')).toEqual([['slow (deleted)'], ['fast'], ['(no route)']]);
  });

  it('has what the ledger dates later than now, as after a clock was set back, unless an end is named', async () => {
    settle(NOW + 2 * HOUR, { output: 1000 });
    expect(await document()).toMatchObject({ until: '2040-01-20T14:05:00.000Z', running: true, total: { chargeUsdMicros: 25_000 } });
    expect((await document('--by', 'hour')).rows.at(-1)).toMatchObject({ hour: '2040-01-20 14:00', requests: 1 });
    expect((await document('--until', '2040-01-20T12:05')).total).toMatchObject({ requests: 0 });
  });

  it('filters by buyer', async () => {
    settle(NOW, { output: 1000 });
    expect((await document('--buyer', 'acme')).total).toMatchObject({ requests: 1, chargeUsdMicros: 25_000 });
    const none = await usage(['--buyer', 'globex']);
    expect(none).toMatchObject({ code: 0, err: 'usage by class of globex, 2040-01-20 00:00 to 2040-01-20 12:04, UTC, so far\nNo requests ended in this time.\n' });
    expect(await usage(['--buyer', 'acne'])).toMatchObject({ code: 1, err: 'error: buyer "acne" not found. Did you mean "acme"?\n  ainogap buyer list\n' });
  });

  it('shows days and hours without use as zeros, and the running one as such', async () => {
    settle(NOW - 2 * DAY, { output: 1000 });
    settle(NOW, { output: 1000 });
    const days = (await document('--by', 'day', '--since', '4d')).rows.map(({ day, requests, running }) => [day, requests, running]);
    expect(days).toEqual([
      ['2040-01-17', 0, false],
      ['2040-01-18', 1, false],
      ['2040-01-19', 0, false],
      ['2040-01-20', 1, true],
    ]);
    expect((await document('--by', 'day')).rows).toHaveLength(7);
    const hours = (await document('--by', 'hour')).rows;
    expect(hours).toHaveLength(24);
    expect(hours.at(-1)).toMatchObject({ hour: '2040-01-20 12:00', start: '2040-01-20T12:00:00.000Z', running: true, requests: 1 });
    expect(hours[0]).toMatchObject({ hour: '2040-01-19 13:00', requests: 0, chargeUsdMicros: 0 });
    expect((await document('--by', 'day', '--since', 'today', '--until', 'month')).rows).toHaveLength(1);
  });

  it("has the days of the configured zone, and says which", async () => {
    cli.write('config.yaml', `${CONFIG}timezone: America/St_Johns\n`);
    // 02:30 UTC is 23:00 of the day before.
    settle(Date.UTC(2040, 0, 20, 2, 30), { output: 1000 });
    const { rows, timezone, since, until } = await document('--by', 'day', '--since', 'yesterday', '--until', 'today');
    expect({ timezone, since, until }).toEqual({ timezone: 'America/St_Johns', since: '2040-01-19T03:30:00.000Z', until: '2040-01-21T03:30:00.000Z' });
    expect(rows.map(({ day, requests }) => [day, requests])).toEqual([['2040-01-19', 1], ['2040-01-20', 0]]);
  });

  it('writes CSV and tab-separated values with the same fields, harmless in a spreadsheet', async () => {
    settle(NOW, { output: 1000 });
    const csv = await usage(['--by', 'key', '--csv']);
    const [record, ...others] = readCsvRecords(csv.out);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ keyId: 'key_1', key: "'=cmd()", buyer: 'acme', outputTokens: '1000', outputChargeUsdMicros: '25000', chargeUsdMicros: '25000', requests: '1' });
    expect(csv.err).toContain('2040-01-20 00:00 to 2040-01-20 12:04, UTC, so far');
    const piped = (await usage(['--by', 'key'])).out.trimEnd().split('\n').map((line) => line.split('\t'));
    expect(piped[0]).toEqual(Object.keys(record ?? {}));
    expect(piped[1]).toEqual(Object.values({ ...record, key: '=cmd()' }));
  });

  it.each([
    [['--by', 'days'], '--by: "days" is none of class, buyer, key, route, model, day, hour. Did you mean "day"?'],
    [['--since', 'tomorrow'], '--since: "tomorrow" is not a time'],
    [['--since', '2040-01-21'], '--since: "2040-01-21" lies in the future.'],
    [['--since', 'today', '--until', 'yesterday'], '--until: "yesterday" is not after --since, 2040-01-20 00:00 UTC.'],
    [['--since', '2040-01-20T10:00:30'], '"2040-01-20T10:00:30" is not a whole minute'],
    [['--by', 'hour', '--since', '2036'], '--since: "2036" is not a time'],
    [['--by', 'hour', '--since', '2036-01'], 'this window has more than 10000 rows'],
    [['--csv', '--chart'], '--json, --csv and --chart exclude each other.'],
    [['--csv', '--json'], '--json, --csv and --chart exclude each other.'],
  ])('refuses %j in words', async (argv, words) => {
    const { code, out, err } = await usage(argv);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: expect.stringContaining(words) });
  });

  it('says what to do where an upgraded database is not summed yet', async () => {
    db.exec('UPDATE usage_state SET complete = 0');
    expect(await usage([])).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^error: usage is not summed yet .*\n {2}ainogap verify --rebuild\n$/s) });
  });
});

describe('its table on a terminal', () => {
  beforeEach(() => {
    settle(NOW - DAY, { input: 1_234_567, output: 9_000, cacheRead: 10_000_000 });
    settle(NOW, { output: 1000 });
  });
  const lines = async (terminal: number, ...argv: string[]): Promise<string[]> => (await usage(argv, { terminal, env: { NO_COLOR: '1' } })).out.trimEnd().split('\n');

  it('has the window above, and a total below', async () => {
    const wide = await lines(200, '--by', 'day', '--since', '2d');
    expect(wide[0]).toBe('usage by day, 2040-01-19 00:00 to 2040-01-20 12:04, UTC, so far');
    expect(wide[1]?.split(/ {2,}/)).toEqual(['day', 'input', 'USDC', 'output', 'USDC', 'write 5m', 'USDC', 'write 1h', 'USDC', 'read', 'USDC', 'charge', 'list', 'margin', 'saved', 'hits', 'requests', 'errors']);
    expect(wide.at(-1)?.split(/ {2,}/)).toEqual(['total', '1.2M', '6.17', '10.0k', '0.25', '0', '0.00', '0', '0.00', '10.0M', '5.00', '11.42', '11.42', '0.0 %', '45.00', '89.0 %', '2', '0']);
  });

  it.each([30, 40, 60, 80, 100, 120])('fits into %i columns, the charge always there', async (columns) => {
    const all = await lines(columns, '--by', 'day', '--since', '2d');
    for (const line of all.slice(1)) expect(line.length).toBeLessThanOrEqual(columns);
    expect(all.at(-1)).toMatch(/^total .*11\.42/);
  });

  it('by class has the shares, and a line with what the rest of the views say', async () => {
    const all = await lines(80, '--since', '2d');
    expect(all[2]).toMatch(/^input +1,234,567 +6\.17 +54\.0 %$/);
    expect(all[7]).toMatch(/^total +11\.42 +100\.0 %$/);
    expect(all.slice(8).join(' ')).toContain('caching saved 45.00   hit share 89.0 %');
  });
});

describe('its chart', () => {
  const chart = async (options: RunOptions = {}, ...argv: string[]): Promise<string[]> =>
    (await usage(['--by', 'day', '--since', '2d', '--chart', ...argv], options)).out.trimEnd().split('\n');

  it('stacks the classes in proportion, on one scale, and says which day still runs', async () => {
    settle(NOW - DAY, { input: 5000, output: 1000, cacheRead: 100_000 });
    settle(NOW, { output: 1500 });
    const [yesterday, today, legend] = await chart();
    expect(yesterday).toMatch(/^2040-01-19 {2}(█+)(▓+)(▄+) {2}0\.10 *$/);
    const [input = '', output = '', read = ''] = [/█+/, /▓+/, /▄+/].map((glyph) => glyph.exec(yesterday ?? '')?.[0]);
    expect(input.length + output.length + read.length).toBe(80 - '2040-01-19'.length - ' so far'.length - '0.10'.length - 4);
    expect([output.length - input.length, read.length - 2 * input.length].every((off) => Math.abs(off) <= 2)).toBe(true);
    expect(today).toMatch(/^2040-01-20 {2}▓+ +0\.04 so far$/);
    expect(/▓+/.exec(today ?? '')?.[0].length).toBe(Math.round((yesterday as string).replace(/[^█▓▄]/g, '').length * 0.375));
    expect(legend).toBe('█ input  ▓ output  ▒ write 5m  ░ write 1h  ▄ read');
  });

  it('is drawn in ASCII without Unicode, and in colours of the classes where there are some', async () => {
    settle(NOW, { input: 5000, cacheWrite1h: 1000 }, 'fast', { webSearchRequests: 1 });
    expect((await chart({ env: { LC_ALL: 'C' } }))[1]).toMatch(/^2040-01-20 {2}i+h+-+ {2}0\.05 so far$/);
    const coloured = (await chart({ terminal: 100, env: { TERM: 'xterm', LANG: 'en_US.UTF-8' } }))[2] ?? '';
    expect(coloured).toContain('\u001b[36m█');
    expect(coloured).toContain('\u001b[94m█');
    expect(stripVTControlCharacters(coloured)).toMatch(/█+─+ {2}0\.05 so far$/);
    expect((await chart({ terminal: 100, env: { NO_COLOR: '1' } })).join('')).not.toContain('\u001b');
  });

  it.each([20, 40, 80, 200])('fits into %i columns, with the smallest charge still seen', async (columns) => {
    settle(NOW - DAY, { output: 1_000_000 });
    settle(NOW, { cacheRead: 2 });
    const lines = await chart({ terminal: columns, env: { NO_COLOR: '1' } });
    for (const line of lines.slice(1)) expect(line.length).toBeLessThanOrEqual(columns);
    expect(lines[2]).toMatch(columns === 20 ? /▄ *<0\.01$/ : /▄ *<0\.01 so far$/);
  });

  it('draws a bar for each class by class', async () => {
    settle(NOW, { input: 5000, output: 1000 });
    const { out } = await usage(['--chart']);
    const bars = out.split('\n').slice(0, 5).map((line) => line.replace(/ +/g, ' ').trim());
    expect(bars.map((bar) => bar.replace(/(.)\1{5,}/, '$1'))).toEqual(['input █ 0.03', 'output ▓ 0.03', 'write 5m 0.00', 'write 1h 0.00', 'read 0.00']);
  });
});
