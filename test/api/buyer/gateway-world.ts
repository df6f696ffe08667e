/** The buyer's API on the database of a real gateway in this process: its requests go through a real data plane. */
import { createApp } from '../../../src/api/app.ts';
import type { ApiApp, ApiDeps } from '../../../src/api/api-app.ts';
import type { ApiPlan } from '../../../src/api/api-plan.ts';
import { registerBuyerApi } from '../../../src/api/buyer/register-buyer-api.ts';
import { insertLogin } from '../../../src/auth/logins.ts';
import { beginSession } from '../../../src/auth/sessions.ts';
import { openDatabase, type Db } from '../../../src/db/open.ts';
import { createLog } from '../../../src/log.ts';
import { ORIGIN, planFor } from '../../support/api-in-process.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../../support/gateway-in-process.ts';
import type { TestGatewayOptions } from '../../support/test-config.ts';

export interface GatewayWorld {
  readonly gateway: TestGateway;
  readonly app: ApiApp;
  /** The API's own connection. */
  readonly db: Db;
  /** What the API logged. */
  readonly logs: string[];
  /** The API's clock runs that much ahead, ms. */
  ahead: number;
  /** What of the plan is to differ from now on. */
  plan(changes: Partial<ApiPlan>): void;
  /** A session of the buyer's; a text for `authorization`. */
  signIn(buyer: TestBuyer): { readonly bearer: string; readonly sessionId: number };
  call(method: string, target: string, options?: { readonly as?: { readonly bearer: string }; readonly body?: unknown; readonly signal?: AbortSignal }): Promise<Response>;
  close(): Promise<void>;
}

export async function openGatewayWorld(plan: Partial<ApiPlan> = {}, options: TestGatewayOptions = {}): Promise<GatewayWorld> {
  const gateway = await openTestGateway(options);
  const db = openDatabase(gateway.config.database, { mode: 'write' });
  const logs: string[] = [];
  const log = createLog({ level: 'debug', format: 'json', write: (line) => void logs.push(line) });
  let inForce = planFor(gateway.config.database, { dataPlane: { host: '127.0.0.1', port: gateway.port, cert: null }, ...plan });
  const world = { ahead: 0 };
  const deps: ApiDeps = { db, plan: () => inForce, now: () => Date.now() + world.ahead, log };
  const app = createApp(deps, { parts: [registerBuyerApi] });
  return Object.assign(world, {
    gateway,
    app,
    db,
    logs,
    plan(changes: Partial<ApiPlan>) {
      inForce = { ...inForce, ...changes };
    },
    signIn(buyer: TestBuyer) {
      const begin = db.transaction(() => {
        const login = insertLogin(db, { kind: 'buyer', buyerId: buyer.id, name: null, now: deps.now() });
        return beginSession(db, { loginId: login.id, transport: 'token', method: 'password', address: null, userAgent: null, now: deps.now(), maxMs: 3_600_000 });
      });
      const { token, sessionId } = begin();
      return { bearer: `Bearer ${token}`, sessionId };
    },
    call(method: string, target: string, { as, body, signal }: Parameters<GatewayWorld['call']>[2] = {}) {
      const headers = { host: new URL(ORIGIN).host, ...(as ? { authorization: as.bearer } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const request = new Request(`${ORIGIN}${target}`, { method, headers, body: body === undefined ? null : JSON.stringify(body), ...(signal ? { signal } : {}) });
      return Promise.resolve(app.fetch(request, { remoteAddress: '127.0.0.1', encrypted: false }));
    },
    async close() {
      db.close();
      await gateway.close();
    },
  });
}
