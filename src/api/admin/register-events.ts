/** `GET /admin/events`: the live figures, as they change. */
import { createRoute } from '@hono/zod-openapi';
import { adminTokenById, adminTokenStatus } from '../../auth/admin-tokens.ts';
import { sessionStands } from '../../auth/sessions.ts';
import { liveJson } from '../../documents/live-json.ts';
import type { ApiApp, ApiDeps, Caller } from '../api-app.ts';
import { ADMIN_SECURITY, refusals, serve, TAGS } from '../route-parts.ts';
import { snapshot } from '../schemas/live.ts';
import { whenSummed } from '../when-summed.ts';
import type { LiveFeed } from './live-feed.ts';

const PING_EVERY_MS = 15_000;

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
    const first = JSON.stringify(liveJson(whenSummed(() => feed.read())));
    const stands = (): boolean => callerStands(deps, caller);
    return new Response(snapshots({ feed, first, stands }), { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
  });
}

interface Watched {
  readonly feed: LiveFeed;
  /** The first snapshot, as JSON. */
  readonly first: string;
  /** Whether whoever began the stream may still have it. */
  stands(): boolean;
}

function snapshots({ feed, first, stands }: Watched): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = (): void => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => controller.enqueue(encoder.encode(text));
      const unsubscribe = feed.subscribe((text) => {
        // Whoever has not read the one before is given the next one instead.
        if ((controller.desiredSize ?? 0) > 0) send(`event: snapshot\ndata: ${text}\n\n`);
      });
      const ping = setInterval(() => {
        if (stands()) return send(': still there\n\n');
        send('event: signed-out\ndata: {}\n\n');
        stop();
        controller.close();
      }, PING_EVERY_MS);
      stop = () => {
        unsubscribe();
        clearInterval(ping);
      };
      send(`event: snapshot\ndata: ${first}\n\n`);
    },
    cancel: () => stop(),
  });
}

function callerStands({ db, plan, now }: ApiDeps, caller: Caller): boolean {
  if (caller.kind !== 'adminToken') return sessionStands(db, { sessionId: caller.sessionId, now: now(), idleMs: plan().sessionIdleMs });
  const token = adminTokenById(db, caller.tokenId);
  return token !== null && adminTokenStatus(token, now()) === 'live';
}
