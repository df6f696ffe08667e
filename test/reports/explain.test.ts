import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { ERRORS } from '../../src/errors.ts';
import { createRequestIds, type BuyerId, type CardVersion, type InstanceId, type KeyId, type RequestId, type RouteId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { REQUEST_STATUSES, type Hold } from '../../src/ledger/ledger.ts';
import { micro } from '../../src/money.ts';
import { errorWords } from '../../src/reports/explain/error-words.ts';
import { flagWords, isKnownFlag } from '../../src/reports/explain/flag-words.ts';
import { explainLines, explainRequest, type Explanation } from '../../src/reports/explain.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { openFundedFolder, type FundedFolder } from '../cli/funded-folder.ts';
import { recordRefusal, settleRequest, type SettledRequest } from './settled-request.ts';

const AT = Date.UTC(2026, 10, 23, 12);
const model = 'claude-opus-4-6';
const GOLDEN = { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 };

let cli: FundedFolder;
beforeEach(async () => {
  cli = await openFundedFolder({ topUp: '20', multiplier: '0.8', keyLabel: 'prod' });
});
afterEach(() => cli.remove());

let at = AT;
const settle = (request: Partial<SettledRequest> = {}): RequestId => settleRequest(cli.db, { route: 'fast', at: at++, parts: [{ model, tokens: GOLDEN }], ...request });

function explained(id: RequestId, now?: number): Explanation {
  const explanation = explainRequest(cli.db, id, now);
  if (explanation === null) throw new Error('it is not there');
  return explanation;
}
/** On lines that nothing wraps. */
const storyOf = (id: RequestId, now?: number): string => explainLines(explained(id, now), 10_000).join('\n');

describe('the story of a request', () => {
  it('tells who asked, by which key, route and card, and what was held', () => {
    const story = storyOf(settle({ hold: micro(130_000), record: { outputTokensMax: 4096 } }));
    expect(story).toMatch(/^req_\w{13} {2}completed, 0\.004200 USDC/);
    expect(story).toMatch(/asked +2026-11-23 12:00:00\.\d{3} UTC: acme \(buyer_1\) asked with the key "prod", key_1, rk_\w{4}…\w{4}\./);
    expect(story).toContain('The route fast leads to the upstream anthropic. It asked for claude-opus-4-6, and that model answered.');
    expect(story).toContain('Its price card is pc_1: 0.8 × the list prices of');
    // 4,096 × 20 USDC per million, and 1.1 times that where it might run in the US.
    expect(story).toContain('Its output could be at most 4,096 tokens, which would cost 0.090112 USDC.');
    expect(story).toContain('0.130000 USDC was held before it went upstream: 0.090112 USDC for output, 0.039888 USDC for input and fees.');
    expect(story).toContain('It was sent once. The first byte of the answer came after 120 ms. The upstream calls it req_upstream1.');
    expect(story).toContain('The client was answered HTTP 200; it took 842 ms in all.');
  });

  it('opens each figure of the golden case, and says what its cache saved', () => {
    const story = storyOf(settle({ hold: micro(34_480) }));
    for (const row of [/input +50 × +4\.000000 = 0\.000200/, /output +120 × 20\.000000 = 0\.002400/, /cache write 5m +200 × +5\.000000 = 0\.001000/, /cache write 1h +0 × +8\.000000 = 0\.000000/, /cache read +1,500 × +0\.400000 = 0\.000600/, /charge +0\.004200/])
      expect(story).toMatch(row);
    expect(story).toContain('If nothing were cached, its 1,750 input tokens would have brought the charge to 0.009400 USDC: caching saved 0.005200 USDC.');
    expect(story).toMatch(/0\.004200 USDC was debited; 0\.030280 USDC of the hold was released\.\n +ledger #\d+ {2}0\.004200 USDC charged out of the hold/);
  });

  it('says when a cache was written for nothing so far, and when none was used', () => {
    const written = settle({ parts: [{ model, tokens: { ...NO_TOKENS, cacheWrite1h: 1_000 } }] });
    expect(storyOf(written)).toContain('caching cost 0.004000 USDC more, for writes cost more than input. That pays off once a later request reads what was written, within 1 hour.');
    expect(storyOf(settle({ parts: [{ model, tokens: { ...NO_TOKENS, input: 5 } }] }))).toContain('Nothing was read from a cache and nothing written to one');
  });

  it('counts several models apart, with their factors, fees, excess and shortfall', () => {
    const parts = [{ model, tokens: { ...NO_TOKENS, output: 1_000_000 } }, { model: 'claude-haiku-4-5', tokens: { ...NO_TOKENS, input: 100 } }];
    const story = storyOf(settle({ parts, hold: micro(9_000_000), inferenceGeo: 'us', webSearchRequests: 2 }));
    expect(story).toContain('It ran in the US only, which costs 1.1 times the token prices.');
    expect(story).toMatch(/claude-opus-4-6 output +1,000,000 × +20\.000000 × 1\.1\n/);
    expect(story).toMatch(/claude-haiku-4-5 input +100 × +0\.800000\n/);
    expect(story).toMatch(/web search +2 × 8000\.000000 +=  ?0\.016000/);
    expect(story).toMatch(/9\.000000 USDC charged out of the hold\n.*11\.000000 USDC charged beyond the hold, out of what was available\n.*2\.016080 USDC charged beyond that: the balance did not have it/);
  });

  it('says of a batch and of a capped estimate what was done to the sum', () => {
    expect(storyOf(settle({ serviceTier: 'batch' }))).toContain('It was a batch, which costs half.');
    const capped = settle({ charge: micro(3_000), record: { usageSource: 'estimated', flags: ['capped_at_worst_case'] } });
    expect(storyOf(capped)).toContain('As an estimate it was capped at 0.003000 USDC, the worst case that was quoted.');
  });

  it('says when another model answered, and whose prices were taken', () => {
    const story = storyOf(settle({ parts: [{ model: 'claude-new', tokens: GOLDEN }], record: { responseModel: 'claude-new', flags: ['model_mismatch', 'model_not_priced'] } }));
    expect(story).toContain('It asked for claude-opus-4-6; claude-new answered.');
    expect(story).toContain('claude-new was charged at the prices of claude-opus-4-6.');
  });

  it('tells of a key that was rotated since, a buyer who was disabled, and a newer card', async () => {
    const id = settle();
    for (const args of ['key rotate acme --yes', 'buyer disable acme --yes', 'route set fast --multiplier 2']) await cli.run(args.split(' '), { terminal: 100, answer: true });
    const story = storyOf(id);
    expect(story).toMatch(/That key was revoked and replaced by key_2 at \S+ \S+ UTC/);
    expect(story).toContain('The buyer is disabled since');
    expect(story).toContain('The route has pc_2 now.');
  });

  it('says that the client was told why it was refused, and what to do', () => {
    const id = recordRefusal(cli.db, { at: AT, code: 'not_found' });
    expect(storyOf(id)).toContain('It was refused before anything was held; nothing was forwarded and nothing charged. The client was answered HTTP 404');
    expect(explained(id)).toMatchObject({ state: 'refused', next: 'ainogap route list', summary: 'refused, nothing was charged' });
  });

  it('names the top-up that a refused request lacked', () => {
    const message = 'This request needs a hold of 0.412000 USDC; 0.118000 USDC is available. Top up 0.294000 USDC or more, or lower max_tokens to 600 or less.';
    const id = settle({ charge: micro(0), record: { status: 'refused', errorCode: 'insufficient_funds', httpStatus: 402, usageSource: 'none', detail: { message } } });
    expect(storyOf(id)).toContain(`The client was told: ${message}`);
    expect(storyOf(id)).toContain('acme has 20.000000 USDC available now: a balance of 20.000000 USDC, 0.000000 held.');
    expect(explained(id).next).toBe('ainogap topup acme 0.294000');
  });

  it('says what the gateway noted of a failure, and what nobody knows of a request whose process died', () => {
    const failed = settle({ charge: micro(0), record: { status: 'failed', errorCode: 'upstream_unreachable', usageSource: 'none', detail: { message: 'connect ECONNREFUSED' } } });
    expect(storyOf(failed)).toContain("The reason is upstream_unreachable: the upstream could not be reached; that is the upstream's fault. Noted then: connect ECONNREFUSED");
    const recovered = storyOf(settle({ record: { status: 'recovered', errorCode: 'process_died', usageSource: 'recovered', timeToFirstByteMs: null } }));
    expect(recovered).toContain('how often, and when an answer came, was known only to the process that died.');
  });

  it('is null for an id that nobody ever made', () => {
    expect(explainRequest(cli.db, 4n as RequestId)).toBeNull();
  });

  it('shows what a client chose without letting it steer the terminal', () => {
    const id = settle({ charge: micro(0), record: { status: 'upstream_error', errorCode: 'bad\u001b[31m', usageSource: 'none' } });
    expect(storyOf(id)).toContain('bad\\u001b[31m, as the upstream calls it');
    expect(storyOf(id)).not.toContain('\u001b');
  });

  it('keeps within the width, however narrow', () => {
    const lines = explainLines(explained(settle({ hold: micro(34_480), record: { flags: ['cache_write_grew'] } })), 40);
    expect(Math.max(...lines.slice(2).map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(lines.filter((line) => line.length > 40).every((line) => /[×#_]|charge/.test(line))).toBe(true);
  });
});

describe('the story of a request that runs', () => {
  const ids = { buyerId: 1 as BuyerId, keyId: 1 as KeyId, routeId: 1 as RouteId, cardVersion: 1 as CardVersion };
  function hold(): RequestId {
    const requestId = createRequestIds(1 as InstanceId, () => AT)();
    const generation = cli.db.prepare('SELECT value FROM registry_generation').pluck().get() as number;
    const held: Hold = { ...ids, requestId, generation, model, amount: micro(100_000), worstCase: micro(100_000), quoteBasis: 'window', outputTokensMax: 1000, upstream: 'anthropic', startedAt: AT };
    expect(createEngine(cli.db, { instance: 1 as InstanceId, now: () => AT }).apply([{ op: 'hold', hold: held }])[0]?.kind).toBe('created');
    return requestId;
  }

  it('says so, before anything was reported', () => {
    const id = hold();
    expect(storyOf(id, AT + 2_500)).toContain('It still runs, for 2.5 s so far. What it costs is settled when it ends. Nothing of an answer has been reported yet.');
    expect(explained(id, AT)).toMatchObject({ state: 'running', figures: { holdUsdMicros: 100_000, chargeSoFarUsdMicros: null } });
  });

  it('tells what it had used, and cost, by its last report', () => {
    const requestId = hold();
    const progress = { requestId, model, tokens: { ...GOLDEN, output: 1 }, deltaBytes: 300, webSearchRequests: 0, inferenceGeo: null, serviceTier: null };
    createEngine(cli.db, { instance: 1 as InstanceId, now: () => AT + 1_000 }).apply([{ op: 'progress', progress }]);
    const story = storyOf(requestId, AT + 61_000);
    expect(story).toContain('It still runs, for 1 min 1 s so far.');
    // 300 bytes of text are taken for 100 output tokens.
    expect(story).toContain('input 50, output 100, write 5m 200, write 1h 0, read 1,500 (the output is estimated until it ends): about 0.003800 USDC.');
    expect(explained(requestId)).toMatchObject({ figures: { uncachedInputTokens: 50, chargeSoFarUsdMicros: 3_800 } });
  });
});

describe('there are words', () => {
  it.each(REQUEST_STATUSES)('for a request that ended as %s', (status) => {
    const charge = status === 'refused' || status === 'failed' || status === 'upstream_error' ? { charge: micro(0) } : {};
    const id = settle({ ...charge, record: { status, ...('charge' in charge ? { usageSource: 'none' } : {}) } });
    expect(storyOf(id)).toMatch(/\nend {7}(It|The) \w+/);
  });

  it.each(['reported', 'drained', 'estimated', 'recovered', 'none'] as const)('for a usage that is %s', (usageSource) => {
    const story = storyOf(settle({ record: { usageSource }, ...(usageSource === 'none' ? { charge: micro(0) } : {}) }));
    expect(story).toMatch(/\nusage {5}(The|No) usage \w+/);
  });

  it.each(['bytes', 'count_tokens', 'window'] as const)('for a quote by %s', (quoteBasis) => {
    expect(storyOf(settle({ record: { quoteBasis } }))).toMatch(/\nquote {5}\w+ .{40}/);
  });

  it.each(Object.keys(ERRORS))('for our error %s', (code) => {
    expect(errorWords(code)).toMatch(new RegExp(`^${code}: .{15,}; that is|^${code}: .{15,}; the buyer can mend that`));
  });

  it.each(['client_closed', 'process_died', 'overloaded_error', 'rate_limit_error', 'api_error'])('for %s', (code) => {
    expect(errorWords(code)).toMatch(new RegExp(`^${code}: the `));
  });

  test('for a status and a word that the upstream alone knows', () => {
    expect(errorWords('http_418')).toBe('the upstream answered 418 without saying why');
    expect(errorWords('novel_error')).toBe('novel_error, as the upstream calls it');
  });
});

/**
 * The flags that the sources set: `flag('…')`, and lists of words that stand after `flags`, or alone as the last
 * argument of a call.
 */
function flagsInSources(): string[] {
  const src = path.resolve(import.meta.dirname, '../../src');
  const files = ['metering', 'proxy'].flatMap((folder) => fs.readdirSync(path.join(src, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => path.join(src, folder, name)));
  const found = files.flatMap((file) => {
    const text = fs.readFileSync(file, 'utf8');
    const calls = [...text.matchAll(/\b(?:flag|flags\.push)\(([^;\n]*)\)/g)].map((match) => match[1] as string);
    const lines = text.split('\n').filter((line) => /\bflags\b|\bexposure\b|capped\b/.test(line) && !/QUIET_FLAGS|includes\(|new Set/.test(line));
    const lists = lines.flatMap((line) => [...line.matchAll(/\[('[^\]]*)\]/g)].map((match) => match[1] as string));
    return [...calls, ...lists].flatMap((words) => [...words.matchAll(/'([a-z0-9_]+)'/g)].map((match) => match[1] as string));
  });
  return [...new Set(found)].toSorted();
}

describe('flags', () => {
  test('that the sources set are found at all', () => {
    for (const flag of ['usage_missing', 'usage_malformed', 'model_mismatch', 'gateway_fault', 'exposure', 'capped_at_worst_case', 'not_priced', 'event_too_long']) expect(flagsInSources()).toContain(flag);
  });

  test('each have words', () => {
    expect(flagsInSources().filter((flag) => !isKnownFlag(flag))).toEqual([]);
  });

  test('of another version are named as they are', () => {
    expect(flagWords('novelty')).toContain('novelty');
  });
});
