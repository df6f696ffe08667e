import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { Db } from '../../src/db/open.ts';
import { formatRequestId } from '../../src/ids.ts';
import { parseSince } from '../../src/reports/parse-time.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { recordRefusal, settleRequest } from '../reports/settled-request.ts';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;

let cli: CliFolder;
let db: Db;
beforeEach(async () => {
  cli = openCliFolder();
  for (const name of ['acme', 'globex']) await cli.run(['buyer', 'create', name]);
  await cli.run(['key', 'create', 'acme']);
  await cli.run(['topup', 'acme', '10']);
  for (const alias of ['fast', 'slow']) await cli.run(['route', 'create', alias, '--upstream', 'anthropic']);
  db = openDatabase(cli.database, { mode: 'write' });
});
afterEach(() => {
  db.close();
  cli.remove();
});

const settle = (route: string, at: number, output = 1000): string =>
  formatRequestId(settleRequest(db, { route, at, parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, output } }] }));

async function idsOf(...argv: string[]): Promise<string[]> {
  const { code, out, err } = await cli.run(['requests', '--json', ...argv], { now: NOW });
  if (code !== 0) throw new Error(err);
  return (JSON.parse(out) as { requests: { requestId: string }[] }).requests.map(({ requestId }) => requestId);
}

describe('ainogap requests', () => {
  it('lists newest first, and filters by buyer, route, time and number', async () => {
    const old = settle('fast', NOW - 5 * 24 * HOUR);
    const slow = settle('slow', NOW - 2 * HOUR);
    const refused = formatRequestId(recordRefusal(db, { at: NOW - HOUR, code: 'not_found' }));
    const latest = settle('fast', NOW);
    expect(await idsOf()).toEqual([latest, refused, slow, old]);
    expect(await idsOf('--since', '7d')).toHaveLength(4);
    expect(await idsOf('--since', '2h')).toEqual([latest, refused, slow]);
    expect(await idsOf('--since', '119m')).toEqual([latest, refused]);
    expect(await idsOf('--since', '2026-11-23')).toEqual([latest, refused, slow]);
    expect(await idsOf('--since', '2026-11-23T11:30+00:00')).toEqual([latest]);
    expect(await idsOf('--route', 'fast')).toEqual([latest, old]);
    expect(await idsOf('--buyer', 'acme', '--route', 'slow')).toEqual([slow]);
    expect(await idsOf('--buyer', 'globex')).toEqual([]);
    expect(await idsOf('--limit', '2')).toEqual([latest, refused]);
  });

  it('has the fields of the meter, with money as integers and ids as text', async () => {
    const id = settle('fast', NOW);
    const { out } = await cli.run(['requests', '--json'], { now: NOW });
    expect(JSON.parse(out)).toEqual({
      prunedBefore: null,
      requests: [
        {
          requestId: id,
          buyerId: 'buyer_1',
          route: 'fast',
          model: 'claude-opus-4-6',
          uncachedInputTokens: 0,
          cacheWrite5mTokens: 0,
          cacheWrite1hTokens: 0,
          cacheReadTokens: 0,
          outputTokens: 1000,
          buyerChargeUsdMicros: 25_000,
          usageSource: 'reported',
          status: 'completed',
          startedAt: '2026-11-23T12:00:00.000Z',
          durationMs: 842,
          timeToFirstByteMs: 120,
          upstream: 'anthropic',
          upstreamRequestId: 'req_upstream1',
          keyId: 'key_1',
          httpStatus: 200,
          errorCode: null,
          flags: [],
          shortfallUsdMicros: 0,
        },
      ],
    });
  });

  it('pipes the same fields as tab-separated values', async () => {
    const id = settle('fast', NOW);
    expect((await cli.run(['requests'])).out.split('\n').map((line) => line.split('\t'))).toEqual([
      ['requestId', 'buyerId', 'route', 'model', 'uncachedInputTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'cacheReadTokens', 'outputTokens']
        .concat(['buyerChargeUsdMicros', 'usageSource', 'status', 'startedAt', 'durationMs', 'timeToFirstByteMs', 'upstream', 'upstreamRequestId']),
      [id, 'buyer_1', 'fast', 'claude-opus-4-6', '0', '0', '0', '0', '1000', '25000', 'reported', 'completed']
        .concat(['2026-11-23T12:00:00.000Z', '842', '120', 'anthropic', 'req_upstream1']),
      [''],
    ]);
  });

  it('still finds the record of a deleted route by its alias', async () => {
    const id = settle('slow', NOW);
    await cli.run(['route', 'delete', 'slow', '--yes']);
    expect(await idsOf('--route', 'slow')).toEqual([id]);
  });

  it('hints at the nearest route when nothing is found', async () => {
    const { code, err } = await cli.run(['requests', '--route', 'fsat']);
    expect(code).toBe(0);
    expect(err).toContain('! There is no route "fsat" now. Did you mean "fast"?');
  });

  it.each([
    [['--since', 'tomorrow'], 2, 'is not a time'],
    [['--since', '2026-02-30'], 2, 'is not a time'],
    [['--limit', '0'], 2, '--limit'],
    [['--limit', '1e3'], 2, '--limit'],
    [['--limit', '-1'], 2, '--limit'],
    [['--buyer', 'acm'], 1, 'Did you mean "acme"?'],
    [['extra'], 2, 'too many arguments'],
  ])('answers %j with exit %i and %j', async (argv, code, words) => {
    const result = await cli.run(['requests', ...argv]);
    expect(result.err).toContain(words);
    expect(result).toMatchObject({ code, out: '' });
  });

  it('is tab-separated in a pipe, whatever an upstream or client put into the record', async () => {
    settleRequest(db, { route: 'fast', at: NOW, parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, output: 1 } }], record: { upstreamRequestId: 'a\tb\nc\u001b[31m\u202e\u009b' } });
    const { out } = await cli.run(['requests']);
    const lines = out.trimEnd().split('\n').map((line) => line.split('\t'));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toHaveLength(lines[0]?.length ?? 0);
    expect(out).toContain('a\\u0009b\\u000ac\\u001b[31m\\u202e');
    expect(out).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    const json = await cli.run(['requests', '--json']);
    expect(json.out).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(json.out)).toMatchObject({ requests: [{ upstreamRequestId: 'a\tb\nc\u001b[31m\u202e\u009b' }] });
  });

  it.each([40, 60, 80, 120, 250])('never exceeds a terminal of %i columns', async (columns) => {
    settle('fast', NOW);
    const { out } = await cli.run(['requests'], { terminal: columns, env: { NO_COLOR: '1' } });
    expect(out).toContain('req_');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });
});

describe('burn', () => {
  it("is the last hour's charge, by settlement, and gives the time until empty", async () => {
    // Ledger time never runs backwards, so this is after the top-up that was made just now.
    const later = Date.UTC(2040, 0, 1);
    settle('fast', later - 2 * HOUR, 40_000);
    settle('fast', later - HOUR / 2, 40_000);
    const { out } = await cli.run(['balance', 'acme'], { now: later });
    expect(out).toBe('balance 8.00   held 0.00   available 8.00   burn 1.00/h   empty in 8h 0m\n');
  });
});

describe('a time for --since', () => {
  it.each([
    ['30m', NOW - HOUR / 2],
    ['90s', NOW - 90_000],
    ['1w', NOW - 7 * 24 * HOUR],
    ['2026-11-23T12:00Z', NOW],
    ['2026-11-23T12:00', NOW],
    ['2026-11-23T12:00:00.250', NOW + 250],
    ['2026-11-23T13:00:00+01:00', NOW],
    ['2026-11-23', NOW - 12 * HOUR],
    ['today', NOW - 12 * HOUR],
    ['yesterday', NOW - 36 * HOUR],
    ['2026-11', Date.UTC(2026, 10, 1)],
  ])('reads %j', (text, ms) => expect(parseSince(text, NOW)).toEqual({ ok: true, ms }));

  it.each(['', '7', 'd', '-7d', '7 d', '2026', '2026-13-01', '2026-02-29', '2026-11-23T25:00', '23/11/2026'])('does not read %j', (text) => {
    expect(parseSince(text, NOW).ok).toBe(false);
  });
});
