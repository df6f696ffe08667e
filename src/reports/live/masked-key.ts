/** How a key is named where there is little room: `rk_…9f3a`. */
export function maskedKey(last4: string): string {
  return `rk_…${last4}`;
}
