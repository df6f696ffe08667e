/** `GET /admin/events`: the live figures, as they change. */
import { createRoute } from '@hono/zod-openapi';
import { adminTokenById, adminTokenStatus } from '../../auth/admin-tokens.ts';
import { sessionStands } from '../../auth/sessions.ts';
import { liveJson } from '../../documents/live-json.ts';
import type { ApiApp, ApiDeps, Caller } from '../api-app.ts';
import { ADMIN_SECURITY, refusals, serve, TAGS } from '../route-parts.ts';
import { snapshot } from '../schemas/live.ts';
import { liveEvents } from './live-events.ts';
import type { LiveFeed } from './live-feed.ts';

const eventsRoute = createRoute({
  method: 'get',
  path: '/admin/events',
  tags: [TAGS.events],
  summary: 'The live figures as server-sent events',
  description:
    '`event: snapshot`: what `ainogap top --json` prints, at once, then within a second of a change and at least every 5 seconds; its schema is that of this answer. ' +
    '`event: signed-out`: the session or token has ended, and so does the stream. A comment comes every 15 seconds. A client that does not keep up gets fewer snapshots, not old ones.',
  security: ADMIN_SECURITY,
  responses: { 200: { description: 'Events.', content: { 'text/event-stream': { schema: snapshot } } }, ...refusals('forbidden') },
});

export function registerEvents(app: ApiApp, deps: ApiDeps, feed: LiveFeed): void {
  serve(app, eventsRoute, (c) => {
    const caller = c.get('caller');
    const first = JSON.stringify(liveJson(feed.read()));
    const stands = (): boolean => stillStands(deps, caller);
    return new Response(liveEvents({ feed, first, stands }), { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
  });
}

/** A read that fails says nothing about the session: the next one will. */
function stillStands(deps: ApiDeps, caller: Caller): boolean {
  try {
    return callerStands(deps, caller);
  } catch (error) {
    deps.log.warn('session_not_read', { message: String(error) });
    return true;
  }
}

function callerStands(deps: ApiDeps, caller: Caller): boolean {
  const { db } = deps;
  if (caller.kind !== 'adminToken') return sessionStands(db, { sessionId: caller.sessionId, now: deps.now(), idleMs: deps.plan().sessionIdleMs });
  const token = adminTokenById(db, caller.tokenId);
  return token !== null && adminTokenStatus(token, deps.now()) === 'live';
}
