import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeAt } from '../auth/code-at.ts';
import { openApi, type ApiInProcess } from '../support/api-in-process.ts';
import { createSoftwarePasskey } from '../support/software-passkey.ts';
import { PASSWORD, signUp, type ErrorAnswer, type SignedInAnswer } from './signed-up.ts';

const T0 = 1_800_000_000_000;
const STEP = 30_000;
const HOST = 'https://gateway.example.com';
type Json = Record<string, unknown>;

let api: ApiInProcess;
let session: string;
beforeEach(async () => {
  // A passkey needs a host name; a proxy in front says which.
  api = openApi({ plan: { consoleUrl: HOST } });
  api.clock = { now: () => T0 };
  session = await signUp(api);
});
afterEach(() => api.close());

const at = (ms: number): void => {
  api.clock = { now: () => T0 + ms };
};
const login = (body: Json = {}) => api.call<SignedInAnswer & ErrorAnswer>('POST', '/buyer/login', { body: { name: 'acme', password: PASSWORD, ...body } });
const own = <T = Json>(path: string, body: Json, headers: Record<string, string> = {}) => api.call<{ item: T } & ErrorAnswer>('POST', `/buyer/${path}`, { as: session, body, headers: { origin: HOST, ...headers } });
const security = async (): Promise<Json> => (await api.call<{ item: Json }>('GET', '/buyer/security', { as: session })).json.item;
const actions = (): string[] => (api.db.prepare('SELECT action FROM audit ORDER BY id').pluck().all() as string[]).slice(2);

async function addTotp(): Promise<{ readonly secret: string; readonly codes: readonly string[] }> {
  const begun = await own<{ secret: string; uri: string }>('totp', { password: PASSWORD });
  const { secret } = begun.json.item;
  const confirmed = await own<{ recoveryCodes: string[] }>('totp/confirm', { code: codeAt(secret, T0) });
  return { secret, codes: confirmed.json.item.recoveryCodes };
}

describe('an authenticator', () => {
  it('is added by its first code and then asked for at signing in', async () => {
    const { secret, codes } = await addTotp();
    expect(codes).toHaveLength(10);
    expect(await security()).toMatchObject({ totp: true, recoveryCodesLeft: 10 });
    expect(await login()).toMatchObject({ status: 401, json: { error: { code: 'second_factor_required', details: { methods: ['totp', 'recovery_code'] } } } });
    expect(await login({ password: 'wrong password' })).toMatchObject({ status: 401, json: { error: { code: 'invalid_credentials' } } });
    at(STEP);
    expect((await login({ code: codeAt(secret, T0 + STEP) })).status).toBe(200);
    expect(await login({ code: codeAt(secret, T0 + STEP) })).toMatchObject({ status: 401, json: { error: { code: 'invalid_credentials', details: { field: 'code' } } } });
    expect((await login({ code: codes[0] })).status).toBe(200);
    expect(await security()).toMatchObject({ recoveryCodesLeft: 9 });
    expect(actions()).toEqual(['totp.add', 'signin.success', 'signin.success']);
  });

  it('is neither added nor removed without the password', async () => {
    expect(await own('totp', { password: 'wrong password' })).toMatchObject({ status: 401, json: { error: { code: 'invalid_credentials' } } });
    await addTotp();
    expect((await own('totp', { password: PASSWORD })).status).toBe(409);
    expect((await own('totp/remove', { password: 'wrong password' })).status).toBe(401);
    expect((await own('recovery-codes', { password: 'wrong password' })).status).toBe(401);
    expect(await security()).toMatchObject({ totp: true });
    expect((await own('totp/remove', { password: PASSWORD })).json.item).toMatchObject({ totp: false, recoveryCodesLeft: 0 });
    expect((await own('totp/remove', { password: PASSWORD })).status).toBe(409);
    expect((await own('recovery-codes', { password: PASSWORD })).status).toBe(409);
    expect((await login()).status).toBe(200);
  });

  it('cannot be guessed at while it is added', async () => {
    await own('totp', { password: PASSWORD });
    for (let i = 0; i < 5; i++) expect((await own('totp/confirm', { code: '000000' })).status).toBe(401);
    expect((await own('totp/confirm', { code: '000000' })).status).toBe(429);
  });

  it('is not confirmed before it was begun', async () => {
    expect(await own('totp/confirm', { code: '123456' })).toMatchObject({ status: 409 });
  });

  it('shows recovery codes once: a repeat with the same key has none, and changes nothing', async () => {
    await addTotp();
    const headers = { 'idempotency-key': 'codes-1' };
    const first = await own<{ recoveryCodes: string[] }>('recovery-codes', { password: PASSWORD }, headers);
    const again = await own<{ recoveryCodes: string[] }>('recovery-codes', { password: PASSWORD }, headers);
    expect([first.json.item.recoveryCodes.length, again.json.item.recoveryCodes]).toEqual([10, []]);
    expect((await login({ code: first.json.item.recoveryCodes[3] })).status).toBe(200);
    const kept = JSON.stringify(api.db.prepare('SELECT * FROM idempotency').all());
    for (const code of first.json.item.recoveryCodes) expect(kept).not.toContain(code);
  });
});

describe('a passkey', () => {
  const passkey = createSoftwarePasskey();
  interface Challenge {
    readonly challengeId: string;
    readonly options: Json;
  }
  const challengeToAdd = async (): Promise<Challenge> => (await own<Challenge>('passkeys/options', { password: PASSWORD })).json.item;
  const add = async ({ challengeId, options }: Challenge, device = passkey, origin = HOST) => own<{ passkeyId: string }>('passkeys', { challengeId, label: 'laptop', response: device.create(options, origin) });
  const challengeToSignIn = async (kind = 'buyer'): Promise<Challenge> => (await api.call<{ item: Challenge }>('POST', `/${kind}/login/passkey/options`, { body: {}, headers: { origin: HOST } })).json.item;
  const signIn = (challengeId: string, response: Json, kind = 'buyer') =>
    api.call<SignedInAnswer & ErrorAnswer>('POST', `/${kind}/login/passkey`, { body: { challengeId, response }, headers: { origin: HOST } });

  it('is added after the password and signs in without name, password or code', async () => {
    await addTotp();
    const challenge = await challengeToAdd();
    expect(challenge.options).toMatchObject({ rp: { id: 'gateway.example.com' }, user: { name: 'acme' }, authenticatorSelection: { residentKey: 'required', userVerification: 'required' }, attestation: 'none' });
    const added = await add(challenge);
    expect(added).toMatchObject({ status: 200, json: { item: { passkeyId: 'passkey_1', label: 'laptop', lastUsedAt: null } } });
    const { challengeId, options } = await challengeToSignIn();
    expect(options).toMatchObject({ rpId: 'gateway.example.com', userVerification: 'required' });
    const { json } = await signIn(challengeId, passkey.get(options, HOST));
    expect(json.item.name).toBe('acme');
    expect((await api.call('GET', '/buyer/security', { as: json.item.sessionToken ?? '' })).json).toMatchObject({ item: { passkeys: [{ label: 'laptop', lastUsedAt: new Date(T0).toISOString() }] } });
    expect(actions()).toEqual(['totp.add', 'passkey.add', 'signin.success']);
  });

  it('is not added without the password, twice, from another page, or by an old challenge', async () => {
    expect((await own('passkeys/options', { password: 'wrong password' })).status).toBe(401);
    const challenge = await challengeToAdd();
    expect((await add(challenge, passkey, 'https://evil.example')).status).toBe(422);
    expect((await add(challenge)).status).toBe(422);
    expect((await add(await challengeToAdd())).status).toBe(200);
    expect((await add(await challengeToAdd())).status).toBe(409);
    const old = await challengeToAdd();
    at(5 * 60_000);
    expect((await add(old, createSoftwarePasskey())).status).toBe(422);
  });

  it('signs in only by a fresh answer for this host, with its user verified and its counter grown', async () => {
    await add(await challengeToAdd());
    const refused = async (answer: (options: Json) => Json, kind = 'buyer'): Promise<number> => {
      const { challengeId, options } = await challengeToSignIn(kind);
      return (await signIn(challengeId, answer(options), kind)).status;
    };
    const good = await challengeToSignIn();
    const answer = passkey.get(good.options, HOST, { counter: 7 });
    expect((await signIn(good.challengeId, answer)).status).toBe(200);
    expect((await signIn(good.challengeId, answer)).status).toBe(401);
    expect(await refused(() => answer)).toBe(401);
    expect(await refused((options) => passkey.get(options, 'https://evil.example', { counter: 8 }))).toBe(401);
    expect(await refused((options) => passkey.get(options, HOST, { counter: 9, rpId: 'evil.example' }))).toBe(401);
    expect(await refused((options) => passkey.get(options, HOST, { counter: 10, userVerified: false }))).toBe(401);
    expect(await refused((options) => passkey.get(options, HOST, { counter: 7 }))).toBe(401);
    expect(await refused((options) => passkey.get(options, HOST, { counter: 11 }), 'admin')).toBe(401);
    expect(await refused(() => ({ id: 'AAAA' }))).toBe(401);
    expect(await refused(() => ({}))).toBe(401);
    expect(await refused((options) => passkey.get(options, HOST, { counter: 12 }))).toBe(200);
  });

  it('lets its owner in while a stranger has locked the name', async () => {
    await add(await challengeToAdd());
    for (let i = 0; i < 5; i++) await login({ password: `wrong password ${i}` });
    expect((await login()).status).toBe(429);
    const { challengeId, options } = await challengeToSignIn();
    expect((await signIn(challengeId, passkey.get(options, HOST, { counter: 20 }))).status).toBe(200);
  });

  it('is removed with the password, and then signs in no more', async () => {
    await add(await challengeToAdd());
    expect((await own('passkeys/passkey_1/remove', { password: 'wrong password' })).status).toBe(401);
    expect((await own('passkeys/passkey_2/remove', { password: PASSWORD })).status).toBe(404);
    expect((await own('passkeys/passkey_1/remove', { password: PASSWORD })).json.item).toMatchObject({ passkeys: [] });
    const { challengeId, options } = await challengeToSignIn();
    expect((await signIn(challengeId, passkey.get(options, HOST, { counter: 30 }))).status).toBe(401);
  });

  it("of another buyer looks as if it were not there", async () => {
    await add(await challengeToAdd());
    session = await signUp(api, 'buyer', 'globex');
    expect((await own('passkeys/passkey_1/remove', { password: PASSWORD })).status).toBe(404);
    expect(api.db.prepare('SELECT count(*) FROM passkeys').pluck().get()).toBe(1);
  });

  it('is not offered where the console is reached by an IP address', async () => {
    const byAddress = await api.call<ErrorAnswer>('POST', '/buyer/login/passkey/options', { body: {} });
    expect([byAddress.status, byAddress.json.error.message]).toEqual([422, expect.stringContaining('127.0.0.1:8787')]);
    expect(await security()).toMatchObject({ passkeysPossible: false });
  });
});
