/** The shape that all files of the API share: what a handler can ask for, and who calls. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Actor } from '../audit/actor.ts';
import type { Db } from '../db/open.ts';
import type { BuyerId } from '../ids.ts';
import type { Log } from '../log.ts';
import type { ApiPlan } from './api-plan.ts';

export interface ApiDeps {
  /** One connection that reads and writes; the API has a thread of its own, so a short wait for a lock delays nobody's request. */
  readonly db: Db;
  /** The plan in force: read it at each use, for a reload replaces it. */
  plan(): ApiPlan;
  /** Unix milliseconds. */
  now(): number;
  readonly log: Log;
}

/** Who was authenticated. */
export type Caller =
  | { readonly kind: 'buyer'; readonly buyerId: BuyerId; readonly name: string; readonly loginId: number; readonly sessionId: number; readonly transport: 'cookie' | 'token' }
  | { readonly kind: 'admin'; readonly name: string; readonly loginId: number; readonly sessionId: number; readonly transport: 'cookie' | 'token' }
  /** An admin token: a program. */
  | { readonly kind: 'adminToken'; readonly name: string; readonly tokenId: number };

export interface ApiVariables {
  /** The client's network address, seen through trusted proxies only. */
  readonly address: string;
  /** The origin that the client used, such as `https://gateway.example.com`. */
  readonly origin: string;
  /** Set on every route below /buyer and /admin but those of signing in. */
  readonly caller: Caller;
  /** The same, for the audit log. */
  readonly actor: Actor;
}
/** What the socket tells of a request; given to `app.fetch` beside it. */
export interface Connection {
  readonly remoteAddress: string;
  /** Over TLS that ends here. */
  readonly encrypted: boolean;
}
export interface ApiEnv {
  readonly Bindings: Connection;
  readonly Variables: ApiVariables;
}
export type ApiApp = OpenAPIHono<ApiEnv>;
