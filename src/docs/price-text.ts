import { formatUsdc } from '../money.ts';

/** Micro-USDC per million → USDC per million, with as many decimals as it needs, two at least. */
export function priceText(perMillion: bigint): string {
  return formatUsdc(perMillion, 6, true).replace(/(\.\d\d\d*?)0+$/, '$1');
}
