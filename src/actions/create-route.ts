import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { createRoute as create, type CreateRouteOutcome, type NewRoute } from '../registry/routes.ts';
import { routeFacts } from './route-facts.ts';

export function createRoute(db: Db, by: Actor, route: NewRoute): CreateRouteOutcome {
  const { alias, now = Date.now() } = route;
  const run = db.transaction((): CreateRouteOutcome => {
    const outcome = create(db, { ...route, now });
    if (outcome.kind === 'created') recordAudit(db, { at: now, by, action: 'route.create', subject: `route:${alias}`, after: routeFacts(outcome.route) });
    return outcome;
  });
  return run.immediate();
}
