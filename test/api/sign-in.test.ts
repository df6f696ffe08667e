import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApi, type ApiInProcess } from '../support/api-in-process.ts';
import { cookieOf, fromPage, invited, OTHER_PASSWORD, PASSWORD, signUp, type ErrorAnswer, type SignedInAnswer } from './signed-up.ts';

const T0 = 1_800_000_000_000;
const HOUR = 3_600_000;
let api: ApiInProcess;
beforeEach(() => {
  api = openApi();
  api.clock = { now: () => T0 };
});
afterEach(() => api.close());

const at = (ms: number): void => {
  api.clock = { now: () => T0 + ms };
};
const login = (body: Record<string, unknown> = {}, kind: 'buyer' | 'admin' = 'buyer', headers: Record<string, string> = {}) =>
  api.call<SignedInAnswer & ErrorAnswer>('POST', `/${kind}/login`, { body: { name: kind === 'buyer' ? 'acme' : 'eva', password: PASSWORD, ...body }, headers });
const status = async (as: string, path = '/buyer/security'): Promise<number> => (await api.call('GET', path, { as })).status;
const statusByCookie = async (cookie: string, path = '/buyer/security'): Promise<number> => (await api.call('GET', path, { headers: { cookie } })).status;
const actions = (): string[] => api.db.prepare('SELECT action FROM audit ORDER BY id').pluck().all() as string[];

describe.each(['buyer', 'admin'] as const)('a %s', (kind) => {
  it('goes from an invitation to a password, signs in and out', async () => {
    const token = invited(api, kind);
    const checked = await api.call('POST', `/${kind}/invite/check`, { body: { token } });
    expect(checked.json).toEqual({ item: { name: kind === 'buyer' ? 'acme' : 'eva', kind, reset: false, expiresAt: new Date(T0 + 72 * HOUR).toISOString() } });
    const accepted = await api.call<SignedInAnswer>('POST', `/${kind}/invite/accept`, { body: { token, password: PASSWORD } });
    expect(await status(accepted.json.item.sessionToken ?? '', `/${kind}/security`)).toBe(200);
    const { json } = await login({}, kind);
    const session = json.item.sessionToken ?? '';
    expect(json.item.expiresAt).toBe(new Date(T0 + 168 * HOUR).toISOString());
    expect((await api.call('POST', `/${kind}/logout`, { as: session })).json).toEqual({ item: { ended: 1 } });
    expect(await status(session, `/${kind}/security`)).toBe(401);
    expect(actions()).toEqual(['invite.create', 'invite.accept', 'signin.success', 'session.end']);
  });
});

describe('an invitation', () => {
  it('works once, and looks the same when it was used, is unknown or has expired', async () => {
    const used = invited(api, 'buyer');
    await api.call('POST', '/buyer/invite/accept', { body: { token: used, password: PASSWORD } });
    const expired = invited(api, 'buyer', { name: 'globex' });
    at(72 * HOUR);
    const answers = await Promise.all(
      [used, expired, `iv_${'A'.repeat(43)}`].flatMap((token) => [
        api.call<ErrorAnswer>('POST', '/buyer/invite/check', { body: { token } }),
        api.call<ErrorAnswer>('POST', '/buyer/invite/accept', { body: { token, password: OTHER_PASSWORD } }),
      ]),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 410, json: { error: { code: 'gone' } } });
  });

  it('stays open after a weak password, which is refused with what would be better', async () => {
    const token = invited(api, 'buyer');
    for (const password of ['password1234', 'acme ainogap acme', 'short']) {
      const { status: code, json } = await api.call<ErrorAnswer>('POST', '/buyer/invite/accept', { body: { token, password } });
      expect([code, json.error.code]).toEqual([422, 'weak_password']);
      expect(json.error.details['suggestions']).not.toEqual([]);
    }
    expect((await api.call('POST', '/buyer/invite/accept', { body: { token, password: PASSWORD } })).status).toBe(200);
  });

  it('cannot be guessed at without end from one address', async () => {
    for (let i = 0; i < 20; i++) expect((await api.call('POST', '/buyer/invite/check', { body: { token: `iv_${'A'.repeat(41)}${10 + i}` } })).status).toBe(410);
    const { status: code, headers } = await api.call('POST', '/buyer/invite/check', { body: { token: invited(api, 'buyer') } });
    expect([code, headers.get('retry-after')]).toEqual([429, '2']);
  });
});

describe('a session in a cookie', () => {
  it('is bound to this host, and its token is in the cookie alone', async () => {
    await signUp(api);
    const { json, headers, text } = await login({ transport: 'cookie' });
    expect(json.item.sessionToken).toBeNull();
    const [line] = headers.getSetCookie();
    expect(line).toMatch(/^__Host-ainogap-buyer=st_[\w-]{43}; Max-Age=604800; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    expect(text).not.toContain('st_');
    expect(await statusByCookie(cookieOf(headers))).toBe(200);
  });

  it('is a new one at every sign-in, whatever cookie the browser came with', async () => {
    await signUp(api);
    const planted = `__Host-ainogap-buyer=st_${'A'.repeat(43)}`;
    const first = cookieOf((await login({ transport: 'cookie' }, 'buyer', fromPage(planted))).headers);
    expect(first).not.toBe(planted);
    expect(await statusByCookie(planted)).toBe(401);
    const second = cookieOf((await login({ transport: 'cookie' }, 'buyer', fromPage(first))).headers);
    expect(second).not.toBe(first);
    expect([await statusByCookie(first), await statusByCookie(second)]).toEqual([401, 200]);
  });

  it('is taken away at signing out', async () => {
    await signUp(api);
    const cookie = cookieOf((await login({ transport: 'cookie' })).headers);
    const { headers } = await api.call('POST', '/buyer/logout', { headers: fromPage(cookie) });
    expect(headers.getSetCookie()).toEqual(['__Host-ainogap-buyer=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict']);
    expect(await statusByCookie(cookie)).toBe(401);
  });

  it('cannot be begun or used by a page of another site', async () => {
    await signUp(api);
    const evil = { origin: 'https://evil.example' };
    expect(await login({ transport: 'cookie' }, 'buyer', evil)).toMatchObject({ status: 403, json: { error: { code: 'wrong_origin' } } });
    const cookie = cookieOf((await login({ transport: 'cookie' })).headers);
    expect((await api.call('POST', '/buyer/logout', { headers: { ...evil, cookie } })).status).toBe(403);
    expect((await api.call('POST', '/buyer/logout', { headers: { cookie } })).status).toBe(403);
    expect(await statusByCookie(cookie)).toBe(200);
  });

  it('of a buyer opens nothing of the admins, and the other way', async () => {
    const [buyer, admin] = [await signUp(api), await signUp(api, 'admin')];
    expect([await status(buyer, '/admin/security'), await status(admin, '/buyer/security')]).toEqual([403, 403]);
    const cookie = cookieOf((await login({ transport: 'cookie' })).headers);
    expect(await statusByCookie(cookie.replace('ainogap-buyer', 'ainogap-admin'), '/admin/security')).toBe(403);
  });
});

describe('refusals', () => {
  it('do not tell a wrong password from a name that is not there, nor from one that has not signed up', async () => {
    await signUp(api);
    invited(api, 'buyer', { name: 'globex' });
    const answers = [await login({ password: 'wrong password' }), await login({ name: 'nobody' }), await login({ name: 'globex' }), await login({ name: 'buyer_1' })];
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, json: { error: { code: 'invalid_credentials' } } });
  });

  it('become 429 with retry-after when an account was guessed at, for the right password too', async () => {
    await signUp(api);
    for (let i = 0; i < 5; i++) expect((await login({ password: `wrong password ${i}` })).status).toBe(401);
    const { status: code, headers, json } = await login();
    expect([code, headers.get('retry-after'), json.error.details]).toEqual([429, '2', { retryAfterSeconds: 2 }]);
    at(2000);
    expect((await login()).status).toBe(200);
  });

  it('become 429 for an address that guessed at twenty accounts', async () => {
    await signUp(api);
    for (let i = 0; i < 20; i++) expect((await login({ name: `name ${i}` })).status).toBe(401);
    expect((await login()).status).toBe(429);
    api.plan({ trustedProxies: ['127.0.0.1'] });
    expect((await login({}, 'buyer', { 'x-forwarded-for': '198.51.100.7' })).status).toBe(200);
  });

  it('let no more than five of a flood of guesses at one account reach the hash', async () => {
    await signUp(api);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => login({ password: `wrong password ${i}` })));
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5);
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(25);
  });

  it.each([
    [{ name: '' }],
    [{ password: '' }],
    [{ password: 'x'.repeat(1001) }],
    [{ name: 'x'.repeat(65) }],
    [{ transport: 'smoke' }],
    [{ extra: 1 }],
    [{ name: { $ne: null } }],
    [{ code: '1' }],
  ])('say what is wrong with %j', async (body) => {
    const { status: code, json } = await login(body);
    expect([code, json.error.code]).toEqual([400, 'invalid_request']);
    expect(json.error.message).toContain(Object.keys(body)[0] as string);
  });
});

describe('sessions', () => {
  it('are listed with the one that asks, and can be ended one by one', async () => {
    const first = await signUp(api);
    const { json } = await login({}, 'buyer', { 'user-agent': 'Firefox <b>' });
    const token = json.item.sessionToken ?? '';
    const { items } = (await api.call<{ items: { sessionId: string; current: boolean; userAgent: string | null; method: string }[] }>('GET', '/buyer/sessions', { as: token })).json;
    expect(items.map(({ current, method, userAgent }) => [current, method, userAgent])).toEqual([
      [true, 'password', 'Firefox <b>'],
      [false, 'invite', null],
    ]);
    expect((await api.call('DELETE', `/buyer/sessions/${items[1]?.sessionId}`, { as: token })).json).toEqual({ item: { ended: 1 } });
    expect([await status(first), await status(token)]).toEqual([401, 200]);
    expect((await api.call('DELETE', `/buyer/sessions/${items[1]?.sessionId}`, { as: token })).status).toBe(404);
  });

  it("of another buyer look as if they were not there", async () => {
    const [acme, globex] = [await signUp(api), await signUp(api, 'buyer', 'globex')];
    const { items } = (await api.call<{ items: { sessionId: string }[] }>('GET', '/buyer/sessions', { as: globex })).json;
    const theirs = await api.call('DELETE', `/buyer/sessions/${items[0]?.sessionId}`, { as: acme });
    const none = await api.call('DELETE', '/buyer/sessions/session_999', { as: acme });
    expect([theirs.status, theirs.text]).toEqual([404, none.text]);
    expect(await status(globex)).toBe(200);
  });

  it('can all be ended but this one, and a repeat with the same key changes nothing', async () => {
    const [first, second, mine] = [await signUp(api), (await login()).json.item.sessionToken ?? '', (await login()).json.item.sessionToken ?? ''];
    const headers = { 'idempotency-key': 'k1' };
    expect((await api.call('POST', '/buyer/sessions/end-others', { as: mine, headers })).json).toEqual({ item: { ended: 2 } });
    const third = (await login()).json.item.sessionToken ?? '';
    expect((await api.call('POST', '/buyer/sessions/end-others', { as: mine, headers })).json).toEqual({ item: { ended: 2 } });
    expect(await Promise.all([first, second, mine, third].map((token) => status(token)))).toEqual([401, 401, 200, 200]);
  });

  it('end unused after the idle time, and by age at last', async () => {
    const [idle, used] = [await signUp(api), (await login()).json.item.sessionToken ?? ''];
    for (let hours = 6; hours < 168; hours += 6) {
      at(hours * HOUR);
      expect(await status(used)).toBe(200);
    }
    expect(await status(idle)).toBe(401);
    at(168 * HOUR);
    expect(await status(used)).toBe(401);
  });
});

describe('a change of the password', () => {
  const change = (as: string, body: Record<string, unknown> = {}) =>
    api.call<SignedInAnswer & ErrorAnswer>('POST', '/buyer/password', { as, body: { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD, ...body } });

  it('ends all sessions and goes on with a new one', async () => {
    const first = await signUp(api);
    const second = (await login()).json.item.sessionToken ?? '';
    const { json } = await change(second);
    expect(await Promise.all([first, second, json.item.sessionToken ?? ''].map((token) => status(token)))).toEqual([401, 401, 200]);
    expect((await login()).status).toBe(401);
    expect((await login({ password: OTHER_PASSWORD })).status).toBe(200);
  });

  it('in a browser goes on by a new cookie', async () => {
    await signUp(api);
    const cookie = cookieOf((await login({ transport: 'cookie' })).headers);
    const { headers, json } = await api.call<SignedInAnswer>('POST', '/buyer/password', { headers: fromPage(cookie), body: { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD } });
    expect(json.item.sessionToken).toBeNull();
    expect([await statusByCookie(cookie), await statusByCookie(cookieOf(headers))]).toEqual([401, 200]);
  });

  it('needs the old password, and one that is strong and new', async () => {
    const token = await signUp(api);
    expect((await change(token, { currentPassword: 'wrong password' })).json.error.code).toBe('invalid_credentials');
    expect((await change(token, { newPassword: 'password1234' })).json.error.code).toBe('weak_password');
    expect((await change(token, { newPassword: PASSWORD })).json.error.code).toBe('weak_password');
    expect(await status(token)).toBe(200);
    expect((await login()).status).toBe(200);
  });

  it('cannot be used to guess the password of a session that was left open', async () => {
    const token = await signUp(api);
    for (let i = 0; i < 5; i++) expect((await change(token, { currentPassword: `wrong password ${i}` })).status).toBe(401);
    expect((await change(token)).status).toBe(429);
  });
});

it('has nothing of one\'s own sign-in for an admin token', async () => {
  const as = api.adminToken();
  for (const [method, path] of [['GET', 'security'], ['GET', 'sessions'], ['POST', 'sessions/end-others'], ['POST', 'logout']] as const)
    expect(await api.call(method, `/admin/${path}`, { as })).toMatchObject({ status: 403, json: { error: { code: 'forbidden' } } });
});

it('puts no secret into the log, the audit log or what is remembered', async () => {
  const token = invited(api, 'buyer');
  const accepted = await api.call<SignedInAnswer>('POST', '/buyer/invite/accept', { body: { token, password: PASSWORD } });
  const session = accepted.json.item.sessionToken ?? '';
  await login({ password: 'a mistyped password' });
  await api.call('POST', '/buyer/totp', { as: session, body: { password: PASSWORD }, headers: { 'idempotency-key': 'k' } });
  const changed = await api.call<SignedInAnswer>('POST', '/buyer/password', { as: session, body: { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD }, headers: { 'idempotency-key': 'p' } });
  const kept = ['audit', 'idempotency', 'sessions', 'invites', 'logins'].map((table) => JSON.stringify(api.db.prepare(`SELECT * FROM ${table}`).all())).join('') + JSON.stringify(api.logs);
  for (const secret of [token, session, changed.json.item.sessionToken ?? 'none', PASSWORD, OTHER_PASSWORD, 'a mistyped password']) expect(kept).not.toContain(secret);
  expect(kept).toContain('signin_failed');
});
