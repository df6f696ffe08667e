import { liveJson } from '../../documents/live-json.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminUpstream, type AdminUpstream } from '../schemas/admin.ts';
import { list } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';
import type { LiveFeed } from './live-feed.ts';

const upstreamsRoute = adminRoute({
  method: 'get',
  path: '/admin/upstreams',
  tag: TAGS.operations,
  summary: 'Upstreams and their health, by their requests of the last five minutes',
  request: {},
  answer: list(adminUpstream),
});

type LiveUpstreamDocument = Omit<AdminUpstream, 'kind' | 'address' | 'credential'>;

export function registerUpstreams(app: ApiApp, deps: ApiDeps, feed: LiveFeed): void {
  serve(app, upstreamsRoute, (c) => {
    const configured = new Map(deps.plan().upstreams.map((upstream) => [upstream.name, upstream]));
    const live = liveJson(feed.read())['upstreams'] as LiveUpstreamDocument[];
    const items = live.map((upstream): AdminUpstream => {
      const { kind = null, address = null, credential = null } = configured.get(upstream.upstream) ?? {};
      return { ...upstream, kind, address, credential };
    });
    return c.json({ items, nextCursor: null }, 200);
  });
}
