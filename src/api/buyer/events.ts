import { createRoute, z } from '@hono/zod-openapi';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { BUYER_SECURITY, refusals, serve, TAGS } from '../route-parts.ts';
import { BuyerFeed } from './buyer-feed.ts';
import { callingBuyer } from './calling-buyer.ts';

/** Events that wait for a slow reader; one that is behind by more is cut, and comes again for the state as it then is. */
const WAITING_MAX = 64;

const route = createRoute({
  method: 'get',
  path: '/buyer/events',
  tags: [TAGS.events],
  summary: 'Balance, usage and requests as they change',
  description:
    'Server-sent events: `balance` (as in `GET /buyer/me`), `usage` (`{"today", "lastHour"}`), `request` (one that ended, as in `GET /buyer/requests`), and `signed-out`, after which the stream ends. ' +
    'The first `balance` and `usage` come at once, and later ones when they differ.',
  security: BUYER_SECURITY,
  responses: { 200: { description: 'A stream without end.', content: { 'text/event-stream': { schema: z.string() } } }, ...refusals() },
});

export function registerEvents(app: ApiApp, deps: ApiDeps): void {
  const feed = new BuyerFeed(deps);
  serve(app, route, (c) => {
    const { buyerId, sessionId } = callingBuyer(c);
    const encoder = new TextEncoder();
    let leave = (): void => undefined;
    const stream = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          let open = true;
          const close = (): void => {
            if (open) controller.close();
            open = false;
          };
          const send = (text: string): boolean => {
            if (!open || (controller.desiredSize ?? 0) <= 0) return false;
            controller.enqueue(encoder.encode(text));
            return true;
          };
          const end = feed.subscribe({ buyerId, sessionId, send, close });
          leave = () => {
            open = false;
            end();
          };
        },
        cancel: () => leave(),
      },
      { highWaterMark: WAITING_MAX },
    );
    c.req.raw.signal.addEventListener('abort', () => leave(), { once: true });
    return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
  });
}
