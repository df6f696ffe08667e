import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chargeFor } from '../../src/metering/price.ts';
import { COUNT_MARGIN, IMAGE_TOKENS, OVERHEAD_TOKENS, quote, quoteFromCount, TOOLS_OVERHEAD_TOKENS } from '../../src/metering/quote.ts';
import type { RequestFacts } from '../../src/metering/request-facts.ts';
import { scanRequest } from '../../src/metering/request.ts';
import { cardAt, modelOf } from './cards.ts';

const card = cardAt('1');
const opus = modelOf(card, 'claude-opus-4-6');
const haiku = modelOf(card, 'claude-haiku-4-5');

function facts(fields: Record<string, unknown>): RequestFacts {
  const scan = scanRequest(Buffer.from(JSON.stringify({ model: 'claude-opus-4-6', max_tokens: 1000, messages: [], ...fields })), new Set());
  if (scan.kind !== 'ok') throw new Error(scan.message);
  return scan.facts;
}
const inputs = (fields: Record<string, unknown>, model = opus, holdOutputTokens: number | null = null) => ({ facts: facts(fields), model, card, holdOutputTokens });
const webSearch = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 5 }] };
const oneHour = { cache_control: { type: 'ephemeral', ttl: '1h' } };

describe('the quote', () => {
  test('is input by bytes at the dearest price plus max_tokens of output, with the geo premium, rounded up once', () => {
    const plain = inputs({});
    const tokens = plain.facts.bodyBytes + OVERHEAD_TOKENS;
    expect(quote(plain)).toMatchObject({ basis: 'bytes', inputTokensMax: tokens, outputTokensMax: 1000, inputPrice: 5_000_000n });
    expect(quote(plain).amount).toBe((BigInt(tokens) * 5n * 11n + 1000n * 25n * 11n + 9n) / 10n);
    expect(quote(plain).outputAndFees).toBe(27_500n);
    expect(quote(inputs({}, haiku)).amount).toBe(BigInt(tokens) + 5000n);
  });

  test('of a route that holds less still knows the worst case', () => {
    const [whole, less] = [quote(inputs({})), quote(inputs({}, opus, 100))];
    expect(whole.worstCase).toBe(whole.amount);
    expect(less.amount).toBe(whole.amount - 24_750n);
    expect(less.worstCase).toBe(whole.amount);
  });

  test('takes the dearest input class that the request can cause', () => {
    expect(quote(inputs({})).inputPrice).toBe(5_000_000n);
    expect(quote(inputs({ cache_control: { type: 'ephemeral' } })).inputPrice).toBe(6_250_000n);
    expect(quote(inputs(oneHour)).inputPrice).toBe(10_000_000n);
    const oddPrices = { ...opus, prices: { ...opus.prices, cacheRead: 20_000_000n } };
    expect(quote(inputs(oneHour, oddPrices)).inputPrice).toBe(20_000_000n);
    expect(quote(inputs({}, oddPrices)).inputPrice).toBe(5_000_000n);
  });

  test('bounds output by max_tokens, by the model where that is absent or above it, and by what the route holds', () => {
    expect(quote(inputs({ max_tokens: 1_000_000 })).outputTokensMax).toBe(128_000);
    expect(quote(inputs({ max_tokens: null })).outputTokensMax).toBe(128_000);
    expect(quote(inputs({}, opus, 100))).toMatchObject({ outputTokensMax: 1000, outputAndFees: 2750n });
    expect(quote(inputs({}, opus, 5000)).outputAndFees).toBe(27_500n);
  });

  test('counts images and tools apart from bytes, and documents by the context window', () => {
    const base = (fields: Record<string, unknown>) => quote(inputs(fields)).inputTokensMax - facts(fields).textBytes;
    expect(base({})).toBe(OVERHEAD_TOKENS);
    expect(base({ tools: [{ name: 'a' }, { name: 'b' }] })).toBe(OVERHEAD_TOKENS + TOOLS_OVERHEAD_TOKENS);
    expect(base({ tools: [{ type: 'bash_20250124' }] })).toBeGreaterThan(OVERHEAD_TOKENS + TOOLS_OVERHEAD_TOKENS + 245);
    const image = { type: 'image', source: { type: 'base64', data: 'A'.repeat(50_000) } };
    expect(base({ messages: [{ content: [image, image] }] })).toBe(OVERHEAD_TOKENS + 2 * IMAGE_TOKENS);
    const pdf = { messages: [{ content: [{ type: 'document', source: { type: 'base64', data: 'A' } }] }] };
    expect(quote(inputs(pdf))).toMatchObject({ basis: 'window', inputTokensMax: 1_000_000 });
    expect(quote(inputs(pdf, haiku)).inputTokensMax).toBe(200_000);
  });

  test('is never more input than the context window, above which the upstream refuses', () => {
    expect(quote(inputs({ system: 'x'.repeat(300_000) }, haiku))).toMatchObject({ basis: 'window', inputTokensMax: 200_000 });
    expect(quote(inputs({ system: 'x'.repeat(100_000) }, haiku)).basis).toBe('bytes');
  });

  test('with web tools is a whole context window and the fees of all uses', () => {
    expect(quote(inputs(webSearch))).toMatchObject({ basis: 'window', inputTokensMax: 1_000_000, outputAndFees: 27_500n + 50_000n });
    expect(quote(inputs({ tools: [{ type: 'web_search_20250305' }] })).outputAndFees).toBe(27_500n + 100_000n);
    expect(quote(inputs({ tools: [{ type: 'web_fetch_20260318' }] }))).toMatchObject({ basis: 'window', outputAndFees: 27_500n });
    expect(quote(inputs({ tools: [{ type: 'tool_search_tool_bm25' }] })).basis).toBe('window');
  });

  test('with a context that may be compacted is twice the input and output', () => {
    const fields = { context_management: { edits: [{ type: 'compact_20260112' }] } };
    expect(quote(inputs(fields)).outputAndFees).toBe(55_000n);
    expect(quote(inputs(fields)).outputTokensMax).toBe(1000);
  });

  test('tells the largest max_tokens that would fit, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128_000 }), fc.bigInt({ min: 0n, max: 5_000_000n }), (maxTokens, available) => {
        const fitting = quote(inputs({ max_tokens: maxTokens })).maxTokensFitting(available);
        // The body's own length changes with max_tokens; the answer is for the body that was sent.
        const amountAt = (tokens: number) => quote({ facts: { ...facts({ max_tokens: maxTokens }), maxTokens: tokens }, model: opus, card, holdOutputTokens: null }).amount;
        if (fitting === null) expect(amountAt(1)).toBeGreaterThan(available);
        else {
          expect(amountAt(fitting)).toBeLessThanOrEqual(available);
          if (fitting < maxTokens) expect(amountAt(fitting + 1)).toBeGreaterThan(available);
          else expect(fitting).toBe(maxTokens);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a quote from a count', () => {
  const large = inputs({ system: 'word '.repeat(10_000) });

  test('is the count with a margin, and says so', () => {
    const counted = quoteFromCount(large, 10_000);
    expect(counted).toMatchObject({ basis: 'count_tokens', inputTokensMax: 10_500 + COUNT_MARGIN.tokens, outputTokensMax: 1000 });
    expect(counted.amount).toBeLessThan(quote(large).amount);
    expect(counted.outputAndFees).toBe(quote(large).outputAndFees);
  });

  test('is never above the quote by bytes, and leaves the window where tools run upstream', () => {
    expect(quoteFromCount(large, 900_000).amount).toBe(quote(large).amount);
    expect(quoteFromCount(inputs(webSearch), 100)).toMatchObject({ basis: 'window', inputTokensMax: 1_000_000 });
    expect(() => quoteFromCount(large, -1)).toThrow(RangeError);
    expect(() => quoteFromCount(large, 1.5)).toThrow(RangeError);
  });
});

test('the hold covers every charge that the request can cause, without server tools', () => {
  const share = fc.nat(1_000_000);
  fc.assert(
    fc.property(fc.constantFrom('none', '5m', '1h'), fc.boolean(), fc.constantFrom('us', 'global', null), share, share, share, share, fc.nat(1000), (cacheWrite, useHaiku, inferenceGeo, a, b, c, d, output) => {
      const control = cacheWrite === 'none' ? {} : { cache_control: { type: 'ephemeral', ttl: cacheWrite } };
      const model = useHaiku ? haiku : opus;
      const bound = quote(inputs({ ...control, system: 'x'.repeat(a % 1000) }, model));
      // Any split of at most the bound among the classes that the request can cause.
      const weights = [a, cacheWrite === 'none' ? 0 : b, cacheWrite === '1h' ? c : 0, cacheWrite === 'none' ? 0 : d];
      const sum = Math.max(1, weights.reduce((x, y) => x + y));
      const part = (weight: number | undefined) => Math.floor((bound.inputTokensMax * (weight ?? 0)) / sum);
      const tokens = { input: part(weights[0]), cacheWrite5m: part(weights[1]), cacheWrite1h: part(weights[2]), cacheRead: part(weights[3]), output };
      const usage = { parts: [{ model: model.id, tokens }], webSearchRequests: 0, inferenceGeo, serviceTier: 'standard' };
      expect(chargeFor({ usage, card, requestedModel: model }).total).toBeLessThanOrEqual(bound.amount);
    }),
  );
});
