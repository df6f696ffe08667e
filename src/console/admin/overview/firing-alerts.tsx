import { Link } from 'wouter';
import type { Snapshot } from '../../../api/schemas/live.ts';
import { timeUtc } from '../../format.ts';
import { Notice } from '../../parts/notices.tsx';

/** One notice for each alert that fires; nothing at all when none does. */
export function FiringAlerts({ snapshot }: { readonly snapshot: Snapshot | null }) {
  const firing = (snapshot?.alerts ?? []).filter(({ clearedAt }) => clearedAt === null);
  if (firing.length === 0) return null;
  return (
    <section aria-label="Alerts that fire" className="alert-stack">
      {firing.slice(0, 5).map((alert) => (
        <Notice key={`${alert.firedAt} ${String(alert['subject'])} ${String(alert['message'])}`} tone="warning">
          <strong>{String(alert['subject'])}</strong> {String(alert['message'])} <small>since {timeUtc(alert.firedAt)}</small>
        </Notice>
      ))}
      <Link href="/alerts">{firing.length > 5 ? `All ${firing.length} alerts and their webhook calls` : 'Alerts and their webhook calls'}</Link>
    </section>
  );
}
