/** Every operation of the buyer's API that takes an id, found in the API's own description, asked for what is another's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { startConsole, type ConsoleGateway, type SignedInOverHttp } from '../support/console-gateway.ts';

const PASSWORD = 'marble canyon 2209 trumpet';

let gateway: ConsoleGateway;
let other: SignedInOverHttp;
beforeAll(async () => {
  gateway = await startConsole();
  const { product } = gateway;
  await product.json('buyer', 'create', 'umbra');
  await product.json('topup', 'umbra', '5');
  const { url } = await product.json<{ url: string }>('buyer', 'invite', 'umbra');
  await gateway.json('POST', '/buyer/invite/accept', { body: { token: url.split('#')[1], password: PASSWORD, transport: 'token' } });
  other = await gateway.signIn('buyer', 'umbra', PASSWORD);
  expect((await (await gateway.spend()).text()).length).toBeGreaterThan(0);
  const db = openDatabase(product.database, { mode: 'write' });
  db.prepare("INSERT INTO passkeys(login_id, credential_id, public_key, counter, transports, label, created_at) SELECT id, 'c' || id, x'00', 0, '[]', 'phone', 1 FROM logins").run();
  db.close();
});
afterAll(() => gateway?.stop());

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Ids of the first buyer's things, and ids that nobody has; what is no id of anybody's is the same in both. */
async function ids(): Promise<Readonly<Record<string, readonly [theirs: string, nobodys: string]>>> {
  const as = { token: gateway.buyer.token };
  const first = async (path: string, id: string): Promise<string> => (await gateway.json<{ items: Record<string, string>[] }>('GET', path, as)).items[0]![id]!;
  const { item } = await gateway.json<{ item: { passkeys: { passkeyId: string }[] } }>('GET', '/buyer/security', as);
  return {
    requestId: [await first('/buyer/requests', 'requestId'), 'req_0000000000000'],
    keyId: [await first('/buyer/keys', 'keyId'), 'key_999'],
    sessionId: [await first('/buyer/sessions', 'sessionId'), 'session_999'],
    passkeyId: [item.passkeys[0]!.passkeyId, 'passkey_999'],
    month: ['2026-11', '2026-11'],
  };
}

/** By the description; the body that rotates names its key by a field. */
async function operationsWithIds(): Promise<Operation[]> {
  const { paths } = await gateway.json<Description>('GET', '/openapi.json');
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    path.startsWith('/buyer/') && path.includes('{') ? Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path, body: path.endsWith('/remove') ? { password: PASSWORD } : undefined })) : [],
  );
  return [...found, { method: 'POST', path: '/buyer/rotate-api-key', body: { keyId: '{keyId}' } }];
}

test('each is answered as if it did not exist, to the word, and nothing changes', async () => {
  const known = await ids();
  const fill = (text: string, which: 0 | 1): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const pair = known[name];
      if (pair === undefined) throw new Error(`an id of a kind that this test does not know: ${name}`);
      return pair[which];
    });
  const things = (): unknown => gateway.product.read((db) => ['keys', 'passkeys', 'audit', 'sessions WHERE ended_at IS NULL', 'keys WHERE revoked_at IS NULL'].map((rows) => db.prepare(`SELECT count(*) FROM ${rows}`).pluck().get()));
  const before = things();
  const operations = (await operationsWithIds()).filter(({ path }) => !path.includes('{month}'));
  expect(operations.length).toBeGreaterThanOrEqual(5);
  for (const { method, path, body } of operations) {
    const answers = await Promise.all(
      ([0, 1] as const).map(async (which) => {
        const answer = await gateway.call(method, fill(path, which), { token: other.token, ...(body === undefined ? {} : { body: JSON.parse(fill(JSON.stringify(body).replace('"{keyId}"', `"${known['keyId']![which]}"`), which)) }) });
        return { operation: `${method} ${path}`, status: answer.status, error: ((await answer.json()) as { error?: unknown }).error };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ status: 404, error: { code: 'not_found' } });
  }
  expect(things()).toEqual(before);
});
