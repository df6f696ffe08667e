import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveFeed } from '../../../src/api/admin/live-feed.ts';
import { liveEvents } from '../../../src/api/admin/live-events.ts';
import type { AdminAccount, AdminMe, AdminToken, AdminUpstream, CreatedInvite, CreatedToken, Settings } from '../../../src/api/schemas/admin.ts';
import { snapshot, type Snapshot } from '../../../src/api/schemas/live.ts';
import { openDatabase } from '../../../src/db/open.ts';
import { AdminWorld, type Item } from './admin-world.ts';

let w: AdminWorld;
beforeEach(() => {
  w = new AdminWorld();
  w.end();
});
afterEach(() => w.close());

describe('who is signed in', () => {
  test('is told to the panel and to programs', async () => {
    const answer = await w.call<Item<AdminMe>>('GET', '/admin/me', { by: 'cookie' });
    expect(answer.json.item).toMatchObject({ name: 'eva', via: 'console', timezone: 'UTC', baseUrl: 'http://127.0.0.1:8787', security: { totp: false, passkeys: [] } });
    expect((await w.call<Item<AdminMe>>('GET', '/admin/me', { as: w.api.adminToken('nightly') })).json.item).toMatchObject({ name: 'nightly', via: 'token', security: null });
  });
});

describe('admins', () => {
  const accept = (): void => void w.api.db.prepare("UPDATE logins SET password = 'scrypt$x' WHERE kind = 'admin'").run();

  test('are invited, and listed with how they sign in', async () => {
    const { status, json } = await w.call<Item<CreatedInvite>>('POST', '/admin/admins', { body: { name: 'mia' } });
    expect([status, json.item.url]).toEqual([201, expect.stringMatching(/^http:\/\/127\.0\.0\.1:8787\/console\/admin\/invite#iv_/)]);
    accept();
    await w.call('POST', '/admin/admins', { body: { name: 'tom' } });
    expect((await w.items<AdminAccount>('/admin/admins')).map(({ adminId, name, status: is }) => [adminId, name, is])).toEqual([['admin_1', 'eva', 'active'], ['admin_2', 'mia', 'active'], ['admin_3', 'tom', 'invited']]);
    expect(await w.refused('POST', '/admin/admins', { name: 'MIA' })).toMatchObject([409, 'conflict', expect.stringContaining('signed up already')]);
    expect((await w.refused('POST', '/admin/admins', { name: '-x' }))[0]).toBe(400);
  });

  test('shut each other out at once, but never themselves and never the last one', async () => {
    const mia = w.api.signInAdmin('mia');
    accept();
    expect((await w.refused('POST', '/admin/admins/admin_1/disable'))[2]).toMatch(/^You cannot disable yourself/);
    expect((await w.call<Item<AdminAccount>>('POST', '/admin/admins/admin_2/disable')).json.item.status).toBe('disabled');
    expect((await w.api.call('GET', '/admin/me', { as: mia })).status).toBe(401);
    expect((await w.call('POST', '/admin/admins/admin_1/disable', { as: w.api.adminToken() })).json).toMatchObject({ error: { code: 'refused', message: expect.stringContaining('the last admin') as unknown } });
    expect((await w.call<Item<AdminAccount>>('POST', '/admin/admins/admin_2/enable')).json.item.status).toBe('active');
    expect((await w.refused('POST', '/admin/admins/admin_9/disable'))[0]).toBe(404);
  });
});

describe('admin tokens', () => {
  test('open the API until they are revoked or expire, and are shown masked', async () => {
    const { item } = (await w.call<Item<CreatedToken>>('POST', '/admin/tokens', { body: { label: 'ci', expiresInDays: 2 } })).json;
    const token = item.adminToken ?? '';
    expect([token, item.expiresAt]).toEqual([expect.stringMatching(/^ainogap_admin_[\w-]{43}$/), '2026-11-23T10:01:00.000Z']);
    expect((await w.call('GET', '/admin/books', { as: token })).status).toBe(200);
    expect((await w.items<AdminToken>('/admin/tokens'))[0]).toMatchObject({ tokenId: item.tokenId, token: `ainogap_admin_…${token.slice(-4)}`, madeBy: 'eva', status: 'live' });
    expect((await w.call<Item<AdminToken>>('DELETE', `/admin/tokens/${item.tokenId}`)).json.item.status).toBe('revoked');
    expect((await w.api.call('GET', '/admin/books', { as: token })).status).toBe(401);
    const second = (await w.call<Item<CreatedToken>>('POST', '/admin/tokens', { body: { label: 'ci', expiresInDays: 2 } })).json.item.adminToken ?? '';
    w.requests.now += 2 * 86_400_000;
    expect((await w.api.call('GET', '/admin/books', { as: second })).status).toBe(401);
    expect((await w.items<AdminToken>('/admin/tokens')).map(({ status }) => status)).toEqual(['revoked', 'expired']);
  });
});

describe('upstreams and settings', () => {
  test('upstreams have their health beside what the configuration says, those that left it too', async () => {
    w.api.plan({ upstreams: [{ name: 'spare', kind: 'anthropic', address: 'https://spare.test', credential: 'env:KEY' }] });
    expect(await w.items<AdminUpstream>('/admin/upstreams')).toMatchObject([
      { upstream: 'spare', kind: 'anthropic', address: 'https://spare.test', credential: 'env:KEY', health: 'idle', routes: [] },
      { upstream: 'u', kind: null, address: null, credential: null, routes: ['cheap', 'list'] },
    ]);
  });

  test('settings are those of the plan', async () => {
    const items = [{ key: 'listen', value: '127.0.0.1:8787', from: 'file', line: 3, restart: true }] as const;
    w.api.plan({ settings: { file: '/etc/ainogap.yaml', items } });
    expect(await w.item<Settings>('/admin/settings')).toEqual({ file: '/etc/ainogap.yaml', database: w.api.deps.plan().database, version: '0.0.0-test', items });
  });
});

describe('the live figures', () => {
  /** Reads a stream until what it said so far is enough. */
  class Heard {
    text = '';
    ended = false;
    readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
    constructor(stream: ReadableStream<Uint8Array>) {
      this.#reader = stream.getReader();
    }
    get snapshots(): Snapshot[] {
      return [...this.text.matchAll(/^event: snapshot\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Snapshot);
    }
    async until(enough: () => boolean): Promise<void> {
      while (!enough() && !this.ended) {
        const { done, value } = await this.#reader.read();
        this.ended = done;
        this.text += new TextDecoder().decode(value);
      }
    }
    leave(): Promise<void> {
      return this.#reader.cancel();
    }
  }

  test('come at once, as documented, and again after a change by the panel or by anyone', async () => {
    const response = await w.api.open('GET', '/admin/events', { as: w.admin });
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([200, 'text/event-stream', 'no-store']);
    const heard = new Heard(response.body as ReadableStream<Uint8Array>);
    await heard.until(() => heard.snapshots.length > 0);
    expect(snapshot.parse(heard.snapshots[0])).toEqual(heard.snapshots[0]);
    expect(heard.snapshots[0]).toMatchObject({ overview: { today: { requests: 1 } }, serving: 0 });
    await w.call('POST', '/admin/buyers/buyer_1/disable');
    await heard.until(() => heard.snapshots.at(-1)?.buyers.some(({ disabled }) => disabled) === true);
    const other = openDatabase(w.api.deps.plan().database, { mode: 'write' });
    other.prepare("UPDATE keys SET label = 'renamed' WHERE id = 1").run();
    other.close();
    await heard.until(() => heard.snapshots.at(-1)?.keys.some(({ label }) => label === 'renamed') === true);
    await heard.leave();
  });

  const fast = { everyMs: 2, atLeastEveryMs: 60_000, pingEveryMs: 10 };

  test('are read while somebody listens, and only when something changed', async () => {
    const feed = new LiveFeed(w.api.deps, fast);
    let told = 0;
    const stop = feed.subscribe(() => void told++);
    const watcher = new Heard(liveEvents({ feed, first: '{}', stands: () => true }));
    await watcher.until(() => told === 1);
    await watcher.until(() => watcher.text.split(': still there').length > 4);
    expect([told, feed.size]).toEqual([1, 2]);
    w.end();
    await watcher.until(() => told === 2);
    await watcher.leave();
    stop();
    expect(feed.size).toBe(0);
  });

  test('end when the session does', async () => {
    const feed = new LiveFeed(w.api.deps, fast);
    let stands = true;
    const heard = new Heard(liveEvents({ feed, first: '{}', stands: () => stands }));
    await heard.until(() => heard.text.includes(': still there'));
    stands = false;
    await heard.until(() => false);
    expect([heard.text.endsWith('event: signed-out\ndata: {}\n\n'), heard.ended, feed.size]).toEqual([true, true, 0]);
  });

  test('go on after a read that failed', async () => {
    const feed = new LiveFeed(w.api.deps, fast);
    const heard = new Heard(liveEvents({ feed, first: '{}', stands: () => true }));
    w.api.db.prepare('UPDATE usage_state SET complete = 0').run();
    await heard.until(() => w.api.logs.some(({ event }) => event === 'live_read_failed'));
    w.api.db.prepare('UPDATE usage_state SET complete = 1').run();
    await heard.until(() => heard.snapshots.length > 1);
    await heard.leave();
  });
});
