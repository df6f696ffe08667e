/** What the filters of the requests hold; empty fields filter nothing. Kept in the address, so that a view can be sent to somebody. */
export interface RequestFilter {
  readonly buyerId: string;
  readonly route: string;
  readonly model: string;
  readonly upstream: string;
  readonly status: string;
  readonly keyId: string;
  /** `24h`, `7d`, a day or a time. */
  readonly since: string;
}

const NAMES = { buyerId: 'buyer', route: 'route', model: 'model', upstream: 'upstream', status: 'status', keyId: 'key', since: 'since' } as const satisfies Record<keyof RequestFilter, string>;
const FIELDS = Object.keys(NAMES) as (keyof RequestFilter)[];

export function filterFrom(search: string): RequestFilter {
  const query = new URLSearchParams(search);
  const filter = Object.fromEntries(FIELDS.map((field) => [field, query.get(NAMES[field]) ?? ''])) as Record<keyof RequestFilter, string>;
  return filter;
}

/** The address's query for a filter, without its question mark; empty when nothing is filtered. */
export function filterSearch(filter: RequestFilter): string {
  return new URLSearchParams(FIELDS.flatMap((field): [string, string][] => (filter[field] === '' ? [] : [[NAMES[field], filter[field]]]))).toString();
}

export const REQUEST_STATUSES = ['completed', 'refused', 'upstream_error', 'client_left', 'interrupted', 'failed', 'recovered'] as const;
