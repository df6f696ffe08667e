/** The console on an address of its own, and over TLS, in real processes. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as https from 'node:https';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { reportChecks } from '../../src/reports/report-checks.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { startProduct, temporaryFolder, type Product } from '../support/product.ts';

const OWN = 'console: { listen: "127.0.0.1:0" }';

describe('with a listener of its own', () => {
  let served: ConsoleGateway;
  beforeAll(async () => {
    served = await startConsole({ config: OWN });
  }, 60_000);
  afterAll(() => served.stop());

  const statusAt = async (origin: string, method: string, target: string): Promise<number> => {
    const response = await fetch(`${origin}${target}`, { method, redirect: 'manual' });
    await response.arrayBuffer();
    return response.status;
  };

  test('the console is there and nowhere else', async () => {
    const { origin, product } = served;
    expect(origin).not.toBe(product.origin);
    for (const target of ['/console', '/docs', '/openapi.json', '/buyer/me', '/admin/me', '/']) {
      expect(await statusAt(origin, 'GET', target), target).toBeLessThan(402);
      expect(await statusAt(product.origin, 'GET', target), target).toBe(404);
    }
    expect(await served.json('GET', '/buyer/me', { cookie: served.buyer.cookie })).toMatchObject({ item: { name: 'acme' } });
  });

  test('requests to models are answered on theirs and nowhere else', async () => {
    const { origin, product } = served;
    expect((await served.spend()).status).toBe(200);
    for (const [method, target] of [['POST', '/claude/v1/messages'], ['GET', '/claude/v1/models'], ['HEAD', '/claude'], ['GET', '/healthz'], ['GET', '/readyz']] as const)
      expect(await statusAt(origin, method, target), target).toBe(404);
    expect(await statusAt(product.origin, 'GET', '/healthz')).toBe(200);
  });

  test("a page of the data plane's address may change nothing there", async () => {
    const response = await served.call('POST', '/buyer/keys', { body: { label: 'x' }, headers: { cookie: served.buyer.cookie, origin: served.product.origin } });
    expect([response.status, await response.json()]).toMatchObject([403, { error: { code: 'wrong_origin' } }]);
  });

  test('it stops with the gateway, and the books are right', async () => {
    const { product } = served;
    const stream = await served.call('GET', '/buyer/events', { token: served.buyer.token });
    product.server.kill('SIGTERM');
    expect(await product.server.exited).toBe(0);
    await stream.text();
    const db = openDatabase(product.database, { mode: 'read' });
    expect(verifyDatabase(db, reportChecks()).firstDifference).toBeNull();
    db.close();
  });
});

test('a console that nobody else may see is refused on an address of other machines, as the data plane is', async () => {
  const product = await startProduct();
  try {
    product.writeConfig({ config: 'console: { listen: "0.0.0.0:0" }' });
    const { code, stderr } = await product.cli('serve', '--port', '0');
    expect([code, stderr]).toEqual([1, expect.stringContaining('0.0.0.0 is reachable from other machines, and without TLS passwords and sessions could be read on the way')]);
  } finally {
    await product.stop();
  }
});

test('a console that is off is not there, and a change of that waits for a restart', async () => {
  const product = await startProduct({ config: 'console: { enabled: false }' });
  try {
    expect(product.server.stdout()).not.toContain('console');
    for (const target of ['/console', '/buyer/me', '/openapi.json']) {
      const response = await fetch(`${product.origin}${target}`);
      expect([target, response.status]).toEqual([target, 404]);
      await response.arrayBuffer();
    }
    product.writeConfig({});
    product.server.kill('SIGHUP');
    await product.server.printed(/changes at the next start only: console\.enabled/);
    expect((await fetch(`${product.origin}/console`)).status).toBe(404);
  } finally {
    await product.stop();
  }
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: openssl is not installed, so HTTPS is not tested');

describe.skipIf(!hasOpenssl)('over TLS', () => {
  let folder: string;
  let product: Product;
  const file = (name: string): string => path.join(folder, name);
  beforeAll(async () => {
    folder = temporaryFolder();
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    spawnSync('openssl', [...args, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key.pem'), '-out', file('cert.pem')]);
    product = await startProduct({ config: `tls: { cert: "${file('cert.pem')}", key: "${file('key.pem')}" }\n${OWN}` });
    await product.server.printed(/^console /m);
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('both listeners speak it, and browsers are told to stay with it', async () => {
    const origin = /^console\s+(https:\/\/\S+)\/console$/m.exec(product.server.stdout())?.[1] ?? '';
    const ca = fs.readFileSync(file('cert.pem'));
    const get = (url: string): Promise<[number | undefined, unknown]> =>
      new Promise((resolve, reject) => {
        https.get(url, { ca, agent: false }, (response) => resolve([response.resume().statusCode, response.headers['strict-transport-security']])).on('error', reject);
      });
    expect(await get(`${origin}/console`)).toEqual([200, 'max-age=31536000']);
    expect(await get(`${product.origin}/healthz`)).toEqual([200, undefined]);
    await expect(fetch(origin.replace('https:', 'http:'))).rejects.toThrow();
  });
});
