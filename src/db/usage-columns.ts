/**
 * The columns of the usage tables (`db/migrations/002-usage.ts`), in their order. The migration keeps a list of its own:
 * what it makes must stay what it was, also when a later migration brings columns that this list then has.
 */

/** Who a row is of. */
export const USAGE_WHO = ['buyer_id', 'key_id', 'route_id', 'model'] as const;

export const USAGE_SUMS = [
  'requests',
  'errors',
  'refused',
  'estimated',
  'input_tokens',
  'output_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'cache_read_tokens',
  'input_charge',
  'output_charge',
  'cache_write_5m_charge',
  'cache_write_1h_charge',
  'cache_read_charge',
  'web_search_charge',
  'shortfall',
  'list_cost',
  'cache_saved',
] as const;

const LISTED = USAGE_SUMS.join(', ');

/** The columns of a row but those that say when and who. */
export const SUMS_AND_FIRST = `${LISTED}, first_request`;

/** The same, summed over a group of rows. */
export const SUMMED = `${USAGE_SUMS.map((column) => `sum(${column})`).join(', ')}, min(first_request)`;

/** For an upsert: what is there already grows by what comes. */
export const GROW_BY_EXCLUDED = `ON CONFLICT DO UPDATE SET ${USAGE_SUMS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')},
  first_request = min(first_request, excluded.first_request)`;
