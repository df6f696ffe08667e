import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import type { RouteAlias } from '../ids.ts';
import { changeRoute as change, type ChangeRouteOutcome, type RouteChange, type RouteRecord } from '../registry/routes.ts';
import { differing, routeFacts } from './route-facts.ts';

export interface WantedRouteChange {
  readonly alias: RouteAlias;
  /** Says what to change of the route as it is; what it throws rolls back. */
  readonly decide: (before: RouteRecord) => RouteChange;
  readonly now: number;
}

/** What is not really different changes nothing and is not recorded. */
export function changeRoute(db: Db, by: Actor, { alias, decide, now }: WantedRouteChange): ChangeRouteOutcome {
  const run = db.transaction((): ChangeRouteOutcome => {
    const outcome = change(db, alias, decide, now);
    if (outcome.kind === 'changed') {
      const [before, after] = [routeFacts(outcome.before), routeFacts(outcome.after)];
      recordAudit(db, { at: now, by, action: 'route.change', subject: `route:${alias}`, before: differing(before, after), after: differing(after, before) });
    }
    return outcome;
  });
  return run.immediate();
}
