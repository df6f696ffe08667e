/** What every answer of the control plane says to browsers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiApp } from '../../src/api/api-app.ts';
import { openApi, type ApiInProcess } from '../support/api-in-process.ts';

/** One of each kind: a document, a refusal, a redirect, a page, a doc, nothing. */
const TARGETS = ['/buyer/me', '/openapi.json', '/', '/console', '/docs', '/nothing', '/buyer/own-throw', '/assets/none.js', '/own/with-its-own'];

function ownRoutes(app: ApiApp): void {
  app.get('/buyer/own-throw', () => {
    throw new Error('broken');
  });
  app.get('/own/with-its-own', (c) => c.html('<p>', 200, { 'content-security-policy': "default-src 'none'; style-src 'sha256-x'", 'cache-control': 'no-cache' }));
}

let api: ApiInProcess;
beforeEach(() => {
  api = openApi({ parts: [ownRoutes] });
});
afterEach(() => api.close());

test.each(TARGETS)('%s is framed by nobody, guessed by nobody and told to nobody', async (target) => {
  const { headers } = await api.open('GET', target, target.startsWith('/buyer') ? { as: api.signInBuyer('acme') } : {});
  const told = Object.fromEntries(headers);
  expect(told).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-request-id': expect.stringMatching(/^api_[0-9a-f]{18}$/) as unknown,
  });
  expect(told['permissions-policy']).toContain('camera=()');
  if (target !== '/own/with-its-own')
    expect(told['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  expect(Object.keys(told).filter((name) => name.startsWith('access-control-'))).toEqual([]);
});

test('a policy of its own and its own caching stay', async () => {
  const { headers } = await api.open('GET', '/own/with-its-own');
  expect([headers.get('content-security-policy'), headers.get('cache-control')]).toEqual(["default-src 'none'; style-src 'sha256-x'", 'no-cache']);
});

test('documents are not stored by anybody', async () => {
  const { headers } = await api.open('GET', '/buyer/me', { as: api.signInBuyer('acme') });
  expect(headers.get('cache-control')).toBe('no-store');
});

describe('strict transport security', () => {
  const told = async (forwarded: string | null): Promise<string | null> =>
    (await api.open('GET', '/openapi.json', forwarded === null ? {} : { headers: { 'x-forwarded-proto': forwarded } })).headers.get('strict-transport-security');

  test('is not said over plain HTTP, whoever claims otherwise', async () => {
    expect(await told(null)).toBeNull();
    expect(await told('https')).toBeNull();
  });

  test('is said over TLS, and where a trusted proxy says that it is', async () => {
    api.plan({ trustedProxies: ['127.0.0.0/8'] });
    expect([await told('https'), await told('http'), await told('https, http'), await told(null)]).toEqual(['max-age=31536000', null, null, null]);
    const encrypted = openApi({ connection: { remoteAddress: '192.0.2.1', encrypted: true } });
    expect((await encrypted.open('GET', '/openapi.json')).headers.get('strict-transport-security')).toBe('max-age=31536000');
    encrypted.close();
  });
});
