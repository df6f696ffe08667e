/** What holds for every request to the control plane, whichever part answers it. */
import { createRoute, z } from '@hono/zod-openapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiApp } from '../../src/api/api-app.ts';
import { answer, jsonBody, refusals, serve } from '../../src/api/route-parts.ts';
import { item, usdMicros } from '../../src/api/schemas/parts.ts';
import { SqliteError } from '../../src/db/open.ts';
import { openApi, type ApiInProcess, type CallOptions } from '../support/api-in-process.ts';

const body = z.strictObject({ amountUsdMicros: usdMicros.min(1), reason: z.string().min(1).max(5).default('none'), password: z.string().min(3).optional(), mode: z.enum(['a', 'b']).optional() });
const echoed = item(z.object({ amountUsdMicros: usdMicros, reason: z.string() }));
const flags = item(z.object({ reset: z.boolean() }));

/** Routes of the test's own below the buyer's, so that all that stands before a handler stands before them. */
function ownRoutes(app: ApiApp): void {
  const own = <const B extends z.ZodType>(path: string, schema: B, out: z.ZodType) =>
    createRoute({ method: 'post', path, request: { body: jsonBody(schema, false) }, responses: { 200: answer(out, 'What came.'), ...refusals() } });
  serve(app, own('/buyer/own-echo', body, echoed), (c) => {
    const { amountUsdMicros, reason } = c.req.valid('json');
    return c.json({ item: { amountUsdMicros, reason } }, 200);
  });
  serve(app, own('/buyer/own-flags', z.strictObject({ reset: z.boolean().default(false) }), flags), (c) => c.json({ item: c.req.valid('json') }, 200));
  app.get('/buyer/own-who', (c) => c.json({ caller: c.get('caller'), actor: c.get('actor'), address: c.get('address'), origin: c.get('origin') }));
  app.get('/buyer/own-throw', () => {
    throw new Error('a secret thing st_abcdefgh broke');
  });
  app.get('/buyer/own-busy', () => {
    throw new SqliteError('database is locked', 'SQLITE_BUSY');
  });
  app.get('/own/public', (c) => c.text('for all'));
}

let api: ApiInProcess;
beforeEach(() => {
  api = openApi({ parts: [ownRoutes] });
});
afterEach(() => api.close());

const messageOf = async (method: string, target: string, options?: CallOptions): Promise<string> => {
  const { status, json } = await api.call<{ error: { code: string; message: string } }>(method, target, options);
  return `${status} ${json.error.code}: ${json.error.message}`;
};

describe('bad input is answered in words', () => {
  const cases: readonly [string, unknown, string][] = [
    ['a text for money', { amountUsdMicros: '1.5' }, '400 invalid_request: amountUsdMicros: expected an integer, got "1.5".'],
    ['a fraction of a micro', { amountUsdMicros: 1.5 }, '400 invalid_request: amountUsdMicros: expected an integer, got 1.5.'],
    ['too little', { amountUsdMicros: 0 }, '400 invalid_request: amountUsdMicros: expected at least 1, got 0.'],
    ['nothing', {}, '400 invalid_request: amountUsdMicros: is missing; expected an integer.'],
    ['too long a text', { amountUsdMicros: 1, reason: 'abcdef' }, '400 invalid_request: reason: expected at most 5 characters, got "abcdef".'],
    ['an unknown word', { amountUsdMicros: 1, mode: 'c' }, '400 invalid_request: mode: expected one of "a", "b", got "c".'],
    ['an unknown field', { amountUsdMicros: 1, amount: 2 }, '400 invalid_request: the body: "amount" is not known here.'],
    ['a list', [], '400 invalid_request: the body: expected an object, got a list.'],
    ['a short secret, which is not repeated', { amountUsdMicros: 1, password: 'ab' }, '400 invalid_request: password: expected at least 3 characters.'],
    ['no JSON', '{"amountUsdMicros": 1', '400 invalid_request: The body is not valid JSON.'],
  ];
  test.each(cases)('%s', async (_, sent, told) => {
    expect(await messageOf('POST', '/buyer/own-echo', { as: api.signInBuyer('acme'), body: sent })).toBe(told);
  });

  test('a body that is not JSON by its type is refused', async () => {
    const as = api.signInBuyer('acme');
    expect(await messageOf('POST', '/buyer/own-echo', { as, body: 'amountUsdMicros=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).toBe(
      '400 invalid_request: The body must be JSON, with `content-type: application/json`.',
    );
  });

  test('no body is an empty one, with its defaults', async () => {
    const as = api.signInBuyer('acme');
    expect((await api.call('POST', '/buyer/own-flags', { as })).json).toEqual({ item: { reset: false } });
    expect(await messageOf('POST', '/buyer/own-echo', { as })).toContain('amountUsdMicros: is missing');
  });
});

describe('what is not there', () => {
  test('an unknown path is not found, and a wrong method is told the right ones', async () => {
    const as = api.signInBuyer('acme');
    expect(await messageOf('GET', '/buyer/nothing', { as })).toBe('404 not_found: There is nothing at /buyer/nothing.');
    const wrong = await api.call('PUT', '/buyer/own-echo', { as, body: {} });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await messageOf('GET', '/buyer/own-echo', { as })).toBe('405 method_not_allowed: /buyer/own-echo answers to POST, not to GET.');
  });

  test('escaped slashes and dots lead nowhere', async () => {
    const as = api.signInBuyer('acme');
    for (const target of ['/own%2fpublic', '/buyer/%2e%2e%2fown/public', '/own/%5cpublic', '//own/public', '/own/pub%00lic'])
      expect((await api.call('GET', target, { as })).status, target).toBe(404);
    expect((await api.open('GET', '/own/public')).status).toBe(200);
  });
});

describe('who calls', () => {
  test('a buyer by token or cookie is known with its buyer', async () => {
    const acme = api.signInBuyer('acme');
    for (const by of ['token', 'cookie'] as const) {
      const response = await api.open('GET', '/buyer/own-who', { as: acme, by });
      expect(await response.json()).toMatchObject({
        caller: { kind: 'buyer', buyerId: acme.buyerId, name: 'acme', transport: by },
        actor: { kind: 'buyer', name: 'acme', via: by === 'cookie' ? 'console' : 'token', address: '127.0.0.1' },
      });
    }
  });

  test('nobody, an ended session, an API key and other schemes are refused alike, in words', async () => {
    const refused = async (headers: Record<string, string>): Promise<string> => messageOf('GET', '/buyer/own-who', { headers });
    expect(await refused({})).toMatch(/^401 unauthenticated: Sign in first/);
    expect(await refused({ authorization: 'Bearer st_unknown' })).toBe('401 unauthenticated: This session has ended; sign in again.');
    expect(await refused({ authorization: `Bearer rk_${'a'.repeat(32)}` })).toMatch(/^401 unauthenticated: An API key is no way in here/);
    expect(await refused({ authorization: 'Basic YTpi' })).toMatch(/^401 unauthenticated: Of authorizations only `Bearer`/);
    expect((await api.call('GET', '/buyer/own-who')).headers.get('www-authenticate')).toBe('Bearer');
  });

  test("an admin's session and an admin token are no buyer, and a buyer's session is no admin", async () => {
    expect(await messageOf('GET', '/buyer/own-who', { as: api.signInAdmin() })).toMatch(/^403 forbidden/);
    expect(await messageOf('GET', '/buyer/own-who', { as: api.adminToken() })).toMatch(/^403 forbidden/);
    const acme = api.signInBuyer('acme');
    expect(await messageOf('GET', '/admin/anything', { as: acme })).toMatch(/^403 forbidden/);
    const inAdminsCookie = { cookie: acme.cookie.replace('-buyer=', '-admin=') };
    expect(await messageOf('GET', '/admin/anything', { headers: inAdminsCookie })).toMatch(/^403 forbidden/);
  });

  test("a cookie's token does not work as a header, nor the other way round", async () => {
    const acme = api.signInBuyer('acme');
    const [name, cookieToken] = acme.cookie.split('=');
    expect(await messageOf('GET', '/buyer/own-who', { as: cookieToken ?? '' })).toMatch(/^401/);
    expect(await messageOf('GET', '/buyer/own-who', { headers: { cookie: `${name}=${acme.token}` } })).toMatch(/^401/);
  });

  test('a session that is idle for too long, or too old, has ended', async () => {
    const acme = api.signInBuyer('acme');
    const began = Date.now();
    api.clock = { now: () => began + 12 * 3_600_000 + 1 };
    expect(await messageOf('GET', '/buyer/own-who', { as: acme })).toMatch(/^401/);
  });
});

describe('what breaks', () => {
  test('an unforeseen failure is told without its words and logged with its number', async () => {
    const as = api.signInBuyer('acme');
    const { status, text, headers } = await api.call('GET', '/buyer/own-throw', { as, headers: { 'x-secret': 'hidden-header' } });
    expect(status).toBe(500);
    expect(text).not.toContain('st_abc');
    const requestId = headers.get('x-request-id') ?? '';
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal', details: { requestId } } });
    const logged = api.logs.filter(({ event }) => event === 'api_failed');
    expect(logged).toMatchObject([{ requestId, route: '/buyer/own-throw' }]);
    expect(JSON.stringify(logged)).not.toContain('hidden-header');
  });

  test('a busy database is a matter of a moment', async () => {
    const { status, headers } = await api.call('GET', '/buyer/own-busy', { as: api.signInBuyer('acme') });
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  });
});
