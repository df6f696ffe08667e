/** A request's receipt as the live view lays it out, from a database that a gateway could have left. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperatorReads, type OperatorReads } from '../../src/cli/operator-reads.ts';
import type { RequestId } from '../../src/ids.ts';
import { micro } from '../../src/money.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { cellWidth } from '../../src/tui/cell-width.ts';
import { recordRefusal, settleRequest, type SettledRequest } from '../reports/settled-request.ts';
import { openFundedFolder, type FundedFolder } from './funded-folder.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const GOLDEN = { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 };
const OPUS = { model: 'claude-opus-4-6', tokens: GOLDEN };

let cli: FundedFolder;
let reads: OperatorReads;
beforeEach(async () => {
  cli = await openFundedFolder({ multiplier: '0.8', keyLabel: 'prod' });
  const sink = { isTTY: false, columns: 80, write: () => undefined };
  const ctx = { env: {}, cwd: cli.folder, stdout: sink, stderr: sink, interactive: false, ask: async () => false, now: () => NOW };
  reads = createOperatorReads({ database: cli.database, timezone: 'UTC', origin: 'http://127.0.0.1:8787', upstreams: ['anthropic'], ctx });
});
afterEach(() => {
  reads.close();
  cli.remove();
});

let at = NOW;
const settle = (request: Partial<SettledRequest> = {}): RequestId => settleRequest(cli.db, { route: 'fast', at: at++, parts: [OPUS], ...request });
const linesOf = (id: RequestId, columns: number): readonly string[] => reads.request(id, columns)?.receipt ?? [];

/** The lines of its receipt. */
const sheet = (request: Partial<SettledRequest> = {}): readonly string[] => linesOf(settle(request), 100);

/** From the head to the charge. */
const figures = (lines: readonly string[]): string[] => lines.slice(lines.findIndex((line) => line.startsWith('class')), lines.findIndex((line) => line.startsWith('charge')) + 1);

describe('the figures', () => {
  it('are the multiplications with their marks, and a rule above what they come to', () => {
    expect(figures(sheet())).toEqual([
      'class             tokens  ×  USDC/M  =      USDC  if nothing were cached',
      'I input               50       4.00     0.000200  0.007000  (1,750 × 4.00)',
      'O output             120      20.00     0.002400  0.002400',
      '5 cache write 5m     200       5.00     0.001000         —',
      'H cache write 1h       0       8.00     0.000000         —',
      'R cache read       1,500       0.40     0.000600         —',
      '──────────────────────────────────────────────────────────',
      'charge             1,870                0.004200  0.009400',
    ]);
  });

  it('give way to a narrow terminal: the comparison first, then the prices, never the charge', () => {
    const id = settle();
    for (let columns = 12; columns <= 100; columns++) {
      const lines = figures(linesOf(id, columns));
      expect(lines.filter((line) => cellWidth(line) > Math.max(columns, 23)), `at ${columns} columns`).toEqual([]);
      expect(lines.find((line) => line.startsWith('O output'))).toContain('0.002400');
      expect(lines.at(-1)).toMatch(/^charge .*0\.004200/);
    }
    expect(figures(linesOf(id, 60))[0]).not.toContain('cached');
    expect(figures(linesOf(id, 36))[0]).toMatch(/^class +tokens +=/);
  });

  it('have no comparison where nothing was cached, and factors where there are any', () => {
    const lines = figures(sheet({ parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, input: 3000, output: 7 } }], webSearchRequests: 2, serviceTier: 'batch' }));
    expect(lines.join('\n')).not.toContain('cached');
    expect(lines[1]).toMatch(/^I input +3,000 +4\.00 +× 0\.5 +0\.006000$/);
    expect(lines.find((line) => line.includes('searches'))).toMatch(/ 2 .*× 0\.5 +0\.0\d+$/);
  });

  it('of several models are told model by model, then summed up by class', () => {
    const lines = figures(sheet({ parts: [OPUS, { model: 'claude-haiku-4-5', tokens: { ...NO_TOKENS, input: 3, output: 7 } }] }));
    const own = lines.filter((line) => /^(claude-|all models|charge)/.test(line));
    expect(own).toEqual(['claude-opus-4-6', 'claude-haiku-4-5', 'all models', expect.stringMatching(/^charge +1,880 +0\.004231 /) as string]);
    expect(lines.filter((line) => line.startsWith('I input'))).toHaveLength(3);
  });

  it('say when they were rounded', () => {
    const odd = { model: 'claude-haiku-4-5', tokens: { ...NO_TOKENS, cacheRead: 1 } };
    expect(sheet({ parts: [odd] })).toContain('rounded up once, to whole micro-USDC; each class has its share of the sum');
    expect(sheet().join('\n')).not.toContain('rounded');
  });
});

describe('the words around them', () => {
  it('tell whose it is, how long it took, how it ended, and what became of its hold', () => {
    const lines = sheet({ hold: micro(34_480) });
    expect(lines[0]).toMatch(/^acme · key prod rk_\S+…\S{4} · fast → claude-opus-4-6$/);
    expect(lines[1]).toMatch(/^2026-11-23 \d\d:\d\d:\d\d\.\d{3} UTC · .*took /);
    expect(lines[2]).toMatch(/^completed \(HTTP 200\) · usage reported/);
    expect(lines.join('\n')).toMatch(/caching saved 0\.005200 {3}held 0\.034480 {3}released 0\.030280 {3}ledger #\d+\nprice card pc_1/);
    expect(lines.at(-1)).toMatch(/^[\d:.]{12} asked {3}.*[\d:.]{12} settled$/);
  });

  it('of a refusal say why, and that nothing was charged', () => {
    const id = recordRefusal(cli.db, { at: NOW, code: 'insufficient_balance' });
    const lines = linesOf(id, 60);
    expect(lines.join('\n')).toMatch(/^acme · [^]*HTTP 4\d\d[^]*nothing was charged\.$/);
  });

  it('of others cannot steer a terminal', () => {
    const lines = sheet({ parts: [{ model: 'claude-opus-4-6\u001b[31m', tokens: GOLDEN }, OPUS] });
    expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
  });
});
