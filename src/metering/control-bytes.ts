/**
 * Whether any byte is below 0x20, four at a time: `(x - 0x20202020) & ~x` has a high bit set exactly when some byte
 * of x is below 0x20 (the borrow can only start at such a byte).
 */
export function hasControls(buffer: Buffer): boolean {
  const head = Math.min((4 - (buffer.byteOffset & 3)) & 3, buffer.length);
  for (let i = 0; i < head; i++) if ((buffer[i] as number) < 0x20) return true;
  const words = new Uint32Array(buffer.buffer, buffer.byteOffset + head, (buffer.length - head) >> 2);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    if (((word - 0x20202020) & ~word & 0x80808080) !== 0) return true;
  }
  for (let i = head + words.length * 4; i < buffer.length; i++) if ((buffer[i] as number) < 0x20) return true;
  return false;
}
