/** What the columns of every usage table mean that come after those that say whose and when. */
import { USAGE_SUMS } from '../db/usage-columns.ts';
import { micro } from '../money.ts';
import type { UsageSums } from './usage-sums.ts';

/** In the order of the tables, and of `sumsOf`. */
export const SUM_COLUMNS = USAGE_SUMS;

/** A charge is the sum of these. */
export const CHARGE_COLUMNS = SUM_COLUMNS.slice(9, 15);

/** `sum(a), sum(b), …`: `prefix` names the table. */
export const sumsSql = (prefix = ''): string => SUM_COLUMNS.map((column) => `sum(${prefix}${column})`).join(', ');

/** From the columns in their order, as bigints. */
export function sumsOf(values: readonly bigint[]): UsageSums {
  const [requests, errors, refused, estimated, ...rest] = values;
  const five = (from: number): [bigint, bigint, bigint, bigint, bigint] => rest.slice(from, from + 5) as never;
  const counts = five(0);
  const charges = five(5);
  const [webSearch = 0n, shortfall = 0n, listCost = 0n, cacheSaved = 0n] = rest.slice(10);
  return {
    requests: Number(requests),
    errors: Number(errors),
    refused: Number(refused),
    estimated: Number(estimated),
    tokens: {
      input: Number(counts[0]),
      output: Number(counts[1]),
      cacheWrite5m: Number(counts[2]),
      cacheWrite1h: Number(counts[3]),
      cacheRead: Number(counts[4]),
    },
    chargeByClass: {
      input: micro(charges[0]),
      output: micro(charges[1]),
      cacheWrite5m: micro(charges[2]),
      cacheWrite1h: micro(charges[3]),
      cacheRead: micro(charges[4]),
    },
    webSearchCharge: micro(webSearch),
    charge: micro(charges.reduce((sum, charge) => sum + charge, webSearch)),
    shortfall: micro(shortfall),
    listCost: micro(listCost),
    cacheSaved: micro(cacheSaved),
  };
}
