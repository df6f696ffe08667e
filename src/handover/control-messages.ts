/** What a serving process and whoever asks it say on its control socket: one JSON document a line. */

/** Said to whoever connects. */
export interface Introduction {
  readonly kind: 'introduction';
  readonly pid: number;
  readonly version: string;
  /** `handedOver`: its successor serves, and it finishes what runs. */
  readonly state: 'serving' | 'handedOver';
  /** Where it is reached. */
  readonly url: string;
}

export interface HandedOver {
  readonly kind: 'handedOver';
  /** The process that was asked, and the one that serves now. */
  readonly from: number;
  readonly to: number;
  readonly version: string;
  /** From asking until the successor served. */
  readonly readyMs: number;
  /** Requests that the old process finishes. */
  readonly draining: number;
}

export interface Refused {
  readonly kind: 'refused';
  readonly message: string;
  readonly next?: string;
}

export type Outcome = HandedOver | Refused;

export type ToProcess = { readonly kind: 'handOver' };
export type FromProcess = Introduction | Outcome;
