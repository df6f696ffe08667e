const EXACT_DECIMALS = 14;

/** Count × micro-USDC per million × factors, in USDC, with all its decimals (at least six). */
export function exactUsdc(product: bigint, { geo, half }: { geo: boolean; half: boolean }): string {
  // A product is worth 10⁻¹² USDC; tenths and halves need two decimals more.
  const scaled = product * (geo ? 11n : 10n) * (half ? 5n : 10n);
  const digits = scaled.toString().padStart(EXACT_DECIMALS + 1, '0');
  const fraction = digits.slice(-EXACT_DECIMALS).replace(/0{1,8}$/, '');
  return `${digits.slice(0, -EXACT_DECIMALS)}.${fraction}`;
}
