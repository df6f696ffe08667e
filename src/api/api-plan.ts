/** What the control plane is told of the configuration. It crosses to another thread, so it is plain data without secrets. */
import type { PricedModel } from '../metering/price-card.ts';

export interface ApiPlan {
  /** The database's file; it exists and has this program's schema. */
  readonly database: string;
  readonly version: string;
  readonly timezone: string;
  /** Where buyers' requests go, as they reach it: `https://gateway.example.com`, no trailing slash. */
  readonly baseUrl: string;
  /** Where the pages are reached; the same unless they have an address of their own. Invitations point there. */
  readonly consoleUrl: string;
  /** The data plane's own listener on this machine, for the console's "try it". */
  readonly dataPlane: { readonly host: string; readonly port: number; /** PEM of the certificate it shows; null: plain HTTP. */ readonly cert: string | null };
  /** Of the configuration, beyond the built-in price book. */
  readonly models: readonly PricedModel[];
  readonly upstreams: readonly { readonly name: string; readonly kind: string; readonly address: string | null; readonly credential: string | null }[];
  readonly alertRules: readonly { readonly name: string; readonly when: string; readonly words: string }[];
  /** Addresses and ranges whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly trustedProxies: readonly string[];
  readonly sessionIdleMs: number;
  readonly sessionMaxMs: number;
  readonly inviteMs: number;
  readonly topUpInstructions: string;
  readonly settings: { readonly file: string | null; readonly items: readonly { readonly key: string; readonly value: string; readonly from: 'file' | 'option' | 'default'; readonly line: number | null; readonly restart: boolean }[] };
}
