/** The console beside the data plane in one real process. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';

let served: ConsoleGateway;
beforeAll(async () => {
  served = await startConsole();
}, 60_000);
afterAll(() => served.stop());

test('a buyer and an admin who followed their invitations see their own, and a program with a token', async () => {
  const { buyer, admin, adminToken } = served;
  for (const options of [{ token: buyer.token }, { cookie: buyer.cookie }])
    expect(await served.json('GET', '/buyer/me', options)).toMatchObject({ item: { name: 'acme', balance: { balanceUsdMicros: 50_000_000 } } });
  expect(await served.json('GET', '/admin/me', { cookie: admin.cookie })).toMatchObject({ item: { name: 'eva', via: 'console' } });
  expect(await served.json('GET', '/admin/me', { token: admin.token })).toMatchObject({ item: { name: 'eva', via: 'token' } });
  expect(await served.json('GET', '/admin/me', { token: adminToken })).toMatchObject({ item: { name: 'a program', via: 'token' } });
});

test('what a request costs is in the console at once', async () => {
  const answer = await served.spend();
  const charge = Number(answer.headers.get('x-ainogap-charge-usd-micros'));
  expect(charge).toBeGreaterThan(0);
  const { items } = await served.json<{ items: { buyerChargeUsdMicros: number }[] }>('GET', '/buyer/requests', { token: served.buyer.token });
  expect(items[0]?.buyerChargeUsdMicros).toBe(charge);
});

describe('addresses', () => {
  test('short ones lead to the pages', async () => {
    for (const [path, target] of [['/', '/console'], ['/login', '/console/login'], ['/connect', '/console/connect'], ['/admin', '/console/admin']] as const) {
      const response = await served.call('GET', path);
      expect([response.status, response.headers.get('location')], path).toEqual([302, target]);
      await response.text();
    }
  });

  test('pages and the files that they name come compressed, the pages fresh each time, the files for ever', async () => {
    for (const path of ['/console', '/console/keys', '/console/admin', '/console/admin/buyers']) {
      const page = await served.call('GET', path);
      const html = await page.text();
      expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')], path).toEqual([200, 'text/html; charset=utf-8', 'no-store']);
      const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] as string);
      expect(files.length).toBeGreaterThan(1);
      for (const [encoding, told] of [['br', 'br'], ['gzip, br;q=0', 'gzip'], ['identity', null]] as const) {
        const file = await served.call('GET', files[0] as string, { headers: { 'accept-encoding': encoding } });
        await file.arrayBuffer();
        expect([file.status, file.headers.get('content-encoding'), file.headers.get('cache-control')], encoding).toEqual([200, told, 'public, max-age=31536000, immutable']);
      }
    }
    expect((await served.call('GET', '/assets/none.js')).status).toBe(404);
    expect((await served.call('GET', '/assets/..%2fmanifest.json')).status).toBe(404);
    expect((await served.call('GET', '/assets/__proto__')).status).toBe(404);
  });

  test('a HEAD of a page is answered by the page, and one of a route as ever', async () => {
    const page = await served.call('HEAD', '/console');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await served.call('HEAD', '/claude')).headers.get('content-type')).toBeNull();
  });

  test('hosts that the gateway does not answer to are refused for the console, too', async () => {
    const { port } = new URL(served.origin);
    const { BareClient } = await import('../support/client-call.ts');
    const client = new BareClient(Number(port));
    await client.send('GET /console HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n');
    expect(await client.status()).toBe(404);
    await client.closed;
  });
});

test('serve --json says where the console is', async () => {
  const second = await served.product.serve('--json');
  expect(JSON.parse(second.stdout())).toMatchObject({ url: second.origin, consoleUrl: `${second.origin}/console` });
});

test('open event streams do not keep it from stopping at once', async () => {
  const second = await served.product.serve();
  const stream = await fetch(`${second.origin}/buyer/events`, { headers: { authorization: `Bearer ${served.buyer.token}` } });
  const reader = stream.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  second.kill('SIGTERM');
  let ended = false;
  while (!ended) ended = (await reader?.read())?.done ?? true;
  expect(await second.exited).toBe(0);
  expect(second.stderr()).not.toContain('grace_is_over');
});

test('open event streams end when it hands over, so that pages come back to the successor', async () => {
  const second = await served.product.serve();
  const stream = await fetch(`${second.origin}/buyer/events`, { headers: { authorization: `Bearer ${served.buyer.token}` } });
  const reader = stream.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  second.kill('SIGUSR2');
  await second.printed(/"event":"handed_over"/);
  const successor = Number(/"event":"handed_over","to":(\d+)/.exec(second.stderr())?.[1]);
  try {
    let ended = false;
    while (!ended) ended = (await reader?.read())?.done ?? true;
    const again = await fetch(`${second.origin}/buyer/me`, { headers: { authorization: `Bearer ${served.buyer.token}` } });
    expect(again.status).toBe(200);
  } finally {
    process.kill(successor, 'SIGKILL');
    second.kill('SIGTERM');
  }
});
