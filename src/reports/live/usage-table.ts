/** Usage of a stretch of time by everything that the live view shows it by. */
import { addRow, addTotals, newTotals, type UsageTotals } from './usage-totals.ts';

/** A row of the usage tables: buyer, key, route, model, then the totals. All integers are bigints. */
export type UsageTableRow = readonly unknown[];
const TOTALS_FROM = 4;

export interface RouteUsage {
  readonly routeId: number;
  readonly model: string;
  readonly totals: UsageTotals;
}

export class UsageTable {
  readonly all = newTotals();
  readonly byBuyer = new Map<number, UsageTotals>();
  readonly byKey = new Map<number, UsageTotals>();
  /** By `routeKey`. */
  readonly byRoute = new Map<string, RouteUsage>();

  addRow(row: UsageTableRow): void {
    addRow(this.all, row, TOTALS_FROM);
    addRow(totalsIn(this.byBuyer, Number(row[0])), row, TOTALS_FROM);
    addRow(totalsIn(this.byKey, Number(row[1])), row, TOTALS_FROM);
    addRow(this.#route(Number(row[2]), row[3] as string), row, TOTALS_FROM);
  }

  add(table: UsageTable): void {
    addTotals(this.all, table.all);
    for (const [buyer, totals] of table.byBuyer) addTotals(totalsIn(this.byBuyer, buyer), totals);
    for (const [key, totals] of table.byKey) addTotals(totalsIn(this.byKey, key), totals);
    for (const { routeId, model, totals } of table.byRoute.values()) addTotals(this.#route(routeId, model), totals);
  }

  addRoute({ routeId, model, totals }: RouteUsage): void {
    addTotals(this.#route(routeId, model), totals);
  }

  #route(routeId: number, model: string): UsageTotals {
    const key = routeKey(routeId, model);
    let route = this.byRoute.get(key);
    if (route === undefined) this.byRoute.set(key, (route = { routeId, model, totals: newTotals() }));
    return route.totals;
  }
}

export const routeKey = (routeId: number, model: string): string => `${routeId}\n${model}`;

function totalsIn(map: Map<number, UsageTotals>, member: number): UsageTotals {
  let totals = map.get(member);
  if (totals === undefined) map.set(member, (totals = newTotals()));
  return totals;
}
