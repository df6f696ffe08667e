import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { Db } from '../../src/db/open.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { settleRequest } from '../reports/settled-request.ts';
import { readCsvRecords } from '../support/read-csv.ts';
import { CONFIG, openCliFolder } from './cli-run.ts';
import type { CliFolder, CliResult, RunOptions } from './cli-run.ts';

const DAY = 86_400_000;
/** Ledger time never runs backwards, so what follows the top-ups, which are made by the real clock, is later than now. */
const NOW = Date.UTC(2040, 0, 20, 12, 4, 17);
const HOSTILE = '<script src="https://evil.example/x.js">';

let cli: CliFolder;
let db: Db;
beforeEach(async () => {
  cli = openCliFolder();
  await cli.run(['buyer', 'create', HOSTILE], { now: Date.UTC(2026, 9, 15) });
  await cli.run(['key', 'create', 'buyer_1']);
  await cli.run(['route', 'create', 'fast', '--upstream', 'anthropic']);
  await cli.run(['topup', 'buyer_1', '100', '--reference', '=HYPERLINK("https://evil.example")']);
  await cli.run(['topup', 'buyer_1', '-3.25', '--adjust', '--reason', 'a "slip" & <b>more</b>']);
  db = openDatabase(cli.database, { mode: 'write' });
  // Tests of later months find the top-ups in the month of the real clock, so their times are moved to a known one.
  db.exec('DROP TRIGGER transfers_immutable');
  db.prepare('UPDATE transfers SET at = ? WHERE kind IN (1, 2)').run(Date.UTC(2040, 0, 3, 10, 30));
  settle(NOW - DAY, { input: 2000, output: 1000, cacheRead: 10_000 });
  settle(NOW, { output: 2000 }, { webSearchRequests: 1, charge: 200_000_000n, hold: 60_000n });
});
afterEach(() => {
  db.close();
  cli.remove();
});

/** Opus: 25 USDC per million output tokens, 5 for input, 0.5 for reads. */
const settle = (at: number, tokens: Partial<typeof NO_TOKENS>, more: object = {}): unknown =>
  settleRequest(db, { route: 'fast', at: at - 842, parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, ...tokens } }], ...more });

const statement = (argv: readonly string[] = [], options: RunOptions = {}): Promise<CliResult> => cli.run(['statement', 'buyer_1', ...argv], { now: NOW, ...options });

describe('ainogap statement', () => {
  it('goes from the opening to the closing balance, shortfall and all', async () => {
    const { code, out } = await statement(['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      buyerId: 'buyer_1',
      buyer: HOSTILE,
      month: '2040-01',
      since: '2040-01-01T00:00:00.000Z',
      until: '2040-02-01T00:00:00.000Z',
      timezone: 'UTC',
      running: true,
      openingUsdMicros: 0,
      topUpsUsdMicros: 100_000_000,
      adjustmentsUsdMicros: -3_250_000,
      chargeUsdMicros: 40_000 + 200_000_000,
      shortfallUsdMicros: 200_040_000 - 96_750_000,
      debitedUsdMicros: 96_750_000,
      closingUsdMicros: 0,
      fundings: [
        { kind: 'topup', at: '2040-01-03T10:30:00.000Z', amountUsdMicros: 100_000_000, reference: '=HYPERLINK("https://evil.example")', reason: null },
        { kind: 'adjustment', amountUsdMicros: -3_250_000, reason: 'a "slip" & <b>more</b>' },
      ],
      days: [
        { day: '2040-01-19', requests: 1, uncachedInputTokens: 2000, inputChargeUsdMicros: 10_000, outputChargeUsdMicros: 25_000, cacheReadChargeUsdMicros: 5000, chargeUsdMicros: 40_000, debitedUsdMicros: 40_000 },
        { day: '2040-01-20', webSearchChargeUsdMicros: 10_000, shortfallUsdMicros: 103_290_000, debitedUsdMicros: 96_710_000 },
      ],
    });
  });

  it('has lines whose amounts add up, in CSV and tab-separated, harmless in a spreadsheet', async () => {
    const lines = readCsvRecords((await statement(['--csv'])).out);
    expect(lines.map(({ line, day, amountUsdMicros, balanceUsdMicros }) => [line, day, amountUsdMicros, balanceUsdMicros])).toEqual([
      ['opening', '', '', '0'],
      ['topup', '', '100000000', ''],
      ['adjustment', '', '-3250000', ''],
      ['charges', '2040-01-19', '-40000', ''],
      ['charges', '2040-01-20', '-96710000', ''],
      ['closing', '', '', '0'],
    ]);
    expect(lines[1]?.['reference']).toBe(`'=HYPERLINK("https://evil.example")`);
    const piped = (await statement()).out.trimEnd().split('\n').map((line) => line.split('\t'));
    expect(piped).toHaveLength(7);
    expect(piped[0]).toEqual(Object.keys(lines[0] ?? {}));
    expect(piped[4]).toEqual(Object.values(lines[3] ?? {}));
  });

  it('says on a terminal what was charged when, in which class, and what the balance did not cover', async () => {
    const { out } = await statement([], { terminal: 140, env: { NO_COLOR: '1' } });
    const lines = out.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, '  '));
    expect(lines.slice(0, 2)).toEqual([`statement of ${HOSTILE}, 2040-01`, '2040-01-01 00:00 to 2040-01-20 12:04, UTC, so far; in USDC']);
    for (const line of ['opening balance  0.000000', 'top-ups  +100.000000', 'adjustments  -3.250000', 'charges  -200.040000', 'not covered  +103.290000', 'closing balance  0.000000'])
      expect(lines).toContain(line);
    expect(lines.find((line) => line.startsWith('2040-01-03 10:30  top-up  +100.000000'))).toContain('=HYPERLINK');
    expect(lines).toContain('2040-01-19  1  0.010000  0.025000  0.000000  0.000000  0.005000  0.000000  0.040000  0.000000  0.040000');
    for (const columns of [40, 60, 80, 120]) {
      const narrow = (await statement([], { terminal: columns, env: { NO_COLOR: '1' } })).out.split('\n').slice(2);
      expect(narrow.filter((line) => line.length > columns)).toEqual([]);
    }
  });

  it('has the months and days of the configured zone', async () => {
    cli.write('config.yaml', `${CONFIG}timezone: Pacific/Kiritimati\n`);
    // 14 hours ahead: there it is the first of February.
    settle(Date.UTC(2040, 0, 31, 11), { output: 1 }, { hold: 0n });
    const months = await Promise.all(
      ['2040-01', '2040-02'].map(async (month) => JSON.parse((await statement(['--month', month, '--json'], { now: NOW + 20 * DAY })).out) as { days: { day: string }[]; until: string }),
    );
    expect(months.map(({ days }) => days.map(({ day }) => day))).toEqual([['2040-01-20', '2040-01-21'], ['2040-02-01']]);
    expect(months[0]?.until).toBe('2040-01-31T10:00:00.000Z');
  });

  it('is of this month unless another is named; none is of the future or of before the buyer', async () => {
    const opening = async (month: string): Promise<unknown> => (JSON.parse((await statement(['--month', month, '--json'])).out) as { openingUsdMicros: number }).openingUsdMicros;
    expect(await opening('2026-10')).toBe(0);
    expect(await statement(['--month', '2026-09'])).toMatchObject({ code: 2, out: '', err: `error: buyer ${HOSTILE} was made on 2026-10-15; there is no statement for 2026-09.\n` });
    expect(await statement(['--month', '2040-02'])).toMatchObject({ code: 2, err: 'error: --month: 2040-02 lies in the future; it is 2040-01-20 12:04 (UTC).\n' });
    for (const month of ['2040', '2040-13', '2040-1', 'january', '2040-01-01'])
      expect(await statement(['--month', month])).toMatchObject({ code: 2, err: `error: --month: "${month}" is not a month: write one such as 2040-01.\n` });
    expect(await cli.run(['statement', 'nobody'])).toMatchObject({ code: 1, err: expect.stringContaining('buyer "nobody" not found') });
  });

  it('is refused where the books do not agree', async () => {
    db.exec('UPDATE accounts SET credits_posted = credits_posted + 1000000 WHERE id = 1');
    const { code, out, err } = await statement(['--json']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('its books do not agree: top-ups, adjustments and charges come to 0.000000 USDC, the buyer\'s account has 1.000000.\n  ainogap verify\n');
  });
});

describe('its page', () => {
  it('loads nothing and runs nothing, and quotes what others wrote', async () => {
    const { out, code } = await statement(['--html']);
    expect(code).toBe(0);
    expect(out.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    expect(out).toContain('&lt;script src=&quot;https://evil.example/x.js&quot;&gt;');
    expect(out).toContain('a &quot;slip&quot; &amp; &lt;b&gt;more&lt;/b&gt;');
    // Every tag is one of ours, and none can load or run anything.
    const tags = new Set([...out.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name));
    expect([...tags].filter((name) => !'html head meta title style body header h1 p bdi strong main table caption thead tbody tfoot tr th td div span footer'.split(' ').includes(name as string))).toEqual([]);
    const attributes = new Set([...out.matchAll(/<[a-z0-9]+((?: [a-z-]+="[^"]*")*)>/g)].flatMap(([, all = '']) => [...all.matchAll(/ ([a-z-]+)="/g)].map(([, name]) => name)));
    expect(attributes).toEqual(new Set(['lang', 'charset', 'http-equiv', 'name', 'content', 'class', 'scope', 'aria-hidden', 'style']));
    expect(out).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`);
    expect(out).not.toMatch(/url\(|@import|<link|<script|<img|javascript:/i);
    expect(/<style>([^<]*)<\/style>/.exec(out)?.[1]).toMatch(/prefers-color-scheme: dark[^]*@page \{ size: A4/);
  });

  it('shows the same figures, and is a page of its own for a month without requests', async () => {
    const { out } = await statement(['--html']);
    const cells = [...out.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => cell);
    expect(cells.slice(0, 12)).toEqual([
      'Opening balance',
      '0.000000',
      'Top-ups',
      '+100.000000',
      'Adjustments',
      '-3.250000',
      'Charges',
      '-200.040000',
      'Charges that the balance did not cover (not debited)',
      '+103.290000',
      'Closing balance',
      '0.000000',
    ]);
    const empty = (await statement(['--html', '--month', '2026-10'])).out;
    expect(empty).toContain('No requests ended in this month.');
    expect(empty).not.toContain('So far');
  });
});
