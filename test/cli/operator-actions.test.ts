import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperatorActions, type OperatorActions } from '../../src/cli/operator-actions.ts';
import { openDatabase } from '../../src/db/open.ts';
import { parseBuyerId, parseKeyId, type BuyerId, type KeyId } from '../../src/ids.ts';
import { micro } from '../../src/money.ts';
import { openCliFolder, type CliFolder } from './cli-run.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 5, 1);

let cli: CliFolder;
let actions: OperatorActions;
let buyerId: BuyerId;
let keyId: KeyId;
let secret: string;

beforeEach(async () => {
  cli = openCliFolder();
  actions = createOperatorActions(cli.database, () => NOW);
  const buyer = (await cli.json('buyer', 'create', 'acme')) as { buyerId: string };
  const key = (await cli.json('key', 'create', 'acme', '--label', 'prod')) as { keyId: string; routeApiKey: string };
  buyerId = parseBuyerId(buyer.buyerId) as BuyerId;
  keyId = parseKeyId(key.keyId) as KeyId;
  secret = key.routeApiKey;
});
afterEach(() => cli.remove());

const balance = async (): Promise<unknown> => ((await cli.json('balance', 'acme')) as Record<string, unknown>)['balanceUsdMicros'];
const keys = async (): Promise<{ keyId: string; revokedAt: string | null }[]> => ((await cli.json('key', 'list')) as { keys: { keyId: string; revokedAt: string | null }[] }).keys;

describe('topping up', () => {
  it('says what the balance was and is, in the words of the command', async () => {
    const outcome = actions.topUp({ buyerId, amount: micro(12_500_000), reference: 'top_1' });
    expect(outcome).toEqual({ ok: true, text: expect.stringMatching(/^acme {2}\+12\.500000 USDC {2}balance 0\.00 → 12\.50 {2}ledger #\d+$/) as string });
    expect(await balance()).toBe(12_500_000);
  });

  it('applies a reference once, however often it is sent', async () => {
    const topUp = { buyerId, amount: micro(1_000_000), reference: 'top_1' };
    actions.topUp(topUp);
    expect(actions.topUp(topUp)).toMatchObject({ ok: true, text: expect.stringContaining('nothing was changed') as string });
    expect(await balance()).toBe(1_000_000);
  });

  it('refuses a reference that stood for another amount', async () => {
    actions.topUp({ buyerId, amount: micro(1_000_000), reference: 'top_1' });
    expect(actions.topUp({ buyerId, amount: micro(2_000_000), reference: 'top_1' })).toMatchObject({ ok: false, text: expect.stringContaining('another amount') as string });
    expect(await balance()).toBe(1_000_000);
  });
});

describe('rotating', () => {
  it('gives the new secret this once and ends the old key', async () => {
    const outcome = actions.rotateKey(keyId);
    expect(outcome).toMatchObject({ ok: true, secret: expect.stringMatching(/^rk_\w{36}$/) as string, text: expect.stringMatching(/^Old key rk_.*….{4} revoked 12:05:01 UTC\.$/) as string });
    if (!outcome.ok) return;
    expect(outcome.secret).not.toBe(secret);
    expect(outcome.masked).not.toContain(outcome.secret);
    expect((await keys()).map(({ revokedAt }) => revokedAt !== null)).toEqual([true, false]);
  });

  it('refuses a key that is revoked already', async () => {
    actions.revokeKey(keyId);
    expect(actions.rotateKey(keyId)).toMatchObject({ ok: false, text: expect.stringContaining('only a live key can be rotated') as string });
    expect(await keys()).toHaveLength(1);
  });
});

it('revokes a key, and says so when it was revoked before', async () => {
  expect(actions.revokeKey(keyId)).toMatchObject({ ok: true, text: expect.stringMatching(/^Revoked key prod of acme \(key_1, rk_/) as string });
  expect(actions.revokeKey(keyId)).toMatchObject({ ok: true, text: expect.stringContaining('was revoked before') as string });
  expect((await keys())[0]?.revokedAt).toBe(new Date(NOW).toISOString());
});

it('disables a buyer and enables it again', async () => {
  const status = async (): Promise<unknown> => ((await cli.json('buyer', 'list')) as { buyers: { status: string }[] }).buyers[0]?.status;
  expect(actions.setBuyerDisabled(buyerId, true)).toEqual({ ok: true, text: 'Disabled buyer acme.' });
  expect(await status()).toBe('disabled');
  expect(actions.setBuyerDisabled(buyerId, true)).toEqual({ ok: true, text: 'Buyer acme is disabled already.' });
  expect(actions.setBuyerDisabled(buyerId, false)).toEqual({ ok: true, text: 'Enabled buyer acme.' });
  expect(await status()).toBe('enabled');
});

it('gives words, not a stack trace, for who is gone and for a database that is not there', () => {
  expect(actions.topUp({ buyerId: 99 as BuyerId, amount: micro(1), reference: 'top_1' })).toEqual({ ok: false, text: 'this buyer is not there any more.' });
  expect(actions.revokeKey(99 as KeyId)).toEqual({ ok: false, text: 'this key is not there any more.' });
  expect(createOperatorActions(`${cli.folder}/none.db`).revokeKey(keyId)).toMatchObject({ ok: false, text: expect.stringContaining('none.db') as string });
});

it('leaves the database to others when it has acted', () => {
  actions.topUp({ buyerId, amount: micro(1), reference: 'top_1' });
  const db = openDatabase(cli.database, { mode: 'write' });
  expect(() => db.exec('BEGIN EXCLUSIVE; COMMIT')).not.toThrow();
  db.close();
});
