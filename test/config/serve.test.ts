import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = path.resolve(import.meta.dirname, '../../bin/ainogap.js');
const CONFIG = `listen: 127.0.0.1:0
database: ./ainogap.db
shutdown_grace: 20s
upstreams:
  simulator: { kind: simulator }
`;

let folder: string;
let running: Served[];
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-serve-'));
  running = [];
});
afterEach(async () => {
  for (const served of running) served.child.kill('SIGKILL');
  await Promise.all(running.map((served) => served.code));
  fs.rmSync(folder, { recursive: true, force: true });
});

const writeConfig = (text: string): void => fs.writeFileSync(path.join(folder, 'config.yaml'), text, { mode: 0o600 });

interface Served {
  readonly child: ChildProcess;
  readonly code: Promise<number | null>;
  out: string;
  err: string;
}

function ainogap(...argv: string[]): Served {
  const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder };
  const child = spawn(process.execPath, [MAIN, ...argv], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const served: Served = { child, code: new Promise((resolve) => child.on('close', resolve)), out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (served.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (served.err += text));
  running.push(served);
  return served;
}

/** Waits for what must come; the test's own limit ends it if it never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const done = async (...argv: string[]): Promise<string> => {
  const served = ainogap(...argv);
  expect(await served.code, served.err).toBe(0);
  return served.out.trim();
};

/** A configured folder with a database, and a gateway that serves it. */
async function serving(config = CONFIG): Promise<Served & { readonly url: string }> {
  await done('init', '.', '--yes');
  writeConfig(config);
  const served = ainogap('serve', '--json');
  await until(() => served.out.endsWith('}\n') || served.child.exitCode !== null);
  return Object.assign(served, { url: (JSON.parse(served.out) as { url: string }).url });
}

/** fetch sets the host itself. */
const statusFor = (port: number, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path: '/healthz', headers: { host } }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });

const refused = async (config: string, ...argv: string[]): Promise<{ code: number | null; err: string }> => {
  if (!fs.existsSync(path.join(folder, 'ainogap.db'))) await done('init', '.', '--yes');
  writeConfig(config);
  const served = ainogap('serve', ...argv);
  return { code: await served.code, err: served.err };
};

describe('ainogap serve', () => {
  it('listens, answers, and leaves with 0 at SIGTERM and at SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const served = await serving();
      expect((await fetch(`${served.url}/healthz`)).status).toBe(200);
      served.child.kill(signal);
      expect(await served.code, served.err).toBe(0);
      for (const name of ['config.yaml', 'ainogap.db']) fs.rmSync(path.join(folder, name));
    }
  });

  it('refuses, in words, a port in use, an address of another machine, and a credential that is not there', async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as net.AddressInfo;
    expect(await refused(CONFIG, '--port', String(port))).toEqual({ code: 1, err: expect.stringContaining(`error: port ${port} on 127.0.0.1 is in use by another program.`) });
    other.close();
    expect(await refused(CONFIG, '--host', '192.0.2.1', '--insecure')).toEqual({ code: 1, err: expect.stringContaining('192.0.2.1 is no address of this machine') });
    const anthropic = 'database: ./ainogap.db\nupstreams: {a: {kind: anthropic, base_url: https://api.anthropic.com, credential: env:NO_SUCH_KEY}}';
    expect(await refused(anthropic)).toEqual({ code: 1, err: expect.stringContaining('error: the environment variable NO_SUCH_KEY is not set') });
    expect(await refused('listen: 1\nbase: 2')).toEqual({ code: 1, err: expect.stringMatching(/the configuration has 3 mistakes:\n {2}config\.yaml:1: .*\n {2}config\.yaml/) });
  });

  it('refuses wrong options with exit code 2', async () => {
    expect(await refused(CONFIG, '--port', '99999')).toMatchObject({ code: 2 });
    expect(await refused(CONFIG, '--host', 'a b')).toMatchObject({ code: 2 });
    expect(await refused(CONFIG, '--demo', '--config', 'config.yaml')).toMatchObject({ code: 2 });
  });

  it('does not listen beyond this machine without TLS, unless a trusted proxy or --insecure says so', async () => {
    expect(await refused(CONFIG, '--host', '0.0.0.0')).toEqual({ code: 1, err: expect.stringContaining('accept it with --insecure') });
    for (const [config, options] of [[CONFIG, ['--insecure']], [`${CONFIG}trusted_proxies: [10.0.0.1]\n`, []]] as const) {
      writeConfig(config);
      const served = ainogap('serve', '--host', '0.0.0.0', ...options);
      await until(() => served.out.includes('listens on http://127.0.0.1:'));
      served.child.kill('SIGTERM');
      expect(await served.code, served.err).toBe(0);
    }
  });

  it('warns of a configuration that others can read', async () => {
    await done('init', '.', '--yes');
    writeConfig(CONFIG);
    fs.chmodSync(path.join(folder, 'config.yaml'), 0o644);
    const served = ainogap('serve');
    await until(() => served.out.includes('listens'));
    expect(served.err).toContain('can be read by other users');
  });

  it('warns of a database that others can read', async () => {
    await done('init', '.', '--yes');
    writeConfig(CONFIG);
    const database = path.join(folder, 'ainogap.db');
    fs.chmodSync(database, 0o640);
    const served = ainogap('serve');
    await until(() => served.out.includes('listens'));
    expect(served.err).toContain(`${database} can be read by other users of this machine; run: chmod 600 ${database}*`);
  });

  it('says, when it listens on all addresses, that it answers to none of their names unless they are listed', async () => {
    await done('init', '.', '--yes');
    const words = 'requests that name this machine by another address are refused: list them in allowed_hosts';
    for (const [more, told] of [['', true], ['allowed_hosts: [gateway.example]\n', false], ['public_url: https://gateway.example\n', false]] as const) {
      writeConfig(`${CONFIG}${more}`);
      const served = ainogap('serve', '--host', '0.0.0.0', '--insecure');
      await until(() => served.out.includes('listens'));
      expect(served.err.includes(words), more).toBe(told);
      served.child.kill('SIGKILL');
      await served.code;
    }
  });

  it('keeps to the grace of the configuration in force when the signal comes', async () => {
    const served = await serving();
    writeConfig(CONFIG.replace('20s', '7s'));
    served.child.kill('SIGHUP');
    await until(() => served.err.includes('"reloaded"'));
    served.child.kill('SIGTERM');
    expect(await served.code, served.err).toBe(0);
    expect(served.err).toMatch(/"event":"stopping".*"graceMs":7000/);
  });

  it('keeps the old configuration at SIGHUP when the file has mistakes, says all of them, and takes a good one', async () => {
    const served = await serving();
    await done('buyer', 'create', 'acme');
    await done('topup', 'acme', '5');
    await done('route', 'create', 'claude', '--upstream', 'simulator');
    const key = await done('key', 'create', 'acme');
    const ask = async (): Promise<number> => {
      const body = JSON.stringify({ model: 'claude-opus-4-6', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] });
      return (await fetch(`${served.url}/claude/v1/messages`, { method: 'POST', headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' }, body })).status;
    };
    expect(await ask()).toBe(200);
    writeConfig(`${CONFIG}hold_wat: 1\ntimezone: Nowhere\n`);
    served.child.kill('SIGHUP');
    await until(() => served.err.includes('the old configuration stays in force'));
    expect(served.err).toContain('did you mean \\"hold_wait\\"?');
    expect(served.err).toContain('config.yaml:7: timezone');
    expect(await ask()).toBe(200);
    writeConfig(CONFIG.replace('kind: simulator', 'kind: simulator, failure: status, failure_status: 400'));
    served.child.kill('SIGHUP');
    await until(() => served.err.includes('"reloaded"'));
    expect(await ask()).toBe(400);
  });

  it('finishes what runs at the first SIGTERM and cuts it at the second', async () => {
    const served = await serving(CONFIG.replace('kind: simulator', 'kind: simulator, tokens_per_second: 1, output_tokens: 500'));
    await done('buyer', 'create', 'acme');
    await done('topup', 'acme', '5');
    await done('route', 'create', 'claude', '--upstream', 'simulator');
    const key = await done('key', 'create', 'acme');
    const body = JSON.stringify({ model: 'claude-opus-4-6', max_tokens: 500, stream: true, messages: [{ role: 'user', content: 'hi' }] });
    const response = await fetch(`${served.url}/claude/v1/messages`, { method: 'POST', headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' }, body });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) text += new TextDecoder().decode(chunk);
    })().catch(() => undefined);
    await until(() => text.includes('message_start'));
    served.child.kill('SIGTERM');
    await until(() => served.err.includes('"stopping"'));
    expect(served.child.exitCode).toBeNull();
    served.child.kill('SIGTERM');
    expect(await served.code, served.err).toBe(0);
    await reading;
    expect(text).not.toContain('event: message_stop');
    await done('verify');
  });

  it('stops with code 70 and the reason when its database is taken away', async () => {
    const served = await serving();
    fs.renameSync(path.join(folder, 'ainogap.db'), path.join(folder, 'elsewhere.db'));
    expect(await served.code).toBe(70);
    expect(served.err).toContain('ledger_died');
  });
});

describe('ainogap serve --demo', () => {
  it.each([
    ['any host name when it is told to listen on all addresses', ['--host', '0.0.0.0', '--insecure'], 200],
    ['none but its own otherwise', ['--insecure'], 404],
  ])('answers to %s, also after SIGHUP', async (_, options, status) => {
    const served = ainogap('serve', '--demo', '--json', '--port', '0', ...options);
    await until(() => served.out.endsWith('}\n'));
    const { port } = JSON.parse(served.out) as { port: number };
    expect(await statusFor(port, 'gateway.example')).toBe(status);
    served.child.kill('SIGHUP');
    await until(() => served.err.includes('"reloaded"'));
    expect(await statusFor(port, 'gateway.example')).toBe(status);
  });

  it('prints a key and lines that work, keeps its data to itself, and removes it at the end', async () => {
    const served = ainogap('serve', '--demo', '--port', '0');
    await until(() => served.out.includes('Ctrl-C'));
    const demo = fs.readdirSync(folder).find((name) => name.startsWith('ainogap-demo-')) as string;
    expect(fs.statSync(path.join(folder, demo)).mode & 0o777).toBe(0o700);
    for (const name of fs.readdirSync(path.join(folder, demo))) expect(fs.statSync(path.join(folder, demo, name)).mode & 0o077, name).toBe(0);
    const key = /^key +(rk_\w+)$/m.exec(served.out)?.[1] as string;
    const route = /^route +(http\S+)$/m.exec(served.out)?.[1] as string;
    const response = await fetch(`${route}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 20, messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-ainogap-balance-usd-micros')).toMatch(/^49\d{6}$/);
    const file = path.join(folder, demo, 'config.yaml');
    expect(await done('--config', file, 'requests')).toContain('claude-haiku-5-5');
    served.child.kill('SIGINT');
    expect(await served.code, served.err).toBe(0);
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('ainogap-demo-'))).toEqual([]);
  });
});
