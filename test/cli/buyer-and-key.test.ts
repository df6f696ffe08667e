import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestKey, KEY_SHAPE } from '../../src/registry/key-format.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder();
});
afterEach(() => cli.remove());

/** Whether the data plane knows the key now; every test here has no routes, so a good key gives noRoute. */
function isLive(key: string): boolean {
  const registry = openRegistry(cli.database);
  try {
    return registry.admit(digestKey(key.trim()), 'none').kind === 'noRoute';
  } finally {
    registry.close();
  }
}

describe('ainogap buyer', () => {
  it('creates, lists and shows', async () => {
    expect(await cli.json('buyer', 'create', 'acme')).toMatchObject({ buyerId: 'buyer_1', name: 'acme', status: 'enabled', disabledAt: null });
    await cli.run(['buyer', 'create', 'globex']);
    expect(await cli.json('buyer', 'list')).toMatchObject({ buyers: [{ buyerId: 'buyer_1', balanceUsdMicros: 0 }, { name: 'globex' }] });
    await cli.run(['key', 'create', 'acme', '--label', 'ci']);
    const shown = await cli.json('buyer', 'show', 'ACME');
    expect(shown).toMatchObject({ name: 'acme', availableUsdMicros: 0, keys: [{ keyId: 'key_1', label: 'ci', status: 'live' }], routes: [] });
    const words = await cli.run(['buyer', 'show', 'buyer_1']);
    expect(words.out).toMatch(/acme \(buyer_1\)/);
  });

  it('refuses a name that exists in another case, and a bad name as wrong usage', async () => {
    await cli.run(['buyer', 'create', 'acme']);
    expect(await cli.run(['buyer', 'create', 'Acme'])).toMatchObject({ code: 1, out: '', err: expect.stringContaining('"acme" already (buyer_1)') as string });
    expect(await cli.run(['buyer', 'create', 'a,b'])).toMatchObject({ code: 2, out: '' });
    expect(await cli.run(['buyer', 'create', ''])).toMatchObject({ code: 2 });
    expect(await cli.run(['buyer', 'create'])).toMatchObject({ code: 2 });
    expect(await cli.run(['buyer', 'create', 'a', 'b'])).toMatchObject({ code: 2 });
  });

  it('names the nearest buyer when there is none of that name', async () => {
    await cli.run(['buyer', 'create', 'acme']);
    for (const argv of [['buyer', 'show', 'acm'], ['balance', 'acm'], ['key', 'list', 'acm'], ['key', 'create', 'acm'], ['topup', 'acm', '1']]) {
      const { code, err } = await cli.run(argv);
      expect(err).toBe('error: buyer "acm" not found. Did you mean "acme"?\n  ainogap buyer list\n');
      expect(code).toBe(1);
    }
    expect((await cli.run(['buyer', 'show', 'zzzzzz'])).err).toBe('error: buyer "zzzzzz" not found.\n  ainogap buyer list\n');
  });

  it("stops a disabled buyer's keys and starts them again", async () => {
    await cli.run(['buyer', 'create', 'acme']);
    const key = (await cli.run(['key', 'create', 'acme'])).out;
    expect(isLive(key)).toBe(true);
    expect(await cli.run(['buyer', 'disable', 'acme'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') as string });
    expect(isLive(key)).toBe(true);
    expect(await cli.run(['buyer', 'disable', 'acme', '--yes'])).toMatchObject({ code: 0 });
    expect(isLive(key)).toBe(false);
    expect((await cli.run(['buyer', 'disable', 'acme'])).out).toContain('already');
    expect(await cli.run(['buyer', 'enable', 'acme'])).toMatchObject({ code: 0 });
    expect(isLive(key)).toBe(true);
  });

  it('asks on a terminal before it disables, and a no changes nothing', async () => {
    await cli.run(['buyer', 'create', 'acme']);
    const no = await cli.run(['buyer', 'disable', 'acme'], { terminal: 100, answer: false });
    expect(no).toMatchObject({ code: 1, out: '' });
    expect(no.err).toContain('Disable buyer acme?');
    expect(await cli.json('buyer', 'show', 'acme')).toMatchObject({ status: 'enabled' });
    expect(await cli.run(['buyer', 'disable', 'acme'], { terminal: 100, answer: true })).toMatchObject({ code: 0 });
    expect(await cli.json('buyer', 'show', 'acme')).toMatchObject({ status: 'disabled' });
  });
});

describe('ainogap key', () => {
  beforeEach(async () => {
    await cli.run(['buyer', 'create', 'acme']);
  });

  it('puts the secret alone on stdout', async () => {
    const { code, out, err } = await cli.run(['key', 'create', 'acme', '--label', 'ci']);
    expect(code).toBe(0);
    expect(out.trimEnd()).toMatch(KEY_SHAPE);
    expect(out).toBe(`${out.trimEnd()}\n`);
    expect(err).toBe('Created key ci for acme (key_1).\nCopy it now. It is shown only once.\n');
  });

  it('gives it as routeApiKey in --json', async () => {
    const created = (await cli.json('key', 'create', 'acme')) as { routeApiKey: string };
    expect(created).toMatchObject({ keyId: 'key_1', buyerId: 'buyer_1', label: 'default', status: 'live' });
    expect(isLive(created.routeApiKey)).toBe(true);
  });

  it('never shows it again, in no list and in no file', async () => {
    const secret = (await cli.run(['key', 'create', 'acme'])).out.trim();
    const rotated = (await cli.run(['key', 'rotate', 'acme'])).out.trim();
    const lists = [['key', 'list'], ['key', 'list', '--json'], ['buyer', 'show', 'acme'], ['buyer', 'show', 'acme', '--json']];
    const outputs = await Promise.all(lists.map((argv) => cli.run(argv)));
    const printed = outputs.map(({ out, err }) => out + err).join('');
    const files = fs.readdirSync(cli.folder).map((name) => fs.readFileSync(`${cli.folder}/${name}`).toString('latin1'));
    for (const key of [secret, rotated]) {
      expect(printed).toContain(`${key.slice(0, 7)}…${key.slice(-4)}`);
      expect(printed + files.join('')).not.toContain(key.slice(0, 20));
    }
  });

  it('does not repeat a secret that was typed in the wrong place', async () => {
    const secret = (await cli.run(['key', 'create', 'acme'])).out.trim();
    for (const argv of [['key', 'revoke', secret], ['buyer', 'show', secret], ['key', 'rotate', 'acme', '--key', secret], ['route', 'show', secret], [secret], ['buyer', secret], ['receipt', secret], [`--${secret}`]]) {
      const { code, out, err } = await cli.run(argv);
      expect(code).not.toBe(0);
      expect(out + err).not.toContain(secret);
    }
  });

  it('rotates: the new key works and the old one does not', async () => {
    const old = (await cli.run(['key', 'create', 'acme', '--label', 'prod'])).out;
    const { code, out, err } = await cli.run(['key', 'rotate', 'acme']);
    expect(code).toBe(0);
    expect([isLive(old), isLive(out)]).toEqual([false, true]);
    expect(err).toContain('New key prod for acme (key_2).');
    expect(err).toContain(`Old key key_1, ${old.slice(0, 7)}…${old.trim().slice(-4)}, revoked`);
  });

  it('asks on a terminal before it rotates', async () => {
    const old = (await cli.run(['key', 'create', 'acme'])).out;
    expect(await cli.run(['key', 'rotate', 'acme'], { terminal: 100, answer: false })).toMatchObject({ code: 1, out: '' });
    expect(isLive(old)).toBe(true);
    const done = await cli.run(['key', 'rotate', 'acme'], { terminal: 100, answer: true });
    expect(done).toMatchObject({ code: 0 });
    expect(isLive(done.out)).toBe(true);
  });

  it('repeats a rotation by its id without a new key and without the secret', async () => {
    await cli.run(['key', 'create', 'acme']);
    const first = (await cli.json('key', 'rotate', 'acme', '--rotation-id', 'r1')) as Record<string, unknown>;
    expect(first).toMatchObject({ keyId: 'key_2', replaces: 'key_1', changed: true, routeApiKey: expect.stringMatching(KEY_SHAPE) as string });
    const second = await cli.json('key', 'rotate', 'acme', '--rotation-id', 'r1');
    expect(second).toEqual({ ...first, changed: false, routeApiKey: null });
    const words = await cli.run(['key', 'rotate', 'acme', '--rotation-id', 'r1']);
    expect(words).toMatchObject({ code: 0, out: '', err: expect.stringContaining('Nothing was changed') as string });
    expect(((await cli.json('key', 'list')) as { keys: unknown[] }).keys).toHaveLength(2);
  });

  it('refuses a rotation id of another buyer', async () => {
    await cli.run(['buyer', 'create', 'globex']);
    for (const name of ['acme', 'globex']) await cli.run(['key', 'create', name]);
    await cli.run(['key', 'rotate', 'acme', '--rotation-id', 'r1']);
    const { code, out, err } = await cli.run(['key', 'rotate', 'globex', '--rotation-id', 'r1']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('used for another buyer: it replaced key_1 of acme');
  });

  it('refuses to choose among several live keys, and lists them', async () => {
    const keys = [await cli.run(['key', 'create', 'acme', '--label', 'a']), await cli.run(['key', 'create', 'acme', '--label', 'b'])];
    const { code, out, err } = await cli.run(['key', 'rotate', 'acme']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    for (const word of ['key_1', 'key_2', '--key']) expect(err).toContain(word);
    expect(keys.map((key) => isLive(key.out))).toEqual([true, true]);
    expect(await cli.run(['key', 'rotate', 'acme', '--key', 'key_2'])).toMatchObject({ code: 0 });
    expect(keys.map((key) => isLive(key.out))).toEqual([true, false]);
  });

  it.each([
    [['key', 'rotate', 'acme'], 1, 'no live key'],
    [['key', 'rotate', 'acme', '--key', 'key_9'], 1, 'no key "key_9"'],
    [['key', 'rotate', 'acme', '--key', 'nine'], 2, '"nine" is not a key'],
    [['key', 'rotate', 'acme', '--rotation-id', 'two words'], 2, 'rotation-id'],
    [['key', 'revoke', 'key_9', '--yes'], 1, 'key "key_9" not found'],
    [['key', 'revoke', 'key_x', '--yes'], 2, 'an example: key_7'],
    [['key', 'create', 'acme', '--label', ''], 2, '--label'],
    [['key', 'create', 'acme', '--lable', 'x'], 2, 'unknown option'],
    [['key', 'revok'], 2, 'unknown command'],
  ])('answers %j with exit %i and %j', async (argv, code, words) => {
    const result = await cli.run(argv);
    expect(result.err).toContain(words);
    expect(result).toMatchObject({ code, out: '' });
  });

  it('revokes once; a second time says when it happened', async () => {
    const key = (await cli.run(['key', 'create', 'acme'])).out;
    expect(await cli.run(['key', 'revoke', 'key_1'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') as string });
    expect(isLive(key)).toBe(true);
    expect(await cli.json('key', 'revoke', 'key_1', '--yes')).toMatchObject({ keyId: 'key_1', status: 'revoked', changed: true });
    expect(isLive(key)).toBe(false);
    expect((await cli.run(['key', 'revoke', 'key_1'])).out).toContain('revoked before');
  });
});
