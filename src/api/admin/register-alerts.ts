import { prepared } from '../../db/prepared.ts';
import { alertJson } from '../../documents/alert-json.ts';
import { listAlerts } from '../../reports/alerts.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { serve, TAGS } from '../route-parts.ts';
import { alert, alertQuery, alertRule } from '../schemas/admin.ts';
import { list } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';

const alertsRoute = adminRoute({
  method: 'get',
  path: '/admin/alerts',
  tag: TAGS.operations,
  summary: 'Alerts that fire, newest first, with what became of their webhook calls',
  description: '`all`: those that have cleared, too.',
  request: { query: alertQuery },
  answer: list(alert),
});
const rulesRoute = adminRoute({ method: 'get', path: '/admin/alert-rules', tag: TAGS.operations, summary: 'The rules of the configuration, and how often each fires', request: {}, answer: list(alertRule) });

const FIRING = 'SELECT rule, count(*) FROM alerts WHERE cleared_at IS NULL GROUP BY rule';

export function registerAlerts(app: ApiApp, deps: ApiDeps): void {
  serve(app, alertsRoute, (c) => {
    const { all, limit } = c.req.valid('query');
    return c.json({ items: listAlerts(deps.db, { all: all === 'true', limit }).map(alertJson), nextCursor: null }, 200);
  });
  serve(app, rulesRoute, (c) => {
    const firing = new Map(prepared(deps.db, FIRING, 'raw').all() as [string, number][]);
    return c.json({ items: deps.plan().alertRules.map((rule) => ({ ...rule, firing: firing.get(rule.name) ?? 0 })), nextCursor: null }, 200);
  });
}
