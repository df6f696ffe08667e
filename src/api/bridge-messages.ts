/** What the main thread and the thread of the API say to each other. Bytes are handed over, not copied. */
import type { LogLevel } from '../errors.ts';
import type { LogFields } from '../log.ts';
import type { ApiPlan } from './api-plan.ts';

export interface ApiWorkerStart {
  readonly task: 'serve';
  readonly plan: ApiPlan;
}

export interface BridgedRequest {
  readonly kind: 'request';
  readonly id: number;
  readonly method: string;
  /** The raw request target, as the client sent it. */
  readonly target: string;
  /** Name, value, name, value …, as they came. */
  readonly headers: readonly string[];
  readonly remoteAddress: string;
  readonly encrypted: boolean;
  readonly body: ArrayBuffer | null;
}

export type ToApiWorker =
  | BridgedRequest
  /** So many bytes of its response have gone on their way to the client. */
  | { readonly kind: 'sent'; readonly id: number; readonly bytes: number }
  /** The client has left. */
  | { readonly kind: 'left'; readonly id: number }
  | { readonly kind: 'plan'; readonly plan: ApiPlan }
  /** Event streams end now, and new ones at once. */
  | { readonly kind: 'endStreams' }
  | { readonly kind: 'stop' };

interface Head {
  readonly id: number;
  readonly status: number;
  /** Name, value, name, value … */
  readonly headers: readonly string[];
}

export type FromApiWorker =
  /** A response in one piece; `body` null: none is sent. */
  | (Head & { readonly kind: 'whole'; readonly body: ArrayBuffer | null })
  | (Head & { readonly kind: 'head' })
  | { readonly kind: 'chunk'; readonly id: number; readonly bytes: ArrayBuffer }
  | { readonly kind: 'end'; readonly id: number }
  /** The response broke off. */
  | { readonly kind: 'broken'; readonly id: number }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly event: string; readonly fields: LogFields };

/** Bytes of one response that may be on their way to the client at once. */
export const RESPONSE_WINDOW_BYTES = 256 * 1024;
