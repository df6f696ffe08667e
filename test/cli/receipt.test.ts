import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatRequestId } from '../../src/ids.ts';
import { micro } from '../../src/money.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { recordRefusal, settleRequest } from '../reports/settled-request.ts';
import type { SettledRequest } from '../reports/settled-request.ts';
import type { CliResult } from './cli-run.ts';
import { openFundedFolder, type FundedFolder } from './funded-folder.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const GOLDEN = { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 };

let cli: FundedFolder;
beforeEach(async () => {
  cli = await openFundedFolder({ multiplier: '0.8' });
});
afterEach(() => cli.remove());

interface Receipt {
  readonly parts: readonly { readonly unitPricesUsdMicrosPerMillion: Record<string, number> }[];
  readonly chargeByClassUsdMicros: Record<string, number>;
}

const settle = (request: Partial<SettledRequest> = {}): string =>
  formatRequestId(settleRequest(cli.db, { route: 'fast', at: NOW, parts: [{ model: 'claude-opus-4-6', tokens: GOLDEN }], ...request }));

async function check(document: unknown, ...more: string[]): Promise<CliResult> {
  const file = cli.write('receipt.json', JSON.stringify(document));
  return cli.run(['receipt', '--check', file, ...more]);
}

describe('ainogap receipt', () => {
  it('shows the golden case: each count × its price, adding up to 4200 micro-USDC', async () => {
    const id = settle();
    const { out } = await cli.run(['receipt', id], { terminal: 120, env: { NO_COLOR: '1' } });
    expect(out).toMatch(/input +50 +4\.000000 +0\.000200 +0\.000200/);
    expect(out).toMatch(/output +120 +20\.000000 +0\.002400 +0\.002400/);
    expect(out).toMatch(/write 5m +200 +5\.000000 +0\.001000 +0\.001000/);
    expect(out).toMatch(/write 1h +0 +8\.000000 +0\.000000 +0\.000000/);
    expect(out).toMatch(/read +1500 +0\.400000 +0\.000600 +0\.000600/);
    expect(out).toMatch(/total +0\.004200/);
    for (const word of [id, 'buyer acme', 'route fast', 'price card pc_1', 'usage reported', 'quote by bytes', 'upstream anthropic req_upstream1']) expect(out).toContain(word);
  });

  it('has JSON with the record, the unit prices, the card and the charge per class', async () => {
    const id = settle();
    expect(await cli.json('receipt', id)).toMatchObject({
      requestId: id,
      buyerId: 'buyer_1',
      keyId: 'key_1',
      route: 'fast',
      model: 'claude-opus-4-6',
      uncachedInputTokens: 50,
      cacheWrite5mTokens: 200,
      cacheWrite1hTokens: 0,
      cacheReadTokens: 1500,
      outputTokens: 120,
      buyerChargeUsdMicros: 4200,
      usageSource: 'reported',
      status: 'completed',
      startedAt: '2026-11-23T12:00:00.000Z',
      durationMs: 842,
      timeToFirstByteMs: 120,
      upstream: 'anthropic',
      upstreamRequestId: 'req_upstream1',
      priceCard: 'pc_1',
      parts: [{ unitPricesUsdMicrosPerMillion: { input: 4_000_000, output: 20_000_000, cacheWrite5m: 5_000_000, cacheWrite1h: 8_000_000, cacheRead: 400_000 } }],
      chargeByClassUsdMicros: { input: 200, output: 2400, cacheWrite5m: 1000, cacheWrite1h: 0, cacheRead: 600 },
      chargeUsdMicros: 4200,
    });
  });

  it('keeps the price that the request was admitted at, whatever the route costs later', async () => {
    const id = settle();
    const before = await cli.json('receipt', id);
    await cli.run(['route', 'set', 'fast', '--multiplier', '3']);
    await cli.run(['route', 'delete', 'fast', '--yes']);
    expect(await cli.json('receipt', id)).toEqual(before);
  });

  it('checks offline: without a configuration, without a database', async () => {
    const id = settle();
    const file = cli.write('kept.json', (await cli.run(['receipt', id, '--json'])).out);
    cli.db.close();
    for (const name of fs.readdirSync(cli.folder)) if (name !== 'kept.json') fs.rmSync(`${cli.folder}/${name}`);
    expect(await cli.run(['receipt', '--check', file])).toEqual({ code: 0, out: `The receipt of ${id} is right: 0.004200 USDC.\n`, err: '' });
    expect(await cli.json('receipt', '--check', file)).toMatchObject({ ok: true, requestId: id, chargeUsdMicros: 4200, computedUsdMicros: 4200, differences: [] });
  });

  it.each<[string, Partial<SettledRequest>]>([
    ['several models', { parts: [{ model: 'claude-opus-4-6', tokens: GOLDEN }, { model: 'claude-haiku-4-5', tokens: { ...NO_TOKENS, output: 7, input: 3 } }] }],
    ['US-only inference', { inferenceGeo: 'us' }],
    ['a batch', { serviceTier: 'batch' }],
    ['web searches', { webSearchRequests: 3 }],
    ['a model that the card lacks', { parts: [{ model: 'claude-unknown-9', tokens: GOLDEN }], record: { flags: ['model_not_priced'] } }],
    ['a capped estimate', { charge: micro(1000), record: { usageSource: 'estimated', status: 'interrupted' } }],
    ['nothing', { parts: [{ model: 'claude-opus-4-6', tokens: NO_TOKENS }], record: { status: 'upstream_error', usageSource: 'none', httpStatus: 529 } }],
  ])('recomputes a receipt with %s', async (_what, request) => {
    const id = settle(request);
    const document = (await cli.json('receipt', id)) as Record<string, unknown>;
    expect(await check(document)).toMatchObject({ code: 0, err: '' });
    for (const terminal of [40, 200]) expect((await cli.run(['receipt', id], { terminal })).code).toBe(0);
    expect((await cli.run(['receipt', id])).out).toContain('\ttotal\t');
  });

  it.each<[string, Partial<SettledRequest>, RegExp]>([
    ['× 1.1 for US-only inference', { inferenceGeo: 'us' }, /input +50 +4\.000000 +× 1\.1 +0\.000220 /],
    ['× 0.5 for a batch', { serviceTier: 'batch' }, /input +50 +4\.000000 +× 0\.5 +0\.000100 /],
    ['both', { serviceTier: 'batch', inferenceGeo: 'us' }, /input +50 +4\.000000 +× 1\.1 × 0\.5 +0\.000110 /],
    ['web searches', { webSearchRequests: 3 }, /web search +3 +8000\.000000 +0\.024000 +0\.024000/],
  ])('shows the factor: %s', async (_what, request, line) => {
    const { out } = await cli.run(['receipt', settle(request)], { terminal: 120, env: { NO_COLOR: '1' } });
    expect(out).toMatch(line);
  });

  it.each<[string, (document: Receipt) => unknown, string]>([
    ['the total', (d) => ({ ...d, chargeUsdMicros: 4199 }), 'total charge: the receipt says 4199, the computation gives 4200'],
    ['a price', (d) => ({ ...d, parts: d.parts.map((part) => ({ ...part, unitPricesUsdMicrosPerMillion: { ...part.unitPricesUsdMicrosPerMillion, output: 1 } })) }), 'total charge'],
    ['the charge of a class', (d) => ({ ...d, chargeByClassUsdMicros: { ...d.chargeByClassUsdMicros, input: 201 } }), 'charge for input'],
    ['a count of the record', (d) => ({ ...d, outputTokens: 121 }), 'outputTokens: the record says 121'],
    ["the record's charge", (d) => ({ ...d, buyerChargeUsdMicros: 1 }), 'buyerChargeUsdMicros'],
  ])('finds %s changed', async (_what, tamper, words) => {
    const document = (await cli.json('receipt', settle())) as Receipt;
    const result = await check(tamper(document));
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain(words);
    const asJson = await check(tamper(document), '--json');
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.out)).toMatchObject({ ok: false });
  });

  it.each([
    ['{', 'is not JSON'],
    ['[]', 'is not a receipt'],
    ['{"receipt":"other"}', 'receipt:'],
    ['null', 'is not a receipt'],
  ])('says that %j is no receipt', async (text, words) => {
    const file = cli.write('receipt.json', text);
    expect(await cli.run(['receipt', '--check', file])).toMatchObject({ code: 1, out: '', err: expect.stringContaining(words) as string });
  });

  it('names the place of a bad number', async () => {
    const document = (await cli.json('receipt', settle())) as Receipt;
    const { err } = await check({ ...document, chargeByClassUsdMicros: { ...document.chargeByClassUsdMicros, output: 1.5 } });
    expect(err).toContain('chargeByClassUsdMicros.output:');
  });

  it('says of a refused request that nothing was charged', async () => {
    const id = formatRequestId(recordRefusal(cli.db, { at: NOW, code: 'not_found' }));
    expect((await cli.run(['receipt', id])).out).toContain('refused with not_found (HTTP 404) before any price applied: nothing was charged');
    expect(await cli.json('receipt', id)).toMatchObject({ requestId: id, receipt: null, buyerChargeUsdMicros: 0 });
  });

  it.each([
    [['receipt'], 2, 'needs a request id'],
    [['receipt', 'req_011CSHoEeqs5C35K2UUqR7Fy'], 2, 'is not a request id'],
    [['receipt', 'req_0000000000000'], 1, 'not found'],
    [['receipt', 'req_0000000000000', '--check', 'x'], 2, 'not both'],
    [['receipt', '--check', 'missing.json'], 1, 'cannot read the receipt'],
  ])('answers %j with exit %i and %j', async (argv, code, words) => {
    const result = await cli.run(argv);
    expect(result.err).toContain(words);
    expect(result).toMatchObject({ code, out: '' });
  });

  it('tells of a shortfall', async () => {
    const id = settle({ parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, output: 600_000 } }], hold: micro(9_000_000) });
    const { out } = await cli.run(['receipt', id]);
    expect(out).toContain('! 2.000000 USDC of the charge was more than the balance held; it was not debited.');
    expect(await cli.json('balance', 'acme')).toMatchObject({ balanceUsdMicros: 0 });
  });
});
