/**
 * A fixed set of short names that can be recognised in a buffer without making a string. Built once at start-up;
 * `find` costs a few nanoseconds, a decoded string and a `Map` about ten times as much.
 */
const SLOTS = 512;

export class KeyTable<Name extends string> {
  readonly names: readonly Name[];
  private readonly bytes: readonly Uint8Array[];
  private readonly slots = new Int16Array(SLOTS).fill(-1);

  /** At most 31 names, so that a set of them fits one small integer. */
  constructor(names: readonly Name[]) {
    if (names.length > 31) throw new RangeError(`${names.length} names do not fit a bit set of 31`);
    this.names = names;
    this.bytes = names.map((name) => Buffer.from(name, 'latin1'));
    for (const [index, bytes] of this.bytes.entries()) {
      let slot = slotOf(bytes, 0, bytes.length);
      while (this.slots[slot] !== -1) slot = (slot + 1) % SLOTS;
      this.slots[slot] = index;
    }
  }

  /** The index of the name in bytes [start, end), or -1. */
  find(buffer: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length === 0) return -1;
    for (let slot = slotOf(buffer, start, end); ; slot = (slot + 1) % SLOTS) {
      const index = this.slots[slot] as number;
      if (index === -1) return -1;
      const bytes = this.bytes[index] as Uint8Array;
      if (bytes.length === length && same(bytes, buffer, start)) return index;
    }
  }

  /** The index of a name that was decoded because it held escapes, or -1. */
  indexOf(text: string): number {
    return (this.names as readonly string[]).indexOf(text);
  }
}

function slotOf(buffer: Uint8Array, start: number, end: number): number {
  const first = buffer[start] as number;
  const last = buffer[end - 1] as number;
  return ((end - start) * 31 + first * 7 + last * 13) % SLOTS;
}

function same(bytes: Uint8Array, buffer: Uint8Array, start: number): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== buffer[start + i]) return false;
  return true;
}
