/** How much of a JSON text is read before it is refused, and the refusal. The limits keep a hostile body of 32 MB under 0.2 s. */

export const DEPTH_MAX = 64;
/** Keys and values. An agent's body of 5 MB has some 100,000; 32 MB of `{},` would have 11 million. */
export const TOKENS_MAX = 1_000_000;

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
