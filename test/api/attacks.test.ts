/** What somebody tries who means harm, or what a disk does at the wrong moment, through the API's own doors. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endSessions } from '../../src/auth/sessions.ts';
import { SqliteError } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { MICRO_USDC_MAX } from '../../src/money.ts';
import { openApi, type ApiInProcess, type CallOptions, type SignedIn } from '../support/api-in-process.ts';
import { invited, PASSWORD, signUp, type ErrorAnswer } from './signed-up.ts';

const SYSTEM = { kind: 'system', name: 'test', via: 'cli', address: null } as const;

let api: ApiInProcess;
let buyer: SignedIn;
let admin: SignedIn;
beforeEach(() => {
  api = openApi({ streamLimits: { inAll: 4, perSession: 3 } });
  buyer = api.signInBuyer('acme');
  admin = api.signInAdmin('eva');
});
afterEach(() => api.close());

/** `409 conflict`, or `201` */
async function outcome(method: string, target: string, options: CallOptions = {}): Promise<string> {
  const { status, json } = await api.call<Partial<ErrorAnswer>>(method, target, options);
  return json?.error === undefined ? String(status) : `${status} ${json.error.code}`;
}
const count = (table: string): number => Number(api.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());

describe('a disk that is full', () => {
  const adjust = (key: string): Promise<string> =>
    outcome('POST', '/admin/buyers/buyer_1/adjustments', { as: admin, body: { amountUsdMicros: 5, reason: 'x'.repeat(190) }, headers: { 'idempotency-key': key } });

  const fill = (): void => {
    api.db.pragma(`max_page_count = ${String(api.db.pragma('page_count', { simple: true }))}`);
    const insert = api.db.prepare("INSERT INTO idempotency(scope, key, request, status, body, at) VALUES ('filler', ?, x'00', 200, ?, 9e12)");
    for (const size of [3_000, 300, 1])
      try {
        for (let i = 0; ; i++) insert.run(`${size} ${i}`, 'x'.repeat(size));
      } catch (error) {
        if (!(error instanceof SqliteError && error.code === 'SQLITE_FULL')) throw error;
      }
  };

  test('is told as a matter of time, and leaves transfer, record and remembered answer all or none', async () => {
    fill();
    const outcomes: string[] = [];
    for (let i = 0; i < 60; i++) outcomes.push(await adjust(`key-${i}-${'k'.repeat(150)}`));
    expect(new Set(outcomes.slice(-5))).toEqual(new Set(['503 unavailable']));
    const made = outcomes.filter((one) => one === '201').length;
    expect(made + outcomes.filter((one) => one === '503 unavailable').length).toBe(60);
    const kept = [count('transfers'), count('audit'), Number(api.db.prepare("SELECT count(*) FROM idempotency WHERE scope <> 'filler'").pluck().get())];
    expect(kept).toEqual([made, made, made]);
    expect(openDirectLedger(api.db).balance(1 as BuyerId)?.balance).toBe(BigInt(made * 5));
    // Room again: the same request is made once, as if it had never been refused.
    api.db.pragma('max_page_count = 1000000');
    const last = `key-59-${'k'.repeat(150)}`;
    expect([await adjust(last), await adjust(last), count('transfers')]).toEqual(['201', '201', made + 1]);
    expect(verifyDatabase(api.db)).toMatchObject({ ok: true });
  });

  test('keeps nobody from reading, though it cannot be noted that a session or a token was used', async () => {
    const token = api.adminToken();
    const now = api.clock.now() + 10 * 60_000;
    api.clock = { now: () => now };
    for (const table of ['sessions', 'admin_tokens']) api.db.exec(`CREATE TEMP TRIGGER full_${table} BEFORE UPDATE ON main.${table} BEGIN SELECT full_disk(); END`);
    api.db.function('full_disk', () => {
      throw new SqliteError('database or disk is full', 'SQLITE_FULL');
    });
    expect([await outcome('GET', '/buyer/me', { as: buyer }), await outcome('GET', '/admin/books', { as: admin }), await outcome('GET', '/admin/books', { as: token })]).toEqual(['200', '200', '200']);
  });

  test('whose write failed halfway does not claim that nothing was changed', async () => {
    api.db.function('broken_disk', () => {
      throw new SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
    });
    api.db.exec('CREATE TEMP TRIGGER broken BEFORE INSERT ON main.keys BEGIN SELECT broken_disk(); END');
    const { status, json } = await api.call<ErrorAnswer>('POST', '/buyer/keys', { as: buyer });
    expect([status, json.error.message]).toEqual([500, expect.stringContaining('not known whether')]);
  });
});

describe('money', () => {
  test('beyond what JSON can say exactly is refused for one buyer and for all together, and every page goes on', async () => {
    api.signInBuyer('second');
    const largest = Number(MICRO_USDC_MAX);
    const topUp = (id: number, amountUsdMicros: number): Promise<string> => outcome('POST', `/admin/buyers/buyer_${id}/top-ups`, { as: admin, body: { amountUsdMicros } });
    expect([await topUp(1, largest + 1), await topUp(1, largest), await topUp(1, 1), await topUp(2, 1)]).toEqual(['400 invalid_request', '201', '422 refused', '422 refused']);
    for (const page of ['/admin/books', '/admin/buyers', '/admin/ledger', '/admin/upstreams']) expect(await outcome('GET', page, { as: admin }), page).toBe('200');
    expect(await outcome('POST', '/admin/buyers/buyer_1/adjustments', { as: admin, body: { amountUsdMicros: -largest, reason: 'a mistake' } })).toBe('201');
    expect(await topUp(2, 1)).toBe('201');
  });

  test('is added once by two identical requests at the same moment, and by a repeat in other JSON', async () => {
    const headers = { 'idempotency-key': 'once' };
    const bodies = ['{"amountUsdMicros":500,"reference":"r-1"}', '{ "reference":"r-1", "amountUsdMicros":5e2 }', '{"amountUsdMicros":1,"amountUsdMicros":500.0,"reference":"\\u0072-1"}'];
    const all = await Promise.all(bodies.map((body) => outcome('POST', '/admin/buyers/buyer_1/top-ups', { as: admin, body, headers })));
    expect([all, count('transfers')]).toEqual([['201', '201', '201'], 1]);
    expect(await outcome('POST', '/admin/buyers/buyer_1/top-ups', { as: admin, body: { amountUsdMicros: 501, reference: 'r-1' }, headers })).toBe('409 idempotency_conflict');
    // Another admin's key of the same name is another key, and the reference still stands.
    expect(await outcome('POST', '/admin/buyers/buyer_1/top-ups', { as: api.signInAdmin('mia'), body: bodies[0], headers })).toBe('200');
    expect(count('transfers')).toBe(1);
  });
});

test('no time, month or cursor that can be written fails the gateway', async () => {
  for (const time of ['9999-12-31', '9999-12-31T23:59Z', '0000-01-01', '1969-12-31', '2094-09-08'])
    for (const query of [`since=${time}`, `until=${time}`])
      for (const list of ['/buyer/requests', '/buyer/usage', '/buyer/usage?by=hour', '/admin/requests', '/admin/audit', '/admin/usage'])
        expect(await outcome('GET', `${list}${list.includes('?') ? '&' : '?'}${query}`, { as: list.startsWith('/admin') ? admin : buyer }), `${list} ${query}`).toMatch(/^200$|^400 invalid_request$/);
  for (const month of ['0000-01', '9999-12']) expect(await outcome('GET', `/buyer/statements/${month}`, { as: buyer })).toBe('404 not_found');
  expect(await outcome('GET', '/buyer/requests?cursor=req_zzzzzzzzzzzzz', { as: buyer })).toBe('400 invalid_request');
  expect(api.logs.filter(({ event }) => event === 'api_failed')).toEqual([]);
});

describe('who did it', () => {
  test('cannot be forged by a token that is called like an admin', async () => {
    for (const label of ['eva', ' EVA ']) expect(await outcome('POST', '/admin/tokens', { as: admin, body: { label } })).toBe('409 conflict');
    expect(await outcome('POST', '/admin/tokens', { as: admin, body: { label: 'nightly' } })).toBe('201');
  });

  test('never shows a token that was pasted where its label belongs', async () => {
    const pasted = api.adminToken();
    const careless = api.adminToken(pasted);
    expect(await outcome('POST', '/admin/buyers', { as: careless, body: { name: 'second' } })).toBe('201');
    expect(JSON.stringify(api.db.prepare('SELECT * FROM audit').all())).not.toContain(pasted);
  });
});

describe('sign-in', () => {
  test('an invitation that two accept at once lets one of them in', async () => {
    const token = invited(api, 'buyer', { name: 'raced' });
    const accept = (password: string): Promise<string> => outcome('POST', '/buyer/invite/accept', { body: { token, password } });
    expect((await Promise.all([accept(PASSWORD), accept('seven quiet lanterns drift')])).toSorted()).toEqual(['200', '410 gone']);
    expect(Number(api.db.prepare("SELECT count(*) FROM audit WHERE action = 'invite.accept'").pluck().get())).toBe(1);
  });

  test('a session that ends while its password is checked changes nothing any more', async () => {
    const as = await signUp(api, 'buyer', 'leaver');
    const pending = outcome('POST', '/buyer/totp', { as, body: { password: PASSWORD } });
    const loginId = Number(api.db.prepare('SELECT max(login_id) FROM sessions').pluck().get());
    endSessions(api.db, SYSTEM, { loginId, now: api.clock.now() });
    expect(await pending).toBe('401 unauthenticated');
    expect(api.db.prepare('SELECT totp_secret FROM logins WHERE id = ?').pluck().get(loginId)).toBeNull();
  });

  test('an account that writes without end is slowed down, whatever Idempotency-Keys it invents', async () => {
    const all: string[] = [];
    for (let i = 0; i < 25; i++) all.push(await outcome('POST', '/buyer/sessions/end-others', { as: buyer, headers: { 'idempotency-key': `k${i}` } }));
    expect([all[0], all.at(-1)]).toEqual(['200', '429 too_many_attempts']);
    expect(count('idempotency')).toBe(20);
  });
});

describe('event streams', () => {
  /** All that comes until the stream ends. A ping, at which sessions were looked at anyway, comes after 15 s. */
  async function heard(response: Response): Promise<string> {
    return (await response.text()).trimEnd();
  }

  test('of a session end with it, at the next look', async () => {
    const mine = await api.open('GET', '/buyer/events', { as: buyer });
    const panel = await api.open('GET', '/admin/events', { as: admin });
    const program = await api.open('GET', '/admin/events', { as: api.adminToken() });
    endSessions(api.db, SYSTEM, { loginId: buyer.loginId, now: api.clock.now() });
    expect(await outcome('DELETE', '/admin/tokens/token_1', { as: admin })).toBe('200');
    expect(await outcome('POST', '/admin/logout', { as: admin })).toBe('200');
    for (const response of [mine, panel, program]) expect(await heard(response)).toMatch(/event: signed-out\ndata: \{\}$/);
  }, 8_000);

  test('of one account do not push out those of others, however many sessions it has', async () => {
    const others = [await api.open('GET', '/buyer/events', { as: api.signInBuyer('second') }), await api.open('GET', '/admin/events', { as: admin })];
    const readers = others.map((response) => (response.body as ReadableStream<Uint8Array>).getReader());
    for (const reader of readers) await reader.read();
    for (let i = 0; i < 6; i++) await api.open('GET', '/buyer/events', { as: api.signInBuyer('acme') });
    expect(api.streams.size).toBe(4);
    for (const reader of readers) {
      const next = await Promise.race([reader.read(), new Promise<'open'>((resolve) => setImmediate(() => resolve('open')))]);
      expect(next === 'open' || !next.done).toBe(true);
      await reader.cancel();
    }
  });
});
