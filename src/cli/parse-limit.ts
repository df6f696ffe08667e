import { usageError } from './cli-error.ts';

export const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 100_000;

/** `--limit` of a list: 1 to 100,000. */
export function parseLimit(given: string | undefined): number {
  const text = given ?? String(LIMIT_DEFAULT);
  const limit = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0;
  if (limit === 0 || limit > LIMIT_MAX) throw usageError(`--limit takes a whole number from 1 to ${LIMIT_MAX}, not "${text}".`);
  return limit;
}
