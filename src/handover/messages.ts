/** What a process and its successor say to each other, over the channel that Node opens between parent and child. */

/** The successor: it serves; or it does not, and why. */
export type FromSuccessor =
  | { readonly kind: 'ready'; readonly version: string }
  /** It upgrades the database first, which may take minutes; nobody waits for it meanwhile but who asked. */
  | { readonly kind: 'upgrading' }
  | { readonly kind: 'refused'; readonly message: string; readonly next?: string }
  /** It was told to stop while its predecessor still finishes requests: that shall not take longer than stopping does. */
  | { readonly kind: 'stop' };

/** The predecessor takes nothing new from here on. A successor that never hears it has been given up. */
export interface FromPredecessor {
  readonly kind: 'goOn';
}
