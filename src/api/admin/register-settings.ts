import type { ApiApp, ApiDeps } from '../api-app.ts';
import { serve, TAGS } from '../route-parts.ts';
import { settings } from '../schemas/admin.ts';
import { item } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';

const settingsRoute = adminRoute({ method: 'get', path: '/admin/settings', tag: TAGS.operations, summary: 'The configuration in force, and where each value comes from', request: {}, answer: item(settings) });

export function registerSettings(app: ApiApp, deps: ApiDeps): void {
  serve(app, settingsRoute, (c) => {
    const { settings: known, database, version } = deps.plan();
    return c.json({ item: { ...known, database, version } }, 200);
  });
}
