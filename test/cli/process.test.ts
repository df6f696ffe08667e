import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { KEY_SHAPE } from '../../src/registry/key-format.ts';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

const exec = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');

let cli: CliFolder;
beforeEach(async () => {
  cli = openCliFolder();
  await cli.run(['buyer', 'create', 'acme']);
});
afterEach(() => cli.remove());

describe('the command line in a process of its own', () => {
  it('gives a shell the key: KEY=$(ainogap key create acme)', async () => {
    const script = `KEY=$("${process.execPath}" "${ROOT}/src/main.ts" key create acme) && printf '<%s>' "$KEY"`;
    const { stdout, stderr } = await exec('sh', ['-c', script], { cwd: cli.folder });
    expect(stdout.slice(1, -1)).toMatch(KEY_SHAPE);
    expect(stdout.at(0)).toBe('<');
    expect(stderr).toContain('Copy it now.');
  });

  it('exits with 0, 1 and 2', async () => {
    const results = await Promise.all([['balance', 'acme'], ['balance', 'nobody'], ['balance', '--nonsense'], ['--version'], ['help', 'topup'], []].map((argv) => cli.spawn(argv)));
    expect(results.map(({ code }) => code)).toEqual([0, 1, 2, 0, 0, 2]);
    for (const { err } of results) expect(err).not.toMatch(/ at .*\.ts:\d+/);
  });

  it('does not ask when stdin is no terminal', async () => {
    const { code, err } = await cli.spawn(['buyer', 'disable', 'acme'], { stdin: 'y\n' });
    expect(code).toBe(2);
    expect(err).toContain('--yes');
  });

  it('rotates once when two processes race with the same rotation id', async () => {
    await cli.run(['key', 'create', 'acme']);
    const rotate = ['key', 'rotate', 'acme', '--rotation-id', 'nightly', '--json'];
    const results = await Promise.all([1, 2, 3].map(() => cli.spawn(rotate)));
    expect(results.map(({ code, err }) => ({ code, err }))).toEqual(results.map(() => ({ code: 0, err: '' })));
    const documents = results.map(({ out }) => JSON.parse(out) as { keyId: string; routeApiKey: string | null });
    expect(new Set(documents.map(({ keyId }) => keyId))).toEqual(new Set(['key_2']));
    expect(documents.filter(({ routeApiKey }) => routeApiKey !== null)).toHaveLength(1);
    expect(await cli.json('key', 'list')).toMatchObject({ keys: [{ status: 'revoked', replacedBy: 'key_2' }, { status: 'live' }] });
  });

  it('creates one buyer when processes race for a name', async () => {
    const results = await Promise.all(['Globex', 'globex', 'GLOBEX'].map((name) => cli.spawn(['buyer', 'create', name])));
    expect(results.map(({ code }) => code).filter((code) => code === 0)).toHaveLength(1);
    expect(results.filter(({ code }) => code === 1)).toHaveLength(2);
  });

  it('waits for another writer and then does its work', async () => {
    const db = openDatabase(cli.database, { mode: 'write' });
    db.exec('BEGIN IMMEDIATE');
    const waiting = cli.spawn(['topup', 'acme', '5']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    db.exec('COMMIT');
    db.close();
    expect(await waiting).toMatchObject({ code: 0 });
  });

  it('ends quietly when its reader leaves early', async () => {
    const script = `"${process.execPath}" "${ROOT}/src/main.ts" --help | head -c 1`;
    const { stderr } = await exec('sh', ['-c', script], { cwd: cli.folder });
    expect(stderr).toBe('');
  });
});

describe.skipIf(!fs.existsSync('/dev/full'))('on a full disk', () => {
  const said = async (command: string): Promise<{ code: unknown; stderr: string }> => {
    const done = await exec('sh', ['-c', `"${process.execPath}" "${ROOT}/src/main.ts" ${command}`], { cwd: cli.folder }).catch((error: unknown) => error as { code: number; stderr: string });
    return { code: 'code' in done ? done.code : 0, stderr: done.stderr };
  };

  it('says that the output is not whole, without a stack trace', async () => {
    const { code, stderr } = await said('price list > /dev/full');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^(?:Price book .*\n)?error: stdout cannot be written: the disk is full; the output is not whole\.\n$/);
  });

  it('goes on when it cannot say anything: what it does is not undone by its log', async () => {
    expect(await said('topup acme 5 > topup.out 2> /dev/full')).toMatchObject({ code: 0 });
    expect(await said('topup acme abc 2> /dev/full')).toMatchObject({ code: 2 });
  });
});

describe('colour', () => {
  const coloured = async (env: Record<string, string>): Promise<boolean> => (await cli.spawn(['price', 'list'], { env })).out.includes('\u001b[');

  it('is absent in a pipe and with NO_COLOR; FORCE_COLOR beats both', async () => {
    expect(await coloured({})).toBe(false);
    expect(await coloured({ NO_COLOR: '1' })).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true);
    expect(await coloured({ FORCE_COLOR: '0' })).toBe(false);
  });

  it('is there on a terminal unless NO_COLOR or a dumb terminal says no', async () => {
    const onTerminal = async (env: Record<string, string>): Promise<boolean> =>
      (await cli.run(['price', 'list'], { terminal: 120, env })).out.includes('\u001b[');
    expect(await onTerminal({})).toBe(true);
    expect(await onTerminal({ NO_COLOR: '' })).toBe(true);
    expect(await onTerminal({ NO_COLOR: '1' })).toBe(false);
    expect(await onTerminal({ TERM: 'dumb' })).toBe(false);
  });

  it('marks each class in its own colour and leaves the numbers alone', async () => {
    const { out } = await cli.run(['price', 'list'], { terminal: 200 });
    const [, head, ...rows] = out.split('\n');
    for (const code of ['36', '33', '35', '94', '32']) expect(head).toContain(`\u001b[${code}m`);
    expect(rows.join('')).not.toContain('\u001b');
  });
});

describe('the launcher', () => {
  /** A folder like an installed package, without a build. */
  function install(): string {
    const folder = path.join(cli.folder, 'package');
    fs.mkdirSync(path.join(folder, 'bin'), { recursive: true });
    fs.copyFileSync(path.join(ROOT, 'bin/ainogap.js'), path.join(folder, 'bin/ainogap.js'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    return folder;
  }
  const launch = (folder: string, ...argv: string[]) =>
    exec(process.execPath, [...argv, path.join(folder, 'bin/ainogap.js')]).then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, out: error.stdout, err: error.stderr }),
    );

  it('says how to build when there is no build', async () => {
    expect(await launch(install())).toEqual({ code: 1, out: '', err: 'error: ainogap is not built yet.\n  npm run build\n' });
  });

  it('runs the build', async () => {
    const folder = install();
    fs.mkdirSync(path.join(folder, 'dist'));
    fs.writeFileSync(path.join(folder, 'dist/ainogap.cjs'), 'console.log("ran")');
    expect(await launch(folder)).toEqual({ code: 0, out: 'ran\n', err: '' });
  });

  it.each(['20.20.0', '22.18.9', '18.0.0'])('refuses Node %s in words, before it loads anything', async (version) => {
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;
    const { code, err } = await launch(install(), '--import', pretend);
    expect({ code, err }).toEqual({ code: 1, err: `error: ainogap needs Node 22.19 or newer; this is ${version}.\n` });
  });
});
