import type { ApiApp, ApiDeps } from '../api-app.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminMe, type AdminMe } from '../schemas/admin.ts';
import { item } from '../schemas/parts.ts';
import { securityJson } from '../sign-in/security-json.ts';
import { adminRoute } from './admin-route.ts';

const meRoute = adminRoute({ method: 'get', path: '/admin/me', tag: TAGS.operations, summary: 'Who is signed in, and to what', request: {}, answer: item(adminMe) });

export function registerMe(app: ApiApp, deps: ApiDeps): void {
  serve(app, meRoute, (c) => {
    const caller = c.get('caller');
    const { timezone, baseUrl, version } = deps.plan();
    const me: AdminMe = {
      name: caller.name,
      via: caller.kind === 'admin' && caller.transport === 'cookie' ? 'console' : 'token',
      timezone,
      baseUrl,
      version,
      security: caller.kind === 'admin' ? securityJson(deps.db, { loginId: caller.loginId, origin: c.get('origin') }) : null,
    };
    return c.json({ item: me }, 200);
  });
}
