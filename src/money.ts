/** Money is whole micro-USDC in a bigint: 1 = 0.000001 USDC, the token's own base unit. Never a float. */

declare const microUsdc: unique symbol;
export type MicroUsdc = bigint & { readonly [microUsdc]: true };

export const ZERO = 0n as MicroUsdc;
export const USDC_DECIMALS = 6;
/** SQLite's integers end at 2^63; a thousandth of it leaves room for every sum we make. */
export const MICRO_USDC_MAX = 9_000_000_000_000_000n as MicroUsdc;

export function micro(value: bigint | number): MicroUsdc {
  return BigInt(value) as MicroUsdc;
}

export type UsdcParse = { ok: true; amount: MicroUsdc } | { ok: false; reason: string };

/** Reads decimal USDC such as `100`, `0.25` or `-1.5` with up to six decimals. No exponents, no separators. */
export function parseUsdc(text: string): UsdcParse {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (!match) return { ok: false, reason: `"${text}" is not an amount in USDC (an example: 12.50)` };
  const [, sign, whole = '0', fraction = ''] = match;
  if (fraction.length > USDC_DECIMALS)
    return { ok: false, reason: `"${text}" has more than ${USDC_DECIMALS} decimals (USDC has ${USDC_DECIMALS})` };
  const amount = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(USDC_DECIMALS, '0'));
  if (amount > MICRO_USDC_MAX) return { ok: false, reason: `"${text}" is above the largest amount, ${formatUsdc(MICRO_USDC_MAX, 0)}` };
  return { ok: true, amount: micro(sign === '-' ? -amount : amount) };
}

/**
 * Prints micro-USDC as decimal USDC: 2 decimals for balances, 4 for rates, 6 on receipts.
 * What is not zero but would print as zero prints as `<0.01` (or `>-0.01`). Rounds half away from zero.
 */
export function formatUsdc(amount: bigint, decimals: 0 | 2 | 4 | 6 = 6, group = false): string {
  const negative = amount < 0n;
  const abs = negative ? -amount : amount;
  const unit = 10n ** BigInt(USDC_DECIMALS - decimals);
  const rounded = (abs + unit / 2n) / unit;
  if (rounded === 0n && abs !== 0n) return `${negative ? '>-' : '<'}${decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`}`;
  const scale = 10n ** BigInt(decimals);
  let whole = (rounded / scale).toString();
  if (group) whole = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = decimals === 0 ? '' : `.${(rounded % scale).toString().padStart(decimals, '0')}`;
  return `${negative ? '-' : ''}${whole}${fraction}`;
}

/** Money as a JSON integer (`…UsdMicros`): exact, for every amount we accept is below 2^53. */
export function jsonMicros(amount: bigint): number {
  const value = Number(amount);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${amount} micro-USDC does not fit a JSON integer`);
  return value;
}
