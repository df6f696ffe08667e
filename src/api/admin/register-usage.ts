import { isoTime } from '../../documents/iso-time.ts';
import type { Db } from '../../db/open.ts';
import type { BuyerId } from '../../ids.ts';
import { jsonMicros } from '../../money.ts';
import { buyerUnreadWrites } from '../../reports/buyer-unread-writes.ts';
import { upToPresent, type TimeWindow } from '../../reports/time-range.ts';
import type { UnreadWrites } from '../../reports/unread-writes.ts';
import { unreadWrites } from '../../reports/unread-writes.ts';
import { usageJson } from '../../reports/usage-json.ts';
import { readUsageReport, type UsageReportRow } from '../../reports/usage-report.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { parseUsageWindow } from '../parse-window.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminUsageQuery, adminUsageReport } from '../schemas/admin.ts';
import { item } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';
import { requireBuyer } from './find-subject.ts';

const usageRoute = adminRoute({
  method: 'get',
  path: '/admin/usage',
  tag: TAGS.operations,
  summary: 'What was used and charged, with list cost and margin',
  description:
    "By settlement time, in the days of the gateway's zone. Without `since`: by day the last 7 days, by hour the last 24 hours, else today. " +
    '`unreadWrites` is a lower bound, over the last 7 days of the window unless one buyer is asked for.',
  request: { query: adminUsageQuery },
  answer: item(adminUsageReport),
  errors: ['not_found'],
});

export function registerUsage(app: ApiApp, deps: ApiDeps): void {
  serve(app, usageRoute, (c) => {
    const { by, since, until, buyerId: text } = c.req.valid('query');
    const { db } = deps;
    const [now, { timezone }] = [deps.now(), deps.plan()];
    const buyerId = text === undefined ? null : requireBuyer(db, text).id;
    const window = upToPresent(db, parseUsageWindow(by, { since, until, now, timezone }));
    const { rows, total } = readUsageReport(db, { ...window, by, now, ...(buyerId === null ? {} : { buyerId }) });
    const unread = unreadIn(db, { window, buyerId, now });
    const report = {
      by,
      since: isoTime(window.since),
      until: isoTime(window.until),
      timezone,
      running: window.running,
      rows: rows.map((row) => rowDocument(by, row)),
      total: usageJson(total),
      unreadWrites: { tokens: unread.tokens, chargeUsdMicros: jsonMicros(unread.charge) },
    };
    return c.json({ item: report }, 200);
  });
}

function rowDocument(by: string, { label, id, buyer, span, sums }: UsageReportRow): Record<string, unknown> {
  const [start, end] = span === null ? [null, null] : [isoTime(span.start), isoTime(span.end)];
  return { label, id, buyer: by === 'buyer' ? label : buyer, start, end, running: span?.running ?? false, ...usageJson(sums) };
}

/** All buyers' minutes are looked at one by one: of longer windows only the end, for it takes about 0.2 s already. */
const MINUTES_OF_MS = 7 * 86_400_000;

function unreadIn(db: Db, { window, buyerId, now }: { readonly window: TimeWindow; readonly buyerId: BuyerId | null; readonly now: number }): UnreadWrites {
  const { since, until } = window;
  if (buyerId !== null) return buyerUnreadWrites(db, { since, until, now, buyerId });
  return unreadWrites(db, { since: Math.max(since, Math.min(until, now) - MINUTES_OF_MS), until, now });
}
