/** Micro-USDC as an attribute, which has no integers beyond 2^53: those go out as their digits. */
export function micros(amount: bigint): number | string {
  const number = Number(amount);
  return Number.isSafeInteger(number) ? number : String(amount);
}
