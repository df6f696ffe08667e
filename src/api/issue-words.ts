/** What a schema found wrong with a request, in words: where, what was expected, what came. */

/** An issue of zod's; see https://zod.dev/error-formatting. */
export interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: string;
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly pattern?: string;
  readonly errors?: readonly (readonly Issue[])[];
}

const ISSUES_TOLD_MAX = 5;
const SHOWN_MAX = 60;
/** What stands there is nobody's to repeat. */
const SECRET = /password|token|secret|code|response/i;
const PLACES: Readonly<Record<string, string>> = { json: 'the body', query: 'the query', param: 'the path', header: 'the headers', cookie: 'the cookies' };

/** @param data what was sent; @param target where: `json`, `query`, `param`, `header`. */
export function issueWords(issues: readonly Issue[], data: unknown, target: string): string {
  const told = issues.slice(0, ISSUES_TOLD_MAX).map((issue) => issueLine(issue, data, PLACES[target] ?? 'the request'));
  const more = issues.length - told.length;
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

function issueLine(issue: Issue, data: unknown, place: string): string {
  const path = issue.path.map(String);
  const where = path.length === 0 ? place : path.join('.');
  if (issue.code === 'unrecognized_keys') return `${where}: ${issue.keys?.map((key) => JSON.stringify(key.slice(0, SHOWN_MAX))).join(', ') ?? ''} is not known here`;
  const value = path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined), data);
  if (value === undefined && path.length > 0) return `${where}: is missing; expected ${expectation(issue)}`;
  const got = SECRET.test(where) ? '' : `, got ${shown(value)}`;
  return `${where}: expected ${expectation(issue)}${got}`;
}

const TYPES: Readonly<Record<string, string>> = { int: 'an integer', number: 'a number', string: 'a string', boolean: 'true or false', object: 'an object', array: 'a list', record: 'an object' };

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      // For a text where a whole number belongs, zod expects a number; all money is whole.
      if (issue.expected === 'number' && issue.path.some((part) => String(part).endsWith('UsdMicros'))) return 'an integer';
      return TYPES[issue.expected ?? ''] ?? issue.expected ?? 'something else';
    case 'too_small':
      return `at least ${sized(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `at most ${sized(issue.maximum, issue.origin)}`;
    case 'invalid_value':
      return `one of ${issue.values?.map((value) => JSON.stringify(value)).join(', ') ?? ''}`;
    case 'invalid_format':
      return issue.pattern === undefined ? 'another form' : `what matches ${issue.pattern}`;
    case 'invalid_union':
      return issue.errors?.flatMap(([first]) => (first ? [expectation(first)] : [])).join(' or ') || 'another form';
    default:
      return issue.message;
  }
}

function sized(bound: number | bigint | undefined, origin: string | undefined): string {
  if (origin === 'string') return bound === 1 ? '1 character' : `${bound} characters`;
  return origin === 'array' ? (bound === 1 ? '1 item' : `${bound} items`) : String(bound);
}

function shown(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : 'nothing';
}
