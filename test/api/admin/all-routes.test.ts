/** What holds for every route of the admin's API, taken from the OpenAPI document so that none is forgotten. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TAGS } from '../../../src/api/route-parts.ts';
import { AdminWorld, type Refusal } from './admin-world.ts';

interface Operation {
  readonly tags: readonly string[];
  readonly security: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}
interface Described {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

let w: AdminWorld;
let described: Described[];
beforeEach(async () => {
  w = new AdminWorld();
  w.end();
  // For what is done to another admin, and to a token.
  w.api.signInAdmin('mia');
  w.api.db.prepare("UPDATE logins SET password = 'scrypt$x' WHERE kind = 'admin'").run();
  w.api.adminToken('nightly');
  const { json } = await w.call<{ paths: Record<string, Record<string, Operation>> }>('GET', '/openapi.json');
  described = Object.entries(json.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })));
  described = described.filter(({ path, operation }) => path.startsWith('/admin') && operation.security.length > 0);
});
afterEach(() => w.close());

const PARAMETERS: Readonly<Record<string, string>> = { buyerId: 'buyer_1', keyId: 'key_1', alias: 'list', adminId: 'admin_2', tokenId: 'token_1', month: '2026-11', requestId: 'req_0000000000000', sessionId: 'session_1', id: '1' };
const targetOf = (path: string): string => path.replace(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? name);

/** Every change that is not about one's own sign-in; the body that makes it one. */
const CHANGES: Readonly<Record<string, unknown>> = {
  'POST /admin/buyers': { name: 'acme' },
  'POST /admin/buyers/{buyerId}/disable': undefined,
  'POST /admin/buyers/{buyerId}/enable': undefined,
  'POST /admin/buyers/{buyerId}/top-ups': { amountUsdMicros: 1_000_000 },
  'POST /admin/buyers/{buyerId}/adjustments': { amountUsdMicros: 5, reason: 'rounding' },
  'POST /admin/buyers/{buyerId}/invite': { reset: false },
  'POST /admin/buyers/{buyerId}/keys': { label: 'ci' },
  'POST /admin/keys/{keyId}/rotate': undefined,
  'DELETE /admin/keys/{keyId}': undefined,
  'POST /admin/routes': { alias: 'new', upstream: 'u' },
  'PATCH /admin/routes/{alias}': { multiplier: '1.1' },
  'DELETE /admin/routes/{alias}': undefined,
  'POST /admin/verify': undefined,
  'POST /admin/admins': { name: 'tom' },
  'POST /admin/admins/{adminId}/disable': undefined,
  'POST /admin/admins/{adminId}/enable': undefined,
  'POST /admin/tokens': { label: 'nightly 2' },
  'DELETE /admin/tokens/{tokenId}': undefined,
};
const SECRETS = ['routeApiKey', 'url', 'adminToken'];
const OWN_SIGN_IN: string = TAGS.signIn;

/** Everything that the database keeps but the remembered answers. */
function everything(): unknown {
  const tables = w.api.db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'idempotency' ORDER BY name").pluck().all() as string[];
  return Object.fromEntries(tables.map((table) => [table, w.api.db.prepare(`SELECT * FROM ${table}`).safeIntegers().all()]));
}

/** So that each of the changes is one. */
function prepare(change: string): void {
  const now = w.api.deps.now();
  if (change.includes('{buyerId}/enable')) w.api.db.prepare('UPDATE buyers SET disabled_at = ? WHERE id = 1').run(now);
  if (change.includes('{adminId}/enable')) w.api.db.prepare('UPDATE logins SET disabled_at = ? WHERE id = 2').run(now);
}

describe('every route', () => {
  test('is closed to strangers, buyers and API keys', async () => {
    const buyer = w.api.signInBuyer('buyer 1');
    expect(described.length).toBeGreaterThan(40);
    const before = everything();
    for (const { method, path } of described) {
      const target = targetOf(path);
      const where = `${method} ${path}`;
      expect((await w.api.call(method, target)).status, where).toBe(401);
      expect((await w.api.call(method, target, { as: `rk_${'a'.repeat(36)}` })).status, where).toBe(401);
      expect((await w.api.call(method, target, { as: buyer })).status, where).toBe(403);
      const byCookie = await w.api.call<Refusal>(method, target, { as: buyer, by: 'cookie' });
      expect([401, 403], where).toContain(byCookie.status);
      const forged = await w.api.call(method, target, { headers: { cookie: buyer.cookie.replace('buyer', 'admin') } });
      expect([401, 403], where).toContain(forged.status);
    }
    expect(everything()).toEqual(before);
  });

  test('that changes something refuses what another site sends with the panel’s cookie', async () => {
    const before = everything();
    for (const { method, path } of described.filter((one) => one.method !== 'GET')) {
      const { status, json } = await w.call<Refusal>(method, targetOf(path), { by: 'cookie', headers: { origin: 'https://evil.example' }, body: {} });
      expect([status, json.error.code], `${method} ${path}`).toEqual([403, 'wrong_origin']);
    }
    expect(everything()).toEqual(before);
  });

  test('that reads something changes nothing', async () => {
    const before = everything();
    for (const { method, path } of described.filter((one) => one.method === 'GET' && !one.path.endsWith('/events'))) expect((await w.call(method, targetOf(path))).status, path).toBeLessThan(500);
    expect(everything()).toEqual(before);
  });
});

describe('every change', () => {
  test('is among those that are tried here, and takes an Idempotency-Key', () => {
    const changes = described.filter(({ method, operation }) => method !== 'GET' && operation.tags[0] !== OWN_SIGN_IN);
    expect(changes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(Object.keys(CHANGES).toSorted());
    expect(changes.filter(({ operation }) => !operation.parameters?.some((one) => one.in === 'header' && one.name.toLowerCase() === 'idempotency-key'))).toEqual([]);
  });

  test.each(Object.entries(CHANGES))('%s is recorded once and answered again without secrets', async (change, body) => {
    const [method = '', path = ''] = change.split(' ');
    prepare(change);
    const recorded = w.auditRows().length;
    const send = (sent: unknown) => w.call<{ item: Record<string, unknown> }>(method, targetOf(path), { ...(sent === undefined ? {} : { body: sent }), headers: { 'idempotency-key': 'once' } });
    const first = await send(body);
    expect(first.status, first.text).toBeLessThan(300);
    const rows = w.auditRows().slice(recorded);
    expect(rows.map(({ actor }) => actor)).toEqual(path === '/admin/verify' ? [] : ['eva']);

    const after = everything();
    const again = await send(body);
    expect(again.status).toBe(first.status);
    expect(again.json.item).toEqual({ ...first.json.item, ...Object.fromEntries(SECRETS.filter((name) => name in first.json.item).map((name) => [name, null])) });
    expect(everything()).toEqual(after);

    for (const name of SECRETS) {
      const secret = first.json.item[name];
      if (typeof secret !== 'string') continue;
      const told = secret.split('#').at(-1) as string;
      expect(JSON.stringify([everything(), w.api.db.prepare('SELECT * FROM idempotency').all(), w.api.logs], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(told);
    }
    if (typeof body === 'object') {
      const other = await w.call<Refusal>(method, targetOf(path), { body: { ...body, ...OTHER[path] }, headers: { 'idempotency-key': 'once' } });
      expect([other.status, other.json.error.code]).toEqual([409, 'idempotency_conflict']);
    }
  });
});

/** The same change with something else in it. */
const OTHER: Readonly<Record<string, object>> = {
  '/admin/buyers': { name: 'other' },
  '/admin/buyers/{buyerId}/top-ups': { amountUsdMicros: 2 },
  '/admin/buyers/{buyerId}/adjustments': { amountUsdMicros: 2 },
  '/admin/buyers/{buyerId}/invite': { reset: true },
  '/admin/buyers/{buyerId}/keys': { label: 'other' },
  '/admin/routes': { alias: 'other' },
  '/admin/routes/{alias}': { multiplier: '1.2' },
  '/admin/admins': { name: 'other' },
  '/admin/tokens': { label: 'other' },
};
