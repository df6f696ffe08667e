import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CreatedKey, Key, RotatedKey } from '../../../src/api/schemas/buyer.ts';
import { KEY_SHAPE } from '../../../src/registry/key-format.ts';
import type { CallOptions, SignedIn } from '../../support/api-in-process.ts';
import { openBuyerWorld, type BuyerWorld, type Item, type List, type Refusal } from './buyer-world.ts';

let w: BuyerWorld;
beforeEach(() => {
  w = openBuyerWorld();
});
afterEach(() => w.close());

const call = <T>(method: string, target: string, options: CallOptions = {}) => w.api.call<T>(method, target, { as: w.one, ...options });
const keys = async (as: SignedIn = w.one): Promise<readonly Key[]> => (await call<List<Key>>('GET', '/buyer/keys', { as })).json.items;
const create = (label: string, headers: Record<string, string> = {}) => call<Item<CreatedKey> & Refusal>('POST', '/buyer/keys', { body: { label }, headers });
const rotate = (body?: unknown, headers: Record<string, string> = {}) => call<Item<RotatedKey> & Refusal>('POST', '/buyer/rotate-api-key', { ...(body === undefined ? {} : { body }), headers });
const audit = (): unknown[] => w.api.db.prepare('SELECT action, actor_kind, actor, via, subject, buyer_id FROM audit ORDER BY id').raw().all();
const allAudit = (): string => JSON.stringify(w.api.db.prepare('SELECT * FROM audit').all());
const remembered = (): string => JSON.stringify(w.api.db.prepare('SELECT * FROM idempotency').all());

describe('keys', () => {
  test('are listed masked, the live ones first, with when they were last used', async () => {
    w.end({ key: 1 });
    await call('DELETE', '/buyer/keys/key_2');
    expect((await keys()).map(({ keyId, status, key, lastUsedAt }) => [keyId, status, key, lastUsedAt])).toEqual([
      ['key_1', 'live', 'rk_…abcd', null],
      ['key_2', 'revoked', 'rk_…abcd', '2026-11-21T10:01:00.000Z'],
    ]);
  });

  test('are made with a label, and shown whole this once', async () => {
    const { status, json, text } = await create('ci');
    expect([status, json.item.label, json.item.buyerId]).toEqual([201, 'ci', 'buyer_1']);
    expect(json.item.routeApiKey).toMatch(KEY_SHAPE);
    expect((await keys())[0]).toMatchObject({ keyId: json.item.keyId, label: 'ci', status: 'live' });
    expect(text).toContain(json.item.routeApiKey);
    expect(audit()).toEqual([['key.create', 'buyer', 'buyer 1', 'token', json.item.keyId, 1]]);
    expect(allAudit()).not.toContain(json.item.routeApiKey);
  });

  test('are made once for one Idempotency-Key, and the secret is not repeated or remembered', async () => {
    const [first, again] = [await create('ci', { 'idempotency-key': 'a' }), await create('ci', { 'idempotency-key': 'a' })];
    expect(again.status).toBe(201);
    expect(again.json.item).toEqual({ ...first.json.item, routeApiKey: null });
    expect(await keys()).toHaveLength(3);
    expect(audit()).toHaveLength(1);
    expect(remembered()).not.toContain(first.json.item.routeApiKey);
    expect((await create('other', { 'idempotency-key': 'a' })).json.error.code).toBe('idempotency_conflict');
  });

  test('have labels that can be seen', async () => {
    expect((await create('a\u202eb')).json.error).toMatchObject({ code: 'invalid_request', details: { parameter: 'label' } });
    expect((await create('   ')).json.error.code).toBe('invalid_request');
    expect((await create('x'.repeat(65))).json.error.code).toBe('invalid_request');
    expect(await keys()).toHaveLength(2);
  });

  test('are revoked once; again changes nothing', async () => {
    const revoked = await call<Item<Key>>('DELETE', '/buyer/keys/key_1');
    expect(revoked.json.item).toMatchObject({ keyId: 'key_1', status: 'revoked' });
    w.world.now += 5_000;
    expect((await call<Item<Key>>('DELETE', '/buyer/keys/key_1')).json.item).toEqual(revoked.json.item);
    expect(audit()).toHaveLength(1);
  });

  test('of the console’s own are not there: not in the list, not to revoke, not to rotate', async () => {
    w.api.db.prepare("INSERT INTO keys(buyer_id, label, digest, prefix, last4, created_at, purpose) VALUES (1, 'try it', randomblob(32), 'rk_', 'zzzz', 0, 'try')").run();
    expect((await keys()).map(({ keyId }) => keyId)).toEqual(['key_2', 'key_1']);
    expect((await call('DELETE', '/buyer/keys/key_7')).status).toBe(404);
    expect((await rotate({ keyId: 'key_7' })).status).toBe(404);
  });

  test('cannot be made without end: a hundred live ones, sixty changes a minute', async () => {
    const insert = w.api.db.prepare("INSERT INTO keys(buyer_id, label, digest, prefix, last4, created_at) VALUES (1, '', randomblob(32), 'rk_', 'abcd', 0)");
    for (let i = 0; i < 98; i++) insert.run();
    expect((await create('one too many')).json.error.code).toBe('refused');
    for (let i = 0; i < 59; i++) await call('DELETE', '/buyer/keys/key_5');
    const { status, headers, json } = await create('too often');
    expect([status, json.error.code, headers.get('retry-after')]).toEqual([429, 'too_many_attempts', '60']);
    expect((await call('DELETE', '/buyer/keys/key_3', { as: w.two })).status).toBe(200);
    w.world.now += 60_001;
    expect((await call('DELETE', '/buyer/keys/key_1')).status).toBe(200);
  });
});

describe('a rotation', () => {
  test('of the only key needs no body: the old one is revoked, the new one shown', async () => {
    await call('DELETE', '/buyer/keys/key_2');
    const { status, json } = await rotate();
    expect(status).toBe(200);
    expect(json.item).toMatchObject({ buyerId: 'buyer_1', oldKeyId: 'key_1', keyId: 'key_7', oldKeyRevokedAt: new Date(w.world.now).toISOString() });
    expect(json.item.routeApiKey).toMatch(KEY_SHAPE);
    expect((await keys()).map(({ keyId, status: is, replacedBy }) => [keyId, is, replacedBy])).toEqual([['key_7', 'live', null], ['key_2', 'revoked', null], ['key_1', 'revoked', 'key_7']]);
    expect(audit()[1]).toEqual(['key.rotate', 'buyer', 'buyer 1', 'token', 'key_1', 1]);
    expect(allAudit()).not.toContain(json.item.routeApiKey);
    expect((await call('GET', '/buyer/me')).status).toBe(200);
  });

  test('with several live keys asks which, and lists them masked', async () => {
    const { status, json } = await rotate({});
    expect([status, json.error.code]).toEqual([409, 'several_keys']);
    expect((json.error.details['keys'] as Key[]).map(({ keyId, key }) => [keyId, key])).toEqual([['key_1', 'rk_…abcd'], ['key_2', 'rk_…abcd']]);
    expect((await rotate({ keyId: 'key_2' })).json.item).toMatchObject({ oldKeyId: 'key_2' });
  });

  test('repeated with its Idempotency-Key answers the same without the key, and rotates once', async () => {
    const first = await rotate({ keyId: 'key_1' }, { 'idempotency-key': 'now' });
    const again = await rotate({ keyId: 'key_1' }, { 'idempotency-key': 'now' });
    expect(again.status).toBe(200);
    expect(again.json.item).toEqual({ ...first.json.item, routeApiKey: null });
    expect(audit()).toHaveLength(1);
    expect(remembered()).not.toContain(first.json.item.routeApiKey);
    // Another buyer's key of the same name is another one.
    expect((await call<Item<RotatedKey>>('POST', '/buyer/rotate-api-key', { as: w.two, body: { keyId: 'key_3' }, headers: { 'idempotency-key': 'now' } })).json.item.routeApiKey).not.toBeNull();
  });

  test('of a revoked key, of none, or of one that is not there is refused in words', async () => {
    await rotate({ keyId: 'key_1' });
    expect((await rotate({ keyId: 'key_1' })).json.error).toMatchObject({ code: 'conflict', message: expect.stringContaining('replaced by key_7') });
    expect((await rotate({ keyId: 'key_99' })).json.error).toMatchObject({ code: 'not_found' });
    await call('DELETE', '/buyer/keys/key_7');
    await call('DELETE', '/buyer/keys/key_2');
    expect((await rotate()).json.error).toMatchObject({ code: 'conflict', message: expect.stringContaining('no live key') });
    expect((await rotate({ key: 'key_1' })).json.error.code).toBe('invalid_request');
  });
});

test('a disabled buyer can look and revoke, and neither make nor rotate keys nor try', async () => {
  w.api.db.prepare('UPDATE buyers SET disabled_at = 1 WHERE id = 1').run();
  expect(await keys()).toHaveLength(2);
  const tried = await call<Refusal>('POST', '/buyer/try', { body: { route: 'list', model: 'claude-haiku-4-5', prompt: 'hi' } });
  for (const { status, json } of [await create('x'), await rotate({ keyId: 'key_1' }), tried]) {
    expect([status, json.error.code]).toEqual([403, 'forbidden']);
    expect(json.error.message).toContain('disabled');
  }
  expect((await call('DELETE', '/buyer/keys/key_1')).status).toBe(200);
});
