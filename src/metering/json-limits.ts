/** How much of a JSON text is read before it is refused, and the refusal. The limits keep a hostile request of 32 MB under 0.2 s. */

export const DEPTH_MAX = 64;
/** Keys and values. An agent's body of 5 MB has some 100,000; 32 MB of `{},` would have 11 million. */
export const TOKENS_MAX = 1_000_000;

export interface JsonLimits {
  readonly depthMax: number;
  readonly tokensMax: number;
  /** Whether a key may stand twice in an object that the caller looks into; `member` is then called for both. */
  readonly duplicates: boolean;
}

export const REQUEST_LIMITS: JsonLimits = { depthMax: DEPTH_MAX, tokensMax: TOKENS_MAX, duplicates: false };
/**
 * A response is billed upstream whatever it looks like, and what a model calls a tool with may nest at will: nothing
 * that a client can read may go unmetered. The depth only bounds the memory that 64 MB of brackets take.
 */
export const RESPONSE_LIMITS: JsonLimits = { depthMax: 1_000_000, tokensMax: Number.POSITIVE_INFINITY, duplicates: true };

/** Keys outside the table of an object that is looked into, and strings with escapes there: rare, and dearer to read. */
export const OTHER_KEYS_MAX = 100_000;
export const ESCAPED_MAX = 10_000;

export class MalformedJson extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}
