import type { TokenCounts, UsagePart } from '../tokens.ts';

/** What the meter has seen of a response so far. Last non-null value wins; nothing is added up or maximised. */
export interface MeterReading {
  /** The model of `message_start` or of the JSON body; null when none was seen. */
  readonly model: string | null;
  /** A usage object was seen (in `message_start`, or in the JSON body). */
  readonly started: boolean;
  /** The final usage was seen: a `message_delta` with usage that no text followed, or the whole JSON body. */
  readonly final: boolean;
  /** `message_stop` was seen (or the JSON body is complete). */
  readonly stopped: boolean;
  /** An `event: error` (or an error document in a 200) was seen: its type. */
  readonly errorType: string | null;
  readonly tokens: TokenCounts;
  /** From `usage.iterations`, when non-null: bill these, each at its own model, instead of `tokens`. */
  readonly iterations: readonly UsagePart[] | null;
  /** As reported; while that is not final, at least the searches that were seen to begin. */
  readonly webSearchRequests: number;
  readonly inferenceGeo: string | null;
  readonly serviceTier: string | null;
  readonly speed: string | null;
  /** UTF-8 bytes of all delta text relayed so far, and what hidden thinking counts for: the base of an estimate. */
  readonly deltaBytes: number;
  /** e.g. `usage_malformed`, `usage_missing`, `unknown_counter`, `cache_write_grew`. */
  readonly flags: readonly string[];
}
