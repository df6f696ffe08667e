/** The package that `npm pack` makes: what is in it, and what a user has who installs it. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npm, startSmallRegistry, type SmallRegistry } from '../support/npm.ts';
import { PROJECT, temporaryFolder } from '../support/product.ts';
import { runProgram, type Finished } from '../support/run-program.ts';
import { startServe } from '../support/serve-process.ts';

const { version, ...manifest } = JSON.parse(fs.readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as { version: string; scripts: Record<string, string> };

let folder: string;
let tarball: string;
/** The package unpacked. */
let unpacked: string;

beforeAll(async () => {
  folder = temporaryFolder();
  const { code, stdout, stderr } = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: PROJECT, env: { PATH: process.env['PATH'], HOME: folder } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  tarball = path.join(folder, `ainogap-${version}.tgz`);
  expect(stdout).toContain(path.basename(tarball));
  unpacked = path.join(folder, 'unpacked');
  fs.mkdirSync(unpacked);
  execFileSync('tar', ['-xzf', tarball, '-C', unpacked]);
  unpacked = path.join(unpacked, 'package');
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const filesOf = (): string[] => (fs.readdirSync(unpacked, { recursive: true }) as string[]).filter((file) => fs.statSync(path.join(unpacked, file)).isFile()).toSorted();

describe('its contents', () => {
  const GUIDE = ['caching', 'claude-code', 'console', 'errors', 'keys', 'models', 'quick-start', 'requests', 'token-classes'];
  const PLAIN = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin/ainogap.js',
    'config.example.yaml',
    'package.json',
    'dist/components.json',
    'dist/licenses.txt',
    ...['ainogap', 'alerts-worker', 'api-worker', 'ledger-worker', 'tracing-worker', 'tui'].map((bundle) => `dist/${bundle}.cjs`),
    ...['admin.html', 'console.html', 'manifest.json'].map((file) => `dist/pages/${file}`),
    ...GUIDE.map((page) => `dist/pages/guide/${page}.md`),
  ];
  const HASHED = ['admin-H.js', 'console-H.js', 'docs-H.css', 'docs-H.js', 'first-paint-H.js', 'icon-H.svg', 'main-H.css', 'part-H.js'].flatMap((file) => ['', '.br', '.gz'].map((form) => `dist/pages/assets/${file}${form}`));

  test('are these files and no others', () => {
    const withoutHash = filesOf().map((file) => file.replace(/^(dist\/pages\/assets\/[a-z-]+)-[0-9A-Z]{8}\./, '$1-H.'));
    expect([...new Set(withoutHash)].toSorted()).toEqual([...PLAIN, ...HASHED].toSorted());
  });

  test('are small', () => {
    const bytes = filesOf().reduce((sum, file) => sum + fs.statSync(path.join(unpacked, file)).size, 0);
    expect(bytes).toBeLessThan(10_000_000);
    expect(fs.statSync(tarball).size).toBeLessThan(3_500_000);
  });

  test('tell nothing of the machine that built them, and hold no secret', () => {
    const home = os.homedir();
    const own = [PROJECT, os.tmpdir() + path.sep, home.length > 5 ? home : `${home}/.`, `/home/${os.userInfo().username}`];
    const secrets = /sk-ant-[\w-]{20}|\brk_\w{24}|\batk_\w{24}|-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}|\bgh[po]_\w{20}|\bnpm_\w{30}|_authToken/;
    const texts = filesOf()
      .filter((file) => !/\.(br|gz)$/.test(file))
      .map((file) => ({ file, text: fs.readFileSync(path.join(unpacked, file), 'utf8') }));
    expect(texts.flatMap(({ file, text }) => own.filter((word) => text.includes(word)).map((word) => `${file}: ${word}`))).toEqual([]);
    expect(texts.flatMap(({ file, text }) => secrets.exec(text)?.slice(0, 1).map((found) => `${file}: ${found}`) ?? [])).toEqual([]);
  });

  test('come from a build, need one package and run nothing when they are installed', () => {
    const packed = JSON.parse(fs.readFileSync(path.join(unpacked, 'package.json'), 'utf8')) as { dependencies: object; scripts: Record<string, string>; private?: boolean; engines: object };
    expect(Object.keys(packed.dependencies)).toEqual(['better-sqlite3']);
    expect(packed.engines).toEqual({ node: '>=22.19' });
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) expect(packed.scripts).not.toHaveProperty(script);
    expect(packed.private).toBeUndefined();
    expect(manifest.scripts['prepack']).toContain('scripts/build.ts');
  });
});

/** Needs a `tar` and links to programs. */
describe.skipIf(process.platform === 'win32')('installed by npm, in an empty home and with nothing but Node on PATH', () => {
  let registry: SmallRegistry;
  let env: NodeJS.ProcessEnv;
  let program: string;
  let work: string;
  const ainogap = (...args: string[]): Promise<Finished> => runProgram(program, args, { cwd: work, env });

  beforeAll(async () => {
    const [home, bin, prefix] = ['home', 'node-alone', 'prefix'].map((name) => path.join(folder, name)) as [string, string, string];
    work = path.join(folder, 'work');
    for (const made of [home, bin, work]) fs.mkdirSync(made);
    fs.symlinkSync(process.execPath, path.join(bin, 'node'));
    registry = await startSmallRegistry(['better-sqlite3', 'node-addon-api']);
    env = { PATH: bin, HOME: home };
    const installed = await npm(['install', '--global', '--prefix', prefix, '--registry', registry.url, tarball], { cwd: home, env });
    expect(installed).toMatchObject({ code: 0, stderr: '' });
    program = path.join(prefix, 'bin/ainogap');
    // Nobody needs its folder any more.
    fs.rmSync(path.join(home, '.npm'), { recursive: true, force: true });
  });
  afterAll(() => registry.close());

  test('it brings the SQLite library and nothing else, and compiles nothing', () => {
    expect(registry.asked().toSorted()).toEqual(['better-sqlite3', 'node-addon-api']);
    const native = path.join(folder, 'prefix/lib/node_modules/ainogap/node_modules');
    expect(fs.readdirSync(native).filter((name) => !name.startsWith('.')).toSorted()).toEqual(['better-sqlite3', 'node-addon-api']);
    expect(fs.existsSync(path.join(native, 'better-sqlite3/build'))).toBe(false);
  });

  test('it runs: version, licences, completion, a new gateway and its books', async () => {
    const [told, licenses, completion, init] = await Promise.all([ainogap('--version'), ainogap('licenses'), ainogap('completion', 'bash'), ainogap('init', '--yes')]);
    expect(told).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(licenses).toMatchObject({ code: 0, stdout: expect.stringContaining('SQLite is in the public domain') as unknown });
    expect(completion).toMatchObject({ code: 0, stdout: expect.stringContaining('complete -F _ainogap ainogap') as unknown });
    expect(init).toMatchObject({ code: 0 });
    expect(await ainogap('buyer', 'create', 'acme')).toMatchObject({ code: 0 });
    expect(await ainogap('topup', 'acme', '5')).toMatchObject({ code: 0 });
    expect(await ainogap('verify', '--json')).toMatchObject({ code: 0, stdout: expect.stringContaining('"ok": true') as unknown });
  });

  test('its demo answers a request and serves its pages', async () => {
    const demo = await startServe({ program, args: ['--demo', '--port', '0'], cwd: work, env });
    try {
      await demo.printed(/Ctrl-C/);
      const key = /^key\s+(rk_\S+)$/m.exec(demo.stdout())?.[1] as string;
      const alias = /\/([a-z0-9-]+)\/v1\/messages/.exec(demo.stdout())?.[1] as string;
      const response = await fetch(`${demo.origin}/${alias}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] }),
      });
      expect(response.status).toBe(200);
      expect(Number(response.headers.get('x-ainogap-charge-usd-micros'))).toBeGreaterThan(0);
      expect(await (await fetch(`${demo.origin}/docs`)).text()).toContain('<h1');
      expect((await fetch(`${demo.origin}/console`)).status).toBe(200);
      demo.kill('SIGINT');
      expect(await demo.exited).toBe(0);
    } finally {
      await demo.stop();
    }
  });
});
