/** Digits as bytes; `undefined` is what lies beyond the end of a buffer. */

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

export function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
