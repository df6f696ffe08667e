import type { RecentFigures } from './recent-usage.ts';
import type { RegistryNames, RouteName } from './registry-names.ts';
import type { LiveRoute } from './snapshot.ts';
import { routeKey } from './usage-table.ts';
import { newTotals, usageSumsOf } from './usage-totals.ts';

const NOTHING = newTotals();

/** Requests that named no route are not among them. */
export function liveRoutes(names: RegistryNames, { today, hour }: RecentFigures): LiveRoute[] {
  const modelsOf = new Map<number, Set<string>>();
  for (const { routeId, model } of [...today.byRoute.values(), ...hour.routes.byRoute.values()]) {
    const models = modelsOf.get(routeId);
    if (models === undefined) modelsOf.set(routeId, new Set([model]));
    else models.add(model);
  }
  const rowOf = (route: RouteName, model: string): LiveRoute => ({
    alias: route.alias,
    deleted: route.deleted,
    upstream: route.upstream,
    cardVersion: route.cardVersion,
    model: model === '' ? null : model,
    lastHour: usageSumsOf(hour.routes.byRoute.get(routeKey(route.id, model))?.totals ?? NOTHING),
    today: usageSumsOf(today.byRoute.get(routeKey(route.id, model))?.totals ?? NOTHING),
  });
  return names.routes.flatMap((route) => {
    const models = [...(modelsOf.get(route.id) ?? (route.deleted ? [] : ['']))].sort();
    return models.map((model) => rowOf(route, model));
  });
}
