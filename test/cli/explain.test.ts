import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatRequestId, type RequestId } from '../../src/ids.ts';
import { micro } from '../../src/money.ts';
import { settleRequest } from '../reports/settled-request.ts';
import { openFundedFolder, type FundedFolder } from './funded-folder.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
let cli: FundedFolder;
let id: RequestId;
beforeEach(async () => {
  cli = await openFundedFolder({ multiplier: '0.8' });
  const tokens = { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 };
  id = settleRequest(cli.db, { route: 'fast', at: NOW, hold: micro(34_480), parts: [{ model: 'claude-opus-4-6', tokens }], record: { attempts: 2, detail: { waitedMs: 320, tries: [{ outcome: 529, ms: 12 }, { outcome: 200, ms: 110 }] } } });
});
afterEach(() => cli.remove());

describe('ainogap explain', () => {
  it('tells the story on a terminal, within its width', async () => {
    const { code, out } = await cli.run(['explain', formatRequestId(id)], { terminal: 90, env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    for (const words of ['completed, 0.004200 USDC', 'It waited 320 ms', 'try 1: answered 529', 'caching saved 0.005200 USDC']) expect(out.replace(/\s+/g, ' ')).toContain(words);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
  });

  it('has the figures and the story as one JSON document, with ledger ids as text', async () => {
    expect(await cli.json('explain', formatRequestId(id))).toMatchObject({
      requestId: formatRequestId(id),
      state: 'ended',
      buyer: 'acme',
      priceCard: 'pc_1',
      holdUsdMicros: 34_480,
      releasedUsdMicros: 30_280,
      uncachedChargeUsdMicros: 9_400,
      cacheSavedUsdMicros: 5_200,
      waitedMs: 320,
      tries: [{ outcome: 529, ms: 12 }, { outcome: 200, ms: 110 }],
      transfers: [{ transferId: String(id), kind: 'post', amountUsdMicros: 4_200 }],
      story: expect.arrayContaining([expect.objectContaining({ topic: 'charge', rows: expect.arrayContaining([expect.stringMatching(/^charge +0\.004200$/)]) as unknown })]) as unknown,
      next: null,
    });
  });

  it('colours the topics only where colours are wanted', async () => {
    const coloured = await cli.run(['explain', formatRequestId(id)], { env: { FORCE_COLOR: '1' } });
    expect(coloured.out).toContain('\u001b[1masked\u001b[22m');
    expect((await cli.run(['explain', formatRequestId(id)])).out).not.toContain('\u001b');
  });

  it('finds the request that a mistyped id means', async () => {
    const text = formatRequestId(id);
    const wrong = formatRequestId((id + 4n) as RequestId);
    const { code, out, err } = await cli.run(['explain', wrong], { now: NOW + 60_000 });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`request "${wrong}" not found: there is no record of it, and it does not run. Did you mean "${text}"?`);
    expect(err).toContain('ainogap requests --since 2026-11-23T11:59:00Z');
  });

  it.each([
    [['explain'], 2, 'missing required argument'],
    [['explain', 'req_011CSHoEeqs5C35K2UUqR7Fy'], 2, 'is not a request id'],
    [['explain', 'req_0000000000000'], 1, 'not found'],
  ])('answers %j with exit %i and %j', async (argv, code, words) => {
    const result = await cli.run(argv);
    expect(result.err).toContain(words);
    expect(result).toMatchObject({ code, out: '' });
  });
});

describe('ainogap receipt', () => {
  it('shows what uncached tokens had cost, what the hold released, and the tries in its document', async () => {
    const { out } = await cli.run(['receipt', formatRequestId(id)], { terminal: 120, env: { NO_COLOR: '1' } });
    expect(out).toMatch(/charge +if nothing were cached\n/);
    expect(out).toMatch(/input +50 .* 0\.000200 +0\.007000\n/);
    expect(out).toMatch(/total +0\.004200 +0\.009400\n/);
    expect(out).toContain(`caching saved 0.005200   held 0.034480   released 0.030280   ledger #${id}`);
    expect(await cli.json('receipt', formatRequestId(id))).toMatchObject({ cacheSavedUsdMicros: 5_200, releasedUsdMicros: 30_280, transferIds: [String(id)], tries: [{ outcome: 529 }, { outcome: 200 }], waitedMs: 320 });
  });

  it('is checked with and without what caching saved', async () => {
    const document = (await cli.json('receipt', formatRequestId(id))) as Record<string, unknown>;
    const check = async (changed: unknown) => cli.run(['receipt', '--check', cli.write('receipt.json', JSON.stringify(changed))]);
    expect((await check(document)).code).toBe(0);
    expect((await check({ ...document, cacheSavedUsdMicros: undefined })).code).toBe(0);
    expect(await check({ ...document, cacheSavedUsdMicros: 5_201 })).toMatchObject({ code: 1, err: expect.stringContaining('saved by caching: the receipt says 5201') as string });
  });
});
