/** What the main thread and the thread of the traces say to each other. */
import type { RequestEnd } from '../proxy/observer.ts';
import type { TracingPlan } from './tracing-plan.ts';

export interface TracingWorkerStart {
  readonly plan: TracingPlan;
}

export type ToTracingWorker =
  /** Answered by one `exported`. */
  | { readonly kind: 'requests'; readonly requests: readonly RequestEnd[] }
  | { readonly kind: 'plan'; readonly plan: TracingPlan }
  /** Ends the thread once what came before is exported. */
  | { readonly kind: 'stop' };

export interface FromTracingWorker {
  readonly kind: 'exported';
  /** Null: the collector has them. */
  readonly failure: string | null;
}
