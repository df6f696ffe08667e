/**
 * What was found in long values that come again and again: agents send the same tools and the same system prompt with
 * every turn. A value whose bytes equal remembered ones byte for byte means the same, so comparing them (1 µs for 25 kB)
 * stands for scanning them (45 µs). Measured for a 50 kB agent-like body: see `npm run bench`.
 */
import type { RequestFindings } from './request-findings.ts';

const VALUE_BYTES_MIN = 1024;
const VALUE_BYTES_MAX = 256 * 1024;
const ENTRIES_MAX = 64;

/** The fields whose values are remembered. */
export type RememberedField = 'tools' | 'system';

interface Entry {
  readonly field: RememberedField;
  /** A whole JSON array, so that a body which continues with these bytes has exactly this value there. */
  readonly bytes: Buffer;
  readonly findings: RequestFindings;
}

export class ScanMemory {
  /** The last used first. At most 16 MB of other people's tools and prompts, never written anywhere. */
  #entries: Entry[] = [];

  /** The findings of the field's value at `pos` and its length, when it was seen before under the same `allow`. */
  recall(field: RememberedField, { body, pos, allow }: { body: Buffer; pos: number; allow: ReadonlySet<string> }): { findings: RequestFindings; length: number } | null {
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as Entry;
      const { length } = entry.bytes;
      if (entry.field !== field || pos + length > body.length || entry.findings.allow !== allow) continue;
      if (body.compare(entry.bytes, 0, length, pos, pos + length) !== 0) continue;
      if (i > 0) this.#entries.unshift(...this.#entries.splice(i, 1));
      return { findings: entry.findings, length };
    }
    return null;
  }

  /** Remembers what an array told, if it is worth it and nothing in it was refused. */
  keep(field: RememberedField, value: Buffer, findings: RequestFindings): void {
    if (value.length < VALUE_BYTES_MIN || value.length > VALUE_BYTES_MAX || findings.refusal !== null) return;
    this.#entries.unshift({ field, bytes: Buffer.from(value), findings });
    if (this.#entries.length > ENTRIES_MAX) this.#entries.pop();
  }
}
