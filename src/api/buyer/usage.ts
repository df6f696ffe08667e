import { createRoute } from '@hono/zod-openapi';
import { isoTime } from '../../documents/iso-time.ts';
import { jsonMicros } from '../../money.ts';
import { upToPresent } from '../../reports/time-range.ts';
import { readUsageReport, type UsageReportRow } from '../../reports/usage-report.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { parseUsageWindow } from '../parse-window.ts';
import { answer, BUYER_SECURITY, refusals, serve, TAGS } from '../route-parts.ts';
import { item } from '../schemas/parts.ts';
import { usageQuery, usageReport, type UsageReport, type UsageRow } from '../schemas/usage.ts';
import { callingBuyer } from './calling-buyer.ts';
import { createUnreadWritesMemory } from './unread-writes-memory.ts';
import { buyerTotals } from './usage-totals.ts';

const route = createRoute({
  method: 'get',
  path: '/buyer/usage',
  tags: [TAGS.usage],
  summary: 'What was used and charged, by key, route, model, day or hour',
  description:
    'By settlement time, in the days of the gateway\'s zone. Without `since`: by day the last 7 days, by hour the last 24 hours, else today. At most 2,000 rows. ' +
    '`unreadWrites` is a lower bound: caches that were written and never read while they lived, as far as that is certain.',
  security: BUYER_SECURITY,
  request: { query: usageQuery },
  responses: { 200: answer(item(usageReport), 'The report.'), ...refusals() },
});

export function registerUsage(app: ApiApp, deps: ApiDeps): void {
  const unreadWrites = createUnreadWritesMemory(deps.db);
  serve(app, route, (c) => {
    const { buyerId } = callingBuyer(c);
    const { by, since, until } = c.req.valid('query');
    const [now, { timezone }] = [deps.now(), deps.plan()];
    const window = upToPresent(deps.db, parseUsageWindow(by, { since, until, now, timezone }));
    const { rows, total } = readUsageReport(deps.db, { ...window, by, now, buyerId });
    const unread = unreadWrites({ since: window.since, until: window.until, now, buyerId });
    const report: UsageReport = {
      by,
      since: isoTime(window.since),
      until: isoTime(window.until),
      timezone,
      running: window.running,
      rows: rows.map(usageRowOf),
      total: buyerTotals(total),
      unreadWrites: { tokens: unread.tokens, chargeUsdMicros: jsonMicros(unread.charge) },
    };
    return c.json({ item: report });
  });
}

function usageRowOf({ label, id, span, sums }: UsageReportRow): UsageRow {
  return { label, id, start: span === null ? null : isoTime(span.start), end: span === null ? null : isoTime(span.end), running: span?.running ?? false, ...buyerTotals(sums) };
}
