/** `install.sh --root`, as images are built with it. What needs root and a booted systemd is left out by it, and so is not tested here. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/open.ts';
import { bareEnv, LAUNCHER, PROJECT, temporaryFolder } from '../support/product.ts';

const SCRIPT = path.join(PROJECT, 'packaging/install.sh');
const folder = temporaryFolder();
const root = path.join(folder, 'root');
const at = (...parts: string[]): string => path.join(root, ...parts);
const modeOf = (name: string): string => (fs.statSync(at(name)).mode & 0o777).toString(8);

/** The program that is installed: the one that was built, called by a script. */
function program(name: string, text = `exec "${process.execPath}" "${LAUNCHER}" "$@"`): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
}

function install(...args: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, ...args], { cwd: folder, env: bareEnv(folder), encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

const filesBelow = (top: string): string[] =>
  fs.readdirSync(top, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [path.relative(top, path.join(entry.parentPath, entry.name))] : [])).toSorted();

/** Left out: completions, which come as the program has them. */
const INSTALLED = ['etc/ainogap/config.yaml', 'usr/local/bin/ainogap', 'usr/local/lib/systemd/system/ainogap.service', 'usr/local/lib/sysusers.d/ainogap.conf', 'usr/local/lib/tmpfiles.d/ainogap.conf', 'var/lib/ainogap/ainogap.db'];
const COMPLETION = /^usr\/local\/share\/(bash-completion|zsh|fish)\//;

describe('install.sh', () => {
  let first: { code: number | null; said: string };
  beforeAll(() => {
    first = install('--root', root, '--binary', program('v1/ainogap'));
  });

  it('puts everything in its place, for nobody but those who need it', () => {
    expect(first).toEqual({ code: 0, said: expect.stringContaining('Installed') });
    expect(filesBelow(root).filter((file) => !COMPLETION.test(file) && !file.endsWith('.socket'))).toEqual(INSTALLED);
    expect(['etc/ainogap', 'etc/ainogap/credentials', 'etc/ainogap/config.yaml', 'var/lib/ainogap', 'var/lib/ainogap/ainogap.db', 'usr/local/bin/ainogap'].map(modeOf)).toEqual(['750', '700', '640', '700', '600', '755']);
    expect(fs.readFileSync(at('usr/local/lib/systemd/system/ainogap.service'), 'utf8')).toBe(fs.readFileSync(path.join(PROJECT, 'packaging/ainogap.service'), 'utf8'));
  });

  it('makes a configuration for the place where the image will run, with the upstream key left to the service manager, and a database', () => {
    const loaded = loadConfig(at('etc/ainogap/config.yaml'));
    expect(loaded).toMatchObject({ ok: true, config: { database: '/var/lib/ainogap/ainogap.db' } });
    expect(loaded.ok && loaded.config.upstreams.get('anthropic')).toMatchObject({ credential: { kind: 'credential', name: 'anthropic' } });
    expect(fs.readFileSync(at('etc/ainogap/config.yaml'), 'utf8')).not.toContain(root);
    expect(() => openDatabase(at('var/lib/ainogap/ainogap.db'), { mode: 'write' }).close()).not.toThrow();
  });

  it('changes nothing when it is run again, and at an upgrade keeps what was edited and the program before', () => {
    fs.appendFileSync(at('etc/ainogap/config.yaml'), 'hold_wait: 5s\n');
    const database = fs.statSync(at('var/lib/ainogap/ainogap.db'));
    expect(install('--root', root, '--binary', path.join(folder, 'v1/ainogap'))).toEqual({ code: 0, said: expect.stringMatching(/Kept .*config\.yaml[^]*Kept .*bin\/ainogap/) });
    const second = program('v2/ainogap', `: second\nexec "${process.execPath}" "${LAUNCHER}" "$@"`);
    const sum = createHash('sha256').update(fs.readFileSync(second)).digest('hex');
    fs.writeFileSync(path.join(folder, 'v2/SHA256SUMS'), `${'0'.repeat(64)}  other\n${sum}  ainogap-linux-x64\n`);
    expect(install('--root', root, '--binary', second).code).toBe(0);
    expect(fs.readFileSync(at('usr/local/bin/ainogap'), 'utf8')).toContain(': second');
    expect(fs.readFileSync(at('usr/local/bin/ainogap.previous'), 'utf8')).not.toContain(': second');
    expect(fs.readFileSync(at('etc/ainogap/config.yaml'), 'utf8')).toContain('hold_wait: 5s');
    expect(fs.statSync(at('var/lib/ainogap/ainogap.db'))).toMatchObject({ ino: database.ino, mtimeMs: database.mtimeMs });
    expect(fs.readdirSync(at('usr/local/bin'))).toEqual(['ainogap', 'ainogap.previous']);
  });

  it('leaves the old program where it is when the new one is not what SHA256SUMS lists, or does not run', () => {
    const before = fs.readFileSync(at('usr/local/bin/ainogap'), 'utf8');
    const forged = program('forged/ainogap');
    fs.writeFileSync(path.join(folder, 'forged/SHA256SUMS'), `${'0'.repeat(64)}  ainogap\n`);
    expect(install('--root', root, '--binary', forged)).toEqual({ code: 1, said: expect.stringMatching(/is not what .*SHA256SUMS lists/) });
    expect(install('--root', root, '--binary', program('broken/ainogap', 'echo "no such library" >&2; exit 127'))).toEqual({ code: 1, said: expect.stringMatching(/does not run here:\n +no such library/) });
    expect(install('--root', root, '--binary', path.join(folder, 'none'))).toEqual({ code: 1, said: expect.stringContaining('there is no file') });
    expect(fs.readFileSync(at('usr/local/bin/ainogap'), 'utf8')).toBe(before);
    expect(fs.readdirSync(at('usr/local/bin'))).toEqual(['ainogap', 'ainogap.previous']);
  });

  it('does not take this system for an image', () => {
    for (const itself of ['/', '//']) expect(install('--root', itself, '--binary', path.join(folder, 'none'))).toEqual({ code: 2, said: expect.stringContaining('this system itself') });
  });

  it('takes the program away and keeps configuration, secrets and data; all of it only with --purge and --yes', () => {
    fs.writeFileSync(at('etc/ainogap/credentials/anthropic'), 'secret');
    expect(install('--root', root, '--uninstall')).toEqual({ code: 0, said: expect.stringContaining('Kept') });
    expect(filesBelow(root)).toEqual(['etc/ainogap/config.yaml', 'etc/ainogap/credentials/anthropic', 'var/lib/ainogap/ainogap.db']);
    expect(install('--root', root, '--uninstall', '--purge')).toEqual({ code: 2, said: expect.stringContaining('--yes') });
    expect(filesBelow(root)).toHaveLength(3);
    expect(install('--root', root, '--uninstall', '--purge', '--yes').code).toBe(0);
    expect(filesBelow(root)).toEqual([]);
    expect(install('--root', root, '--uninstall').code).toBe(0);
  });

  it.each([
    [['--nonsense'], 'unknown option --nonsense'],
    [['--binary'], '--binary needs a value'],
    [['--purge'], 'goes with --uninstall'],
    [['--upstream', 'openai'], 'anthropic or simulator'],
    [['--root', '/a b'], '--root may have'],
  ])('refuses %j', (args, words) => {
    expect(install(...args)).toEqual({ code: 2, said: expect.stringContaining(words) });
  });

  it.runIf(process.getuid?.() === 0)('is for root alone without --root', () => {
    const { status, stderr } = spawnSync('sh', [SCRIPT], { uid: 65_534, gid: 65_534, cwd: '/', encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('only root') });
  });

  const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;
  if (!shellcheck) console.warn('SKIPPED: shellcheck is not installed, so install.sh is not checked by it');
  it.skipIf(!shellcheck)('is clean by shellcheck, as a script for any POSIX shell', () => {
    const { status, stdout } = spawnSync('shellcheck', ['--shell=sh', SCRIPT], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
