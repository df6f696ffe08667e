import type { AlertEntry } from '../reports/alerts.ts';
import { isoTime } from './iso-time.ts';

/** An alert as every `--json` shows it, with what became of its webhook calls. */
export function alertJson({ id, rule, subject, subjectName, message, figures, firedAt, clearedAt, calls }: AlertEntry): Record<string, unknown> {
  return {
    alertId: `alert_${id}`,
    rule,
    subject,
    subjectName,
    message,
    detail: figures,
    firing: clearedAt === null,
    firedAt: isoTime(firedAt),
    clearedAt: clearedAt === null ? null : isoTime(clearedAt),
    calls: calls.map((call) => ({
      deliveryId: call.id,
      webhook: call.webhook,
      event: call.event,
      state: call.state === 'given up' ? 'given_up' : call.state,
      attempts: call.attempts,
      at: isoTime(call.at),
      lastError: call.lastError,
    })),
  };
}
