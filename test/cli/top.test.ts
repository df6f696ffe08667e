import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperatorReads } from '../../src/cli/operator-reads.ts';
import { openDatabase } from '../../src/db/open.ts';
import { formatRequestId, type BuyerId, type RequestId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import { micro } from '../../src/money.ts';
import { openScene, type Scene } from '../reports/live-scene.ts';

const MAIN = path.resolve(import.meta.dirname, '../../bin/ainogap.js');
const START = Date.UTC(2026, 10, 23, 12);

let scene: Scene;
beforeEach(async () => {
  scene = await openScene(START);
});
afterEach(() => scene.close());

const run = (argv: string, options: Parameters<Scene['cli']['run']>[1] = {}) => scene.cli.run(argv.split(' '), { now: scene.now, ...options });
const lines = (text: string): string[] => text.replace(/\n$/, '').split('\n');

interface TopJson {
  readonly at: string;
  readonly overview: { readonly today: { readonly requests: number; readonly chargeUsdMicros: number; readonly tokens: object; readonly chargeByClassUsdMicros: object } };
  readonly [name: string]: unknown;
}

describe('one frame as text', () => {
  it('is what a pipe gets: 80 columns, no colours, no trailing blanks', async () => {
    scene.end({ charges: { output: 1_500_000 }, tokens: { output: 60 } });
    const { code, out, err } = await run('top');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(stripVTControlCharacters(out)).toBe(out);
    expect(lines(out)).toHaveLength(24);
    expect(lines(out).filter((line) => line.length > 80 || line.endsWith(' '))).toEqual([]);
    expect(out).toContain('acme');
    expect(out).toContain('998.50');
  });

  it('comes in the size, the view and the characters that were asked for', async () => {
    const { out } = await run('top --once --view buyers --width 120 --height 30 --ascii');
    expect(lines(out)).toHaveLength(30);
    expect(lines(out).some((line) => line.length > 100)).toBe(true);
    expect(out).toMatch(/^[ -~\n]*$/);
    expect(out).toContain('[2 Buyers]');
    expect(out).toMatch(/globex .*1,000\.00/);
  });

  it.each([
    ['listen: "[::]:9100"', 'http://[::1]:9100/'],
    ['listen: 127.0.0.1:9100\npublic_url: https://gateway.example.com', 'https://gateway.example.com/'],
  ])('names where requests go, with %s', async (settings, origin) => {
    const file = path.join(scene.cli.folder, 'config.yaml');
    const kept = fs.readFileSync(file, 'utf8').split('\n').filter((line) => !line.startsWith('listen:'));
    fs.writeFileSync(file, `${settings}\n${kept.join('\n')}`);
    const { out } = await run('top --once --view live --width 120');
    expect(out).toContain(`curl ${origin}`);
  });

  it('has colours where a terminal or FORCE_COLOR asks for them, and NO_COLOR takes them away', async () => {
    const coloured = async (options: Parameters<Scene['cli']['run']>[1]): Promise<boolean> => {
      const { out } = await run('top --once', options);
      return stripVTControlCharacters(out) !== out;
    };
    expect(await coloured({ terminal: 100 })).toBe(true);
    expect(await coloured({ terminal: 100, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await coloured({ env: { FORCE_COLOR: '1' } })).toBe(true);
    expect(await coloured({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).toBe(true);
    const { out } = await run('top --once', { terminal: 100 });
    expect(lines(out).filter((line) => line.endsWith(' '))).toEqual([]);
  });
});

describe('--json', () => {
  it('is one document with times as ISO 8601, ids as text, money as integers', async () => {
    const done = scene.end({ tokens: { input: 10, cacheRead: 90 }, charges: { input: 50, cacheRead: 45 } });
    const running = scene.open({ key: 2, route: 2, hold: 700n });
    scene.refuse();
    scene.now += 1_000;
    const document = JSON.parse((await run('top --json')).out) as TopJson;
    expect(document).toMatchObject({ at: '2026-11-23T12:00:01.000Z', timezone: 'UTC', serving: 0 });
    expect(document.overview.today).toMatchObject({
      requests: 2,
      chargeUsdMicros: 95,
      tokens: { input: 10, output: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 90 },
      chargeByClassUsdMicros: { input: 50, output: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 45 },
    });
    expect(document['buyers']).toMatchObject([
      { buyerId: 'buyer_1', name: 'acme', balanceUsdMicros: 999_999_905, burnPerHourUsdMicros: 95 },
      { buyerId: 'buyer_2', heldUsdMicros: 700, availableUsdMicros: 999_999_300, emptyInMinutes: null },
      { buyerId: 'buyer_3' },
    ]);
    expect(document['keys']).toMatchObject([{ keyId: 'key_1', buyer: 'acme', lastUsedAt: '2026-11-23T12:00:00.000Z' }, { keyId: 'key_2' }, { keyId: 'key_3' }, { keyId: 'key_4', label: 'second' }]);
    expect(document['routes']).toMatchObject([{ route: 'fast', model: 'claude-opus-4-6', priceCard: 'pc_1' }, { route: 'slow', model: null }]);
    expect(document['liveRequests']).toMatchObject({
      openCount: 1,
      heldUsdMicros: 700,
      open: [{ requestId: formatRequestId(running), state: 'waiting', buyer: 'globex', route: 'slow', tokens: null, chargeUsdMicros: null }],
      ended: [{ state: 'refused' }, { requestId: formatRequestId(done.requestId), state: 'completed', chargeUsdMicros: 95 }],
    });
    expect(document['upstreams']).toMatchObject([
      { upstream: 'one', health: 'up', requestsPerMinute: 1, routes: ['fast'] },
      { upstream: 'two', health: 'up', openRequests: 1, routes: ['slow'] },
    ]);
  });

  it('agrees with `balance` and with `requests`', async () => {
    for (let i = 0; i < 20; i++) {
      scene.now += 250_000;
      scene.end({ key: 1 + (i % 4), charges: { output: 1_000 + i } });
    }
    const read = async <T>(argv: string): Promise<T> => JSON.parse((await run(argv)).out) as T;
    const { buyers, liveRequests } = await read<{ buyers: object[]; liveRequests: { ended: { requestId: string; chargeUsdMicros: number }[] } }>('top --json');
    const { balances } = await read<{ balances: { burnPerHourUsdMicros: number }[] }>('balance --json');
    expect(buyers).toMatchObject(balances);
    expect(balances.map(({ burnPerHourUsdMicros }) => burnPerHourUsdMicros).some((burn) => burn > 0)).toBe(true);
    const { requests } = await read<{ requests: { requestId: string; buyerChargeUsdMicros: number }[] }>('requests --json');
    expect(liveRequests.ended.map(({ requestId, chargeUsdMicros }) => [requestId, chargeUsdMicros])).toEqual(
      requests.map(({ requestId, buyerChargeUsdMicros }) => [requestId, buyerChargeUsdMicros]),
    );
  });

  it('with --watch is a line per interval, follows what happens, and ends with 0 at a signal', async () => {
    const child = spawn(process.execPath, [MAIN, 'top', '--watch', '--json', '--interval', '0.2'], { cwd: scene.cli.folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let text = '';
    const seen = new Promise<TopJson[]>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const documents = text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as TopJson);
        if (documents.length === 1) {
          scene.now = Date.now();
          if (scene.ended.length === 0) scene.end({ charges: { output: 25 } });
        }
        if (documents.some(({ overview }) => overview.today.requests === 1)) resolve(documents);
      });
    });
    const documents = await seen;
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(documents[0]?.overview.today.requests).toBe(0);
    expect(documents.at(-1)?.overview.today).toMatchObject({ requests: 1, chargeUsdMicros: 25 });
    expect(Date.parse(documents.at(-1)?.at ?? '')).toBeGreaterThan(Date.parse(documents[0]?.at ?? ''));
  });
});

describe('what cannot be is said in words', () => {
  it.each([
    ['top --view buyer', /there is no view "buyer"\. Did you mean "buyers"\?/],
    ['top --interval 0.1', /--interval takes seconds from 0\.2 to 60, not "0\.1"/],
    ['top --interval 61', /--interval takes seconds/],
    ['top --once --width 10', /--width takes a whole number from 20 to 400, not "10"/],
    ['top --once --height x', /--height takes a whole number from 5 to 120/],
    ['top --watch', /--watch prints documents and needs --json/],
    ['top --watch --json --once', /--once or --watch, not both/],
  ])('%s', async (argv, words) => {
    const { code, out, err } = await run(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(words);
  });

  it('a missing configuration or database, and an older schema', async () => {
    const moved = `${scene.cli.database}.old`;
    fs.renameSync(scene.cli.database, moved);
    expect(await run('top')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/there is no database at .*ainogap init/) as string });
    fs.writeFileSync(scene.cli.database, '');
    expect(await run('top')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/is empty/) as string });
    fs.rmSync(scene.cli.database);
    const old = openDatabase(scene.cli.database, { mode: 'create' });
    old.pragma('user_version = 1');
    old.close();
    expect(await run('top')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/has schema 1, this program needs/) as string });
    fs.rmSync(path.join(scene.cli.folder, 'config.yaml'));
    expect(await run('top')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/no config\.yaml/) as string });
  });

  it('sums that an upgrade has yet to make', async () => {
    scene.db.exec('UPDATE usage_state SET complete = 0');
    expect(await run('top')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/ainogap verify --rebuild/) as string });
  });
});

describe('the reading half of the operator', () => {
  const open = () => createOperatorReads({ database: scene.cli.database, timezone: 'UTC', origin: 'http://127.0.0.1:8787', upstreams: ['one', 'two', 'spare'], ctx: contextOf(scene) });

  it('goes on when the database comes back, also as another file', () => {
    const reads = open();
    expect(reads.read().buyers.map(({ name }) => name)).toEqual(['acme', 'globex', 'initech']);
    fs.renameSync(scene.cli.database, `${scene.cli.database}.away`);
    expect(() => reads.read()).toThrow(/there is no database/);
    fs.renameSync(`${scene.cli.database}.away`, scene.cli.database);
    expect(reads.read().buyers).toHaveLength(3);
    scene.db.close();
    for (const ending of ['', '-wal', '-shm']) fs.rmSync(scene.cli.database + ending, { force: true });
    openDatabase(scene.cli.database, { mode: 'create' }).close();
    expect(reads.read().buyers).toEqual([]);
    reads.close();
  });

  it('shows configured upstreams without a route too', () => {
    const reads = open();
    expect(reads.read().upstreams.map(({ name, health }) => [name, health])).toEqual([
      ['one', 'idle'],
      ['spare', 'idle'],
      ['two', 'idle'],
    ]);
    reads.close();
  });

  it("has a buyer's last requests and deposits", () => {
    const { requestId } = scene.end({ key: 4, charges: { output: 10 } });
    scene.end({ key: 2, charges: { output: 10 } });
    const ledger = openDirectLedger(scene.db);
    ledger.deposit({ buyerId: 1 as BuyerId, amount: micro(-5n), kind: 'adjust', reference: null, reason: 'paid twice\u001b[31m' });
    const reads = open();
    const detail = reads.buyer(1 as BuyerId);
    expect(detail.requests.map((request) => request.requestId)).toEqual([requestId]);
    expect(detail.deposits).toMatchObject([
      { amount: -5n, words: String.raw`adjustment, paid twice\u001b[31m` },
      { amount: 1_000_000_000n, words: 'top-up' },
    ]);
    reads.close();
  });

  it('has a request as receipt, explanation and JSON, each without a control character', () => {
    const { requestId } = scene.end({ tokens: { input: 10 }, charges: { input: 50 }, record: { detail: { message: '\u001b[2J' } } });
    const refused = scene.refuse().requestId;
    const reads = open();
    const text = reads.request(requestId, 80);
    expect(text?.receipt[0]).toMatch(/^acme · key first rk_\S+…\S{4}$/);
    expect(text?.receipt.join('\n')).toMatch(/^I input +10 +\S+ +0\.000050$/m);
    expect(text?.explain.join('\n')).toContain('acme');
    expect(JSON.parse(text?.json.join('\n') ?? '')).toMatchObject({ requestId: formatRequestId(requestId), chargeUsdMicros: 50 });
    expect(reads.request(refused, 80)?.receipt.join()).toContain('nothing was charged');
    const all = [text, reads.request(refused, 80)].flatMap((of) => Object.values(of ?? {}).flat());
    expect(all.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
    const running = scene.open();
    expect(reads.request(running, 80)).toMatchObject({ receipt: [], explain: expect.arrayContaining([expect.stringContaining('running')]) as string[] });
    expect(reads.request(4n as RequestId, 80)).toBeNull();
    reads.close();
  });
});

function contextOf({ now, cli }: Scene) {
  const sink = { isTTY: false, columns: 80, write: () => undefined };
  return { env: {}, cwd: cli.folder, stdout: sink, stderr: sink, interactive: false, ask: async () => false, now: () => now };
}
