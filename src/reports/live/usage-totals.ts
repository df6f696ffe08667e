/** Usage figures that are added up many times a second: one array of integers in the order of `SUM_COLUMNS`. */
import { TOKEN_CLASSES, type TokenClass } from '../../tokens.ts';
import { SUM_COLUMNS, sumsOf } from '../usage-columns.ts';
import type { UsageSums } from '../usage-sums.ts';

const WIDTH = SUM_COLUMNS.length;

/** Where things are in it: tokens and charges of the classes follow each other in the order of `TOKEN_CLASSES`. */
const AT = { tokens: SUM_COLUMNS.indexOf('input_tokens'), charges: SUM_COLUMNS.indexOf('input_charge'), saved: SUM_COLUMNS.indexOf('cache_saved') };
const CHARGES = TOKEN_CLASSES.length + 1;

export type UsageTotals = BigInt64Array;

export const newTotals = (): UsageTotals => new BigInt64Array(WIDTH);

/** Adds the totals that stand in a row from a column on. */
export function addRow(totals: UsageTotals, row: readonly unknown[], from: number): void {
  for (let i = 0; i < WIDTH; i++) totals[i] = (totals[i] as bigint) + (row[from + i] as bigint);
}

export function addTotals(totals: UsageTotals, more: UsageTotals): void {
  for (let i = 0; i < WIDTH; i++) totals[i] = (totals[i] as bigint) + (more[i] as bigint);
}

/** A new array: what `b` has more than `a`, never below zero except for what caching saved. */
export function growth(a: UsageTotals, b: UsageTotals): UsageTotals {
  const grown = newTotals();
  for (let i = 0; i < WIDTH; i++) {
    const more = (b[i] as bigint) - (a[i] as bigint);
    grown[i] = more < 0n && i !== AT.saved ? 0n : more;
  }
  return grown;
}

/** A new array, `part / whole` of the way from `a` to `b`; whole numbers, rounded down. */
export function between(ends: { readonly a: UsageTotals; readonly b: UsageTotals }, part: number, whole: number): UsageTotals {
  const [numerator, denominator] = [BigInt(Math.round(part)), BigInt(Math.round(whole))];
  const totals = newTotals();
  for (let i = 0; i < WIDTH; i++) {
    const from = ends.a[i] as bigint;
    totals[i] = from + (((ends.b[i] as bigint) - from) * numerator) / denominator;
  }
  return totals;
}

/** The classes' charges and the web searches'. */
export function chargeOf(totals: UsageTotals): bigint {
  let charge = 0n;
  for (let i = AT.charges; i < AT.charges + CHARGES; i++) charge += totals[i] as bigint;
  return charge;
}

export const tokensOf = (totals: UsageTotals, tokenClass: TokenClass): number => Number(totals[AT.tokens + TOKEN_CLASSES.indexOf(tokenClass)]);

export const usageSumsOf = (totals: UsageTotals): UsageSums => sumsOf([...totals]);
