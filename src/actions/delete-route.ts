import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { deleteRoute as remove, findRoute } from '../registry/routes.ts';
import { routeFacts } from './route-facts.ts';

/** False: there is no such route. */
export function deleteRoute(db: Db, by: Actor, { alias, now }: { readonly alias: string; readonly now: number }): boolean {
  const run = db.transaction((): boolean => {
    const route = findRoute(db, alias);
    if (route === null || !remove(db, alias, now)) return false;
    recordAudit(db, { at: now, by, action: 'route.delete', subject: `route:${alias}`, before: routeFacts(route) });
    return true;
  });
  return run.immediate();
}
