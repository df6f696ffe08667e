/** What was billed, read as an operator reads it: by the command line, beside the running gateway. */
import type { Usage } from '@anthropic-ai/sdk/resources/messages';
import { expect } from 'vitest';
import { BUYER, type Product } from './product.ts';

/** A row of `ainogap requests --json`. */
export interface RequestJson {
  readonly requestId: string;
  readonly route: string;
  readonly model: string | null;
  readonly uncachedInputTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly buyerChargeUsdMicros: number;
  readonly shortfallUsdMicros: number;
  readonly usageSource: string;
  readonly status: string;
  readonly httpStatus: number;
  readonly errorCode: string | null;
  readonly upstreamRequestId: string | null;
}

export interface BalanceJson {
  readonly balanceUsdMicros: number;
  readonly heldUsdMicros: number;
  readonly availableUsdMicros: number;
}

export interface VerifyJson {
  readonly ok: boolean;
  readonly firstDifference?: string | null;
  readonly recoverable: number;
}

export const DEPOSIT_DEFAULT = 50_000_000;

/** All requests of the buyer, newest first. */
export async function requestsOf(product: Product): Promise<RequestJson[]> {
  const { requests } = await product.json<{ requests: RequestJson[] }>('requests', '--buyer', BUYER, '--limit', '100000');
  return requests;
}

export async function requestOf(product: Product, requestId: string | null): Promise<RequestJson> {
  const rows = (await requestsOf(product)).filter((row) => row.requestId === requestId);
  expect(rows, `rows of request ${requestId}`).toHaveLength(1);
  return rows[0] as RequestJson;
}

export async function balanceOf(product: Product): Promise<BalanceJson> {
  return await product.json<BalanceJson>('balance', BUYER);
}

/** Polls until `read` gives something that `done` accepts. The test's own time limit ends it. */
export async function until<T>(read: () => Promise<T> | T, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Nothing is held, the balance is what was deposited less what was charged, and `verify` finds no difference. */
export async function expectBalancedBooks(product: Product, depositedUsdMicros = DEPOSIT_DEFAULT): Promise<void> {
  const balance = await until(() => balanceOf(product), ({ heldUsdMicros }) => heldUsdMicros === 0);
  const charged = (await requestsOf(product)).reduce((sum, row) => sum + row.buyerChargeUsdMicros - row.shortfallUsdMicros, 0);
  expect(balance).toMatchObject({ balanceUsdMicros: depositedUsdMicros - charged, availableUsdMicros: depositedUsdMicros - charged });
  expect(balance.availableUsdMicros).toBeGreaterThanOrEqual(0);
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true });
}

/**
 * The charge by the prices of the tests' model, 5, 25, 6.25, 10 and 0.50 USD per million, rounded up once. Exact in
 * doubles: all products are multiples of a quarter.
 */
export function chargeOf(row: Pick<RequestJson, 'uncachedInputTokens' | 'outputTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens' | 'cacheReadTokens'>): number {
  const { uncachedInputTokens: input, outputTokens: output, cacheWrite5mTokens: write5m, cacheWrite1hTokens: write1h, cacheReadTokens: read } = row;
  return Math.ceil(input * 5 + output * 25 + write5m * 6.25 + write1h * 10 + read * 0.5);
}

/** A response's usage in the words of a request's row. */
export function classesOf(usage: Usage): Parameters<typeof chargeOf>[0] {
  const write1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  return {
    uncachedInputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheWrite5mTokens: (usage.cache_creation_input_tokens ?? 0) - write1h,
    cacheWrite1hTokens: write1h,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
  };
}
