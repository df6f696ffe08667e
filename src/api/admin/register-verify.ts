import type { ApiApp, ApiDeps } from '../api-app.ts';
import { change } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { verification } from '../schemas/admin.ts';
import { item } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';
import { Verifier } from './verifier.ts';

const startRoute = adminRoute({
  method: 'post',
  path: '/admin/verify',
  tag: TAGS.ledger,
  summary: 'Recompute every balance, charge and sum from their rows',
  description: 'It runs beside everything else; `GET /admin/verify` tells how far it is. While one runs, no other begins.',
  request: {},
  answer: item(verification),
  status: 202,
});
const stateRoute = adminRoute({ method: 'get', path: '/admin/verify', tag: TAGS.ledger, summary: 'What the last verification found', request: {}, answer: item(verification) });

export function registerVerify(app: ApiApp, deps: ApiDeps): void {
  const verifier = new Verifier({ database: () => deps.plan().database, now: () => deps.now(), log: deps.log });
  serve(app, startRoute, (c) =>
    change(c, deps, null, () => {
      verifier.start();
      return { status: 202, body: { item: verifier.state } };
    }),
  );
  serve(app, stateRoute, (c) => c.json({ item: verifier.state }, 200));
}
