/** The single executable as its users have it: on a machine without Node, npm and this project. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServeProcess } from '../support/serve-process.ts';
import { openBareMachine, packagedProgram, type BareMachine } from './packaged-program.ts';

const { version } = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
/** Enough to meet each other while they unpack; `npm run package` tries 200. */
const AT_ONCE = 24;

let machine: BareMachine;
beforeAll(() => {
  machine = openBareMachine(packagedProgram());
}, 180_000);
afterAll(() => machine.remove());

const curl = (...args: string[]): string => execFileSync('/usr/bin/curl', ['-sS', '--max-time', '20', ...args], { encoding: 'utf8' });

describe('on a machine without Node, with an empty home and a working directory that cannot be written', () => {
  test('it tells its version', async () => {
    expect(await machine.run('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('it prints the licences of all that it contains, Node.js and SQLite too', async () => {
    const { code, stdout } = await machine.run('licenses');
    expect(code).toBe(0);
    expect(stdout).toContain('- OpenSSL, located at deps/openssl, is licensed as follows:');
    expect(stdout).toContain('SQLite is in the public domain');
  });

  test('it refuses in words to begin where it cannot write', async () => {
    const { code, stderr } = await machine.run('init', '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*permission|^error: .*cannot/);
  });

  test('many first starts at once all succeed, and leave one private copy of the addon', async () => {
    const begun = await machine.run('init', '--yes', path.join(machine.home, 'many'));
    expect(begun).toMatchObject({ code: 0 });
    const cache = path.join(machine.home, '.cache/ainogap/native');
    fs.rmSync(cache, { recursive: true });
    const runs = await machine.runAll(AT_ONCE, ['key', 'list', '--config', path.join(machine.home, 'many/config.yaml')]);
    expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
    const [folder, ...others] = fs.readdirSync(cache);
    expect(others).toEqual([]);
    expect(fs.readdirSync(path.join(cache, folder as string))).toEqual(['better_sqlite3.node']);
    expect(fs.statSync(cache).mode & 0o777).toBe(0o700);
  });

  test('a copy of the addon that was damaged is replaced before it is used', async () => {
    const cache = path.join(machine.home, '.cache/ainogap/native');
    const file = path.join(cache, fs.readdirSync(cache)[0] as string, 'better_sqlite3.node');
    const whole = fs.readFileSync(file);
    fs.writeFileSync(file, Buffer.concat([whole.subarray(0, 5000), Buffer.alloc(whole.length - 5000)]));
    expect(await machine.run('key', 'list', '--config', path.join(machine.home, 'many/config.yaml'))).toMatchObject({ code: 0 });
    expect(fs.readFileSync(file).equals(whole)).toBe(true);
  });

  test('it does not use a cache folder that others can write, and says which', async () => {
    const shared = path.join(machine.home, 'shared');
    fs.mkdirSync(shared, { mode: 0o777 });
    fs.chmodSync(shared, 0o777);
    const { code, stderr } = await machine.runWith({ AINOGAP_CACHE_DIR: shared }, 'key', 'list', '--config', path.join(machine.home, 'many/config.yaml'));
    expect(code).toBe(1);
    expect(stderr).toContain('AINOGAP_CACHE_DIR');
    expect(stderr).toContain(`${shared} is not a folder that this user alone can write`);
  });
});

describe('the demo', () => {
  let server: ServeProcess;
  const demo = { origin: '', key: '', config: '' };

  beforeAll(async () => {
    server = await machine.serve('--demo', '--port', '0', '--json');
    const { url, routeApiKey, config } = JSON.parse(server.stdout()) as { url: string; routeApiKey: string; config: string };
    Object.assign(demo, { origin: url, key: routeApiKey, config });
  });
  afterAll(() => server.stop());

  const ask = (key: string): string =>
    curl('-w', '\n%{http_code}', `${demo.origin}/claude-fast/v1/messages`, '-H', `x-api-key: ${key}`, '-H', 'anthropic-version: 2023-06-01', '-H', 'content-type: application/json', '-d', '{"model":"claude-sonnet-5-5","max_tokens":20,"messages":[{"role":"user","content":"Hello"}]}');

  test('answers a request by curl', () => {
    const [body = '', status] = ask(demo.key).split('\n');
    expect(status).toBe('200');
    expect(JSON.parse(body)).toMatchObject({ type: 'message', usage: { output_tokens: 20 } });
  });

  test('serves its pages and docs', () => {
    expect(curl(`${demo.origin}/console`, '-L')).toContain('<title>');
    expect(curl(`${demo.origin}/docs`)).toContain('claude-fast');
    const script = /\/assets\/console-\w+\.js/.exec(curl(`${demo.origin}/console`, '-L'))?.[0] ?? '';
    expect(curl(`${demo.origin}${script}`, '--compressed').length).toBeGreaterThan(10_000);
  });

  test('a rotated key works and the old one is refused', async () => {
    const rotated = await machine.run('--config', demo.config, 'key', 'rotate', 'demo');
    expect(rotated).toMatchObject({ code: 0 });
    const fresh = rotated.stdout.trim();
    expect(ask(demo.key)).toMatch(/401$/);
    expect(ask(fresh)).toMatch(/200$/);
    demo.key = fresh;
  });

  test('shows the live view', async () => {
    const { code, stdout } = await machine.run('--config', demo.config, 'top', '--once');
    expect(code).toBe(0);
    expect(stdout).toContain('demo');
  });

  test('its books are right before and after kill -9', async () => {
    expect(await machine.run('--config', demo.config, 'verify')).toMatchObject({ code: 0 });
    server.kill('SIGKILL');
    expect(await server.exited).toBeNull();
    expect(await machine.run('--config', demo.config, 'verify')).toMatchObject({ code: 0 });
  });
});
