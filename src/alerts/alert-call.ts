/** The document that a webhook is sent, fixed when the alert fires or clears: a repeated call is the same, byte for byte. */
import type { AlertRule } from '../config.ts';
import type { AlertDetail } from './evaluate.ts';

export type AlertEvent = 'alert.fired' | 'alert.cleared' | 'alert.test';

export interface AlertCall {
  /** Unique to the call; also in `x-ainogap-delivery`. A receiver that saw it before has nothing to do. */
  readonly id: string;
  readonly event: AlertEvent;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** One line, e.g. `low-balance: acme: the balance of 8.20 USDC is below 10.00`. */
  readonly text: string;
  readonly alert: {
    /** `alert_12`; equal in the calls of its firing and its clearing. `alert_test` in a test. */
    readonly id: string;
    readonly rule: string;
    readonly when: AlertRule['when'] | 'test';
    /** `buyer_3`, `upstream:NAME` or `gateway`. */
    readonly subject: string;
    readonly subjectName: string;
    /** As it was when the alert fired. */
    readonly message: string;
    /** Figures by name; money as integers named `…UsdMicros`. */
    readonly detail: AlertDetail;
    readonly firedAt: string;
    readonly clearedAt: string | null;
  };
}

/** The call's JSON, as it is sent and signed. */
export function alertCallBody(call: Omit<AlertCall, 'text'>): string {
  const { event, id, createdAt, alert } = call;
  const cleared = event === 'alert.cleared' ? 'cleared: ' : '';
  const text = `${alert.rule}: ${alert.subjectName}: ${cleared}${alert.message}`;
  return JSON.stringify({ id, event, createdAt, text, alert } satisfies AlertCall);
}
