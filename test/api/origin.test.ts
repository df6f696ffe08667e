/** Where a request was sent, from which page, and from whose address. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiApp } from '../../src/api/api-app.ts';
import { clientAddress } from '../../src/api/client-address.ts';
import { openApi, ORIGIN, type ApiInProcess, type CallOptions } from '../support/api-in-process.ts';

let changed: number;
function ownRoutes(app: ApiApp): void {
  app.post('/buyer/own-change', (c) => {
    changed++;
    return c.json({ origin: c.get('origin'), address: c.get('address') });
  });
  app.get('/buyer/own-look', (c) => c.json({ origin: c.get('origin'), address: c.get('address') }));
}

let api: ApiInProcess;
beforeEach(() => {
  changed = 0;
  api = openApi({ parts: [ownRoutes] });
});
afterEach(() => api.close());

const change = async (options: CallOptions): Promise<string> => {
  const response = await api.open('POST', '/buyer/own-change', { body: {}, ...options });
  const json = (await response.json()) as { error?: { code: string } };
  return `${response.status} ${json.error?.code ?? 'ok'}`;
};

describe('a change that a page asks for', () => {
  test('is made when the page is ours', async () => {
    const { cookie } = api.signInBuyer('acme');
    expect(await change({ headers: { cookie, origin: ORIGIN } })).toBe('200 ok');
    expect(await change({ headers: { cookie, origin: ORIGIN, 'sec-fetch-site': 'same-origin' } })).toBe('200 ok');
    expect(changed).toBe(2);
  });

  const foreign: readonly [string, Record<string, string>][] = [
    ['another site', { origin: 'https://evil.example' }],
    ['a neighbouring port', { origin: 'http://127.0.0.1:8788' }],
    ['the same host by another scheme', { origin: 'https://127.0.0.1:8787' }],
    ['a name that begins alike', { origin: 'http://127.0.0.1:8787.evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['nowhere', {}],
    ['our origin, but the browser says another site', { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }],
    ['our origin, but the browser says a neighbour', { origin: ORIGIN, 'sec-fetch-site': 'same-site' }],
  ];
  test.each(foreign)('is refused when it is %s', async (_, headers) => {
    const { cookie } = api.signInBuyer('acme');
    expect(await change({ headers: { cookie, ...headers } })).toBe('403 wrong_origin');
    expect(changed).toBe(0);
  });

  test("is refused for the other kind's cookie, too, and before anybody asks who it is", async () => {
    const { cookie } = api.signInAdmin();
    expect(await change({ headers: { cookie } })).toBe('403 wrong_origin');
    expect(await change({ headers: { origin: 'https://evil.example' } })).toBe('403 wrong_origin');
    expect(await change({ as: api.signInBuyer('acme'), headers: { origin: 'https://evil.example' } })).toBe('403 wrong_origin');
  });

  test('holds for signing in, so that nobody is signed in as somebody else', async () => {
    const { status, json } = await api.call<{ error: { code: string } }>('POST', '/buyer/login', { body: { name: 'acme', password: 'x' }, headers: { origin: 'https://evil.example' } });
    expect([status, json.error.code]).toEqual([403, 'wrong_origin']);
  });
});

test('a program with a token needs no origin', async () => {
  expect(await change({ as: api.signInBuyer('acme') })).toBe('200 ok');
});

test('no preflight of another site is answered', async () => {
  const response = await api.open('OPTIONS', '/buyer/own-change', { headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } });
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});

describe('behind a proxy', () => {
  const look = async (headers: Record<string, string>): Promise<unknown> => (await api.open('GET', '/buyer/own-look', { as: api.signInBuyer('acme'), headers })).json();

  test('only one that is trusted is believed about address and scheme', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    expect(await look(headers)).toEqual({ origin: ORIGIN, address: '127.0.0.1' });
    api.plan({ trustedProxies: ['127.0.0.1'] });
    expect(await look(headers)).toEqual({ origin: 'https://127.0.0.1:8787', address: '203.0.113.9' });
  });

  test('the configured address counts as ours where the proxy rewrites the host', async () => {
    api.plan({ consoleUrl: 'https://console.example.com' });
    const { cookie } = api.signInBuyer('acme');
    expect(await change({ headers: { cookie, origin: 'https://console.example.com', 'sec-fetch-site': 'same-origin' } })).toBe('200 ok');
    expect(await change({ headers: { cookie, origin: 'https://other.example.com' } })).toBe('403 wrong_origin');
  });

  const trusted = ['10.0.0.0/8', '2001:db8::/32'];
  const hops: readonly [string, string, string | undefined, string][] = [
    ['a stranger is its own address, whatever it claims', '203.0.113.5', '1.1.1.1', '203.0.113.5'],
    ['the rightmost that is not trusted', '10.0.0.1', '1.1.1.1, 203.0.113.9, 10.2.3.4', '203.0.113.9'],
    ['all trusted: the leftmost', '10.0.0.1', '10.9.9.9, 10.2.3.4', '10.9.9.9'],
    ['nothing forwarded', '10.0.0.1', undefined, '10.0.0.1'],
    ['an IPv4 address in IPv6 form', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['over IPv6', '2001:db8::1', '2001:db9::0:7', '2001:db9::7'],
    ['with ports', '10.0.0.1', '203.0.113.9:4711, [2001:db8::5]:443', '203.0.113.9'],
    ['what is no address ends the search', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
    ['octal and short forms are none', '10.0.0.1', '010.0.0.2', '10.0.0.1'],
  ];
  test.each(hops)('%s', (_, remote, forwardedFor, address) => {
    expect(clientAddress({ remote, forwardedFor, trusted })).toBe(address);
  });
});
