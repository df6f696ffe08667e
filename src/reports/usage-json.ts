/** Summed usage as every JSON document and CSV file of ours shows it: flat, money as integers. */
import type { MicroUsdc } from '../money.ts';
import { jsonMicros } from '../money.ts';
import { TOKEN_CLASSES, type TokenClass } from '../tokens.ts';
import { TOKEN_FIELDS } from './request-json.ts';
import type { UsageSums } from './usage-sums.ts';

/** What the charges of the classes are called, in usage and in exported requests. */
export const CHARGE_FIELDS = {
  input: 'inputChargeUsdMicros',
  output: 'outputChargeUsdMicros',
  cacheWrite5m: 'cacheWrite5mChargeUsdMicros',
  cacheWrite1h: 'cacheWrite1hChargeUsdMicros',
  cacheRead: 'cacheReadChargeUsdMicros',
} as const satisfies Record<TokenClass, string>;

export const USAGE_FIELDS = [
  ...TOKEN_CLASSES.map((tokenClass) => TOKEN_FIELDS[tokenClass]),
  ...TOKEN_CLASSES.map((tokenClass) => CHARGE_FIELDS[tokenClass]),
  'webSearchChargeUsdMicros',
  'chargeUsdMicros',
  'shortfallUsdMicros',
  'listCostUsdMicros',
  'marginUsdMicros',
  'margin',
  'cacheSavedUsdMicros',
  'hitShare',
  'requests',
  'errors',
  'refused',
  'estimated',
] as const;
export type UsageField = (typeof USAGE_FIELDS)[number];

/** Charge less list cost: negative where a card sells below list. */
export const marginOf = (sums: UsageSums): MicroUsdc => (sums.charge - sums.listCost) as MicroUsdc;

/** Margin ÷ charge; null where nothing was charged. */
export const marginShare = (sums: UsageSums): number | null => (sums.charge === 0n ? null : Number(marginOf(sums)) / Number(sums.charge));

/** Tokens read from a cache ÷ all tokens of the input side; null where there were none. */
export function hitShare({ tokens }: UsageSums): number | null {
  const all = tokens.input + tokens.cacheWrite5m + tokens.cacheWrite1h + tokens.cacheRead;
  return all === 0 ? null : tokens.cacheRead / all;
}

const rounded = (share: number | null): number | null => (share === null ? null : Math.round(share * 1e6) / 1e6);

/** Shares are fractions of six decimals. Throws RangeError for sums beyond 2^53 micro-USDC. */
export function usageJson(sums: UsageSums): Readonly<Record<UsageField, number | null>> {
  const fields = [
    ...TOKEN_CLASSES.map((tokenClass) => [TOKEN_FIELDS[tokenClass], sums.tokens[tokenClass]]),
    ...TOKEN_CLASSES.map((tokenClass) => [CHARGE_FIELDS[tokenClass], jsonMicros(sums.chargeByClass[tokenClass])]),
    ['webSearchChargeUsdMicros', jsonMicros(sums.webSearchCharge)],
    ['chargeUsdMicros', jsonMicros(sums.charge)],
    ['shortfallUsdMicros', jsonMicros(sums.shortfall)],
    ['listCostUsdMicros', jsonMicros(sums.listCost)],
    ['marginUsdMicros', jsonMicros(marginOf(sums))],
    ['margin', rounded(marginShare(sums))],
    ['cacheSavedUsdMicros', jsonMicros(sums.cacheSaved)],
    ['hitShare', rounded(hitShare(sums))],
    ['requests', sums.requests],
    ['errors', sums.errors],
    ['refused', sums.refused],
    ['estimated', sums.estimated],
  ];
  return Object.fromEntries(fields) as Readonly<Record<UsageField, number | null>>;
}
