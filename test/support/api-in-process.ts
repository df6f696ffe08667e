/**
 * The HTTP API inside the test's process, on a real database in a folder of its own. Every JSON answer is held against
 * the schema that its route documents: a missing, wrong or undocumented field fails the test that made the call.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createApp } from '../../src/api/app.ts';
import { apiParts } from '../../src/api/api-parts.ts';
import type { ApiApp, ApiDeps, Connection } from '../../src/api/api-app.ts';
import type { ApiPlan } from '../../src/api/api-plan.ts';
import { EventStreams, type StreamLimits } from '../../src/api/event-streams.ts';
import { SESSION_COOKIES } from '../../src/api/session-cookie.ts';
import { createAdminToken } from '../../src/auth/admin-tokens.ts';
import { findLogin, insertLogin, loginOfBuyer, type LoginKind } from '../../src/auth/logins.ts';
import { beginSession } from '../../src/auth/sessions.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { createBuyer, findBuyer } from '../../src/registry/buyers.ts';
import { documentedAnswer } from './documented-answer.ts';

export const ORIGIN = 'http://127.0.0.1:8787';
const SYSTEM = { kind: 'system', name: 'test', via: 'cli', address: null } as const;

export interface SignedIn {
  readonly kind: LoginKind;
  readonly loginId: number;
  /** Null for admins. */
  readonly buyerId: BuyerId | null;
  /** The value of a `cookie` header. */
  readonly cookie: string;
  /** For `Authorization: Bearer`: another session of the same login. */
  readonly token: string;
}

export interface CallOptions {
  /** A sign-in is used by its token, or by its cookie with the Origin that a page sends; a text is sent as Bearer. */
  readonly as?: SignedIn | string;
  readonly by?: 'token' | 'cookie';
  /** Becomes JSON; a text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ApiAnswer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** Of a JSON answer; else undefined. */
  readonly json: T;
  readonly text: string;
}

export interface ApiInProcess {
  readonly app: ApiApp;
  readonly db: Db;
  readonly deps: ApiDeps;
  readonly folder: string;
  readonly logs: { readonly level: string; readonly event: string; readonly [field: string]: unknown }[];
  readonly streams: EventStreams;
  /** The clock of the API, Unix milliseconds; assign to move it. */
  clock: { now(): number };
  /** What of the plan is to differ from now on. */
  plan(changes: Partial<ApiPlan>): void;
  call<T = unknown>(method: string, target: string, options?: CallOptions): Promise<ApiAnswer<T>>;
  /** The response as it comes, for streams. */
  open(method: string, target: string, options?: CallOptions): Promise<Response>;
  /** Makes the buyer where there is none of the name. */
  signInBuyer(name: string): SignedIn;
  signInAdmin(name?: string): SignedIn;
  adminToken(label?: string): string;
  close(): void;
}

export interface ApiInProcessOptions {
  readonly plan?: Partial<ApiPlan>;
  /** Adds routes of the test's own after the product's. */
  readonly parts?: readonly ((app: ApiApp, deps: ApiDeps) => void)[];
  readonly streamLimits?: StreamLimits;
  readonly connection?: Connection;
}

export function planFor(database: string, changes: Partial<ApiPlan> = {}): ApiPlan {
  return {
    database,
    version: '0.0.0-test',
    timezone: 'UTC',
    baseUrl: ORIGIN,
    consoleUrl: ORIGIN,
    dataPlane: { host: '127.0.0.1', port: 8787, cert: null },
    models: [],
    upstreams: [{ name: 'main', kind: 'anthropic', address: 'https://upstream.test', credential: 'file:credential' }],
    alertRules: [],
    trustedProxies: [],
    sessionIdleMs: 12 * 3_600_000,
    sessionMaxMs: 7 * 24 * 3_600_000,
    inviteMs: 72 * 3_600_000,
    topUpInstructions: 'Write to billing@example.com.',
    settings: { file: null, items: [] },
    ...changes,
  };
}

export function openApi(options: ApiInProcessOptions = {}): ApiInProcess {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-api-'));
  const database = path.join(folder, 'ainogap.db');
  const db = openDatabase(database, { mode: 'create' });
  return new InProcess({ folder, database, db, options });
}

interface Parts {
  readonly folder: string;
  readonly database: string;
  readonly db: Db;
  readonly options: ApiInProcessOptions;
}

class InProcess implements ApiInProcess {
  readonly app: ApiApp;
  readonly db: Db;
  readonly deps: ApiDeps;
  readonly folder: string;
  readonly logs: ApiInProcess['logs'] = [];
  readonly streams: EventStreams;
  clock = { now: (): number => Date.now() };
  readonly #connection: Connection;
  #plan: ApiPlan;

  constructor({ folder, database, db, options }: Parts) {
    this.folder = folder;
    this.db = db;
    this.#plan = planFor(database, options.plan);
    this.#connection = options.connection ?? { remoteAddress: '127.0.0.1', encrypted: false };
    this.streams = new EventStreams(options.streamLimits);
    const log = createLog({ level: 'debug', format: 'json', write: (line) => void this.logs.push(JSON.parse(line) as ApiInProcess['logs'][number]) });
    this.deps = { db, plan: () => this.#plan, now: () => this.clock.now(), log };
    this.app = createApp(this.deps, { parts: [...apiParts, ...(options.parts ?? [])], streams: this.streams });
  }

  plan(changes: Partial<ApiPlan>): void {
    this.#plan = { ...this.#plan, ...changes };
  }

  async open(method: string, target: string, { as, by = 'token', body, headers = {}, signal }: CallOptions = {}): Promise<Response> {
    const sent = new Headers({ host: new URL(ORIGIN).host });
    if (typeof as === 'string') sent.set('authorization', `Bearer ${as}`);
    else if (as !== undefined && by === 'token') sent.set('authorization', `Bearer ${as.token}`);
    else if (as !== undefined) sent.set('cookie', as.cookie);
    if (as !== undefined && by === 'cookie' && method !== 'GET') sent.set('origin', ORIGIN);
    if (body !== undefined) sent.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const bytes = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const request = new Request(`${ORIGIN}${target}`, { method, headers: sent, body: bytes, ...(signal ? { signal } : {}) });
    return this.app.fetch(request, this.#connection);
  }

  async call<T = unknown>(method: string, target: string, options: CallOptions = {}): Promise<ApiAnswer<T>> {
    const response = await this.open(method, target, options);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    if (json !== undefined && target !== '/openapi.json') documentedAnswer(this.app, { method, target, status: response.status, json });
    return { status: response.status, headers: response.headers, json: json as T, text };
  }

  signInBuyer(name: string): SignedIn {
    const found = findBuyer(this.db, name);
    const buyer = found ?? createBuyer(this.db, name).buyer;
    const login = loginOfBuyer(this.db, buyer.id) ?? insertLogin(this.db, { kind: 'buyer', buyerId: buyer.id, name: null, now: this.clock.now() });
    return { kind: 'buyer', loginId: login.id, buyerId: buyer.id, ...this.#sessions('buyer', login.id) };
  }

  signInAdmin(name = 'eva'): SignedIn {
    const login = findLogin(this.db, 'admin', name) ?? insertLogin(this.db, { kind: 'admin', buyerId: null, name, now: this.clock.now() });
    return { kind: 'admin', loginId: login.id, buyerId: null, ...this.#sessions('admin', login.id) };
  }

  #sessions(kind: LoginKind, loginId: number): Pick<SignedIn, 'cookie' | 'token'> {
    const begin = (transport: 'cookie' | 'token'): string =>
      beginSession(this.db, { loginId, transport, method: 'password', address: '127.0.0.1', userAgent: 'test', now: this.clock.now(), maxMs: this.#plan.sessionMaxMs }).token;
    return this.db.transaction(() => ({ cookie: `${SESSION_COOKIES[kind]}=${begin('cookie')}`, token: begin('token') }))();
  }

  adminToken(label = 'a program'): string {
    return createAdminToken(this.db, SYSTEM, { label, expiresAt: null, now: this.clock.now() }).secret;
  }

  close(): void {
    this.streams.endAll();
    this.db.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
