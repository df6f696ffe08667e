import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessContext } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-init-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

async function ainogap(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const sink = (take: (text: string) => void) => ({ isTTY: false, columns: 80, write: take });
  const code = await runCli(argv, {
    ...createProcessContext(),
    env: {},
    cwd: folder,
    interactive: false,
    stdout: sink((text) => (out += text)),
    stderr: sink((text) => (err += text)),
  });
  return { code, out, err };
}

const modeOf = (...names: string[]): string => (fs.statSync(path.join(folder, ...names)).mode & 0o777).toString(8);

describe('ainogap init', () => {
  it('writes a configuration and a database that only their owner can read, and says what to do next', async () => {
    const { code, out, err } = await ainogap('init', 'gateway/here', '--yes');
    expect(code).toBe(0);
    expect([modeOf('gateway'), modeOf('gateway/here'), modeOf('gateway/here/config.yaml'), modeOf('gateway/here/ainogap.db')]).toEqual(['700', '700', '600', '600']);
    expect(out).toContain(path.join(folder, 'gateway/here/config.yaml'));
    for (const step of ['export ANTHROPIC_API_KEY', 'buyer create', 'topup', 'route create', 'key create', 'serve']) expect(err).toContain(step);
    expect(err).toContain('--config gateway/here/config.yaml');
  });

  it('writes what loads without a problem or a warning', async () => {
    for (const kind of ['anthropic', 'simulator']) {
      expect((await ainogap('init', kind, '--yes', '--upstream', kind)).code).toBe(0);
      const loaded = loadConfig(path.join(folder, kind, 'config.yaml'));
      expect(loaded).toMatchObject({ ok: true, warnings: [], config: { database: path.join(folder, kind, 'ainogap.db') } });
      expect(loaded.ok && loaded.config.upstreams.get(kind)?.kind).toBe(kind);
    }
  });

  it('names steps that work as they are printed', async () => {
    const { err } = await ainogap('init', '--yes', '--upstream', 'simulator');
    const steps = err.split('\n').filter((line) => line.startsWith('  ainogap ') && !line.endsWith(' serve'));
    expect(steps).toHaveLength(4);
    for (const step of steps) expect(await ainogap(...step.trim().split(' ').slice(1))).toMatchObject({ code: 0 });
  });

  it.each(['config.yaml', 'ainogap.db'])('overwrites no %s', async (name) => {
    fs.writeFileSync(path.join(folder, name), 'mine');
    const { code, err } = await ainogap('init', '--yes');
    expect(code).toBe(1);
    expect(err).toContain(`there is ${path.join(folder, name)} already, and init overwrites nothing`);
    expect(fs.readFileSync(path.join(folder, name), 'utf8')).toBe('mine');
    expect(fs.readdirSync(folder)).toEqual([name]);
  });

  it('leaves the mode of a folder that was there', async () => {
    fs.mkdirSync(path.join(folder, 'shared'), { mode: 0o755 });
    await ainogap('init', 'shared', '--yes');
    expect(modeOf('shared')).toBe('755');
  });

  it('asks for --yes where nobody can be asked, and refuses an unknown upstream', async () => {
    expect(await ainogap('init')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await ainogap('init', '--yes', '--upstream', 'openai')).toMatchObject({ code: 2, err: expect.stringContaining('anthropic or simulator') });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it.each(['/proc/x', '/proc/x/y', '/dev/null/x'])('refuses %s in words instead of trying for ever', async (dir) => {
    const { code, out, err } = await ainogap('init', dir, '--yes');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: cannot make \/(proc|dev\/null)\/x: .*(folder|may not write)/);
  });

  it('leaves nothing behind when a part of it fails', async () => {
    fs.mkdirSync(path.join(folder, 'there'));
    // A link to nowhere passes for "no file" until it is written.
    fs.symlinkSync('nowhere', path.join(folder, 'there', 'config.yaml'));
    expect(await ainogap('init', 'there', '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('there/config.yaml already, and init overwrites nothing') as string });
    expect(fs.readdirSync(path.join(folder, 'there'))).toEqual(['config.yaml']);
    expect(await ainogap('init', `new/${'n'.repeat(300)}`, '--yes')).toMatchObject({ code: 1 });
    expect(fs.readdirSync(folder)).toEqual(['there']);
  });

  it('puts the database and the credential where it is told, and keeps a database that is there', async () => {
    const database = path.join(folder, 'data/gateway.db');
    const init = (dir: string) => ainogap('init', dir, '--yes', '--database', database, '--credential', 'credential:anthropic');
    expect(await init('one')).toMatchObject({ code: 0, out: expect.stringContaining(`Created ${database}`) });
    const loaded = loadConfig(path.join(folder, 'one/config.yaml'));
    expect(loaded).toMatchObject({ ok: true, warnings: [], config: { database } });
    expect(loaded.ok && loaded.config.upstreams.get('anthropic')).toMatchObject({ credential: { kind: 'credential', name: 'anthropic' } });
    expect([modeOf('data'), modeOf('data/gateway.db')]).toEqual(['700', '600']);
    expect((await ainogap('--config', 'one/config.yaml', 'buyer', 'create', 'acme')).code).toBe(0);
    expect(await init('two')).toMatchObject({ code: 0, out: expect.stringContaining(`Kept ${database}`), err: expect.stringContaining('credential:anthropic') });
    expect((await ainogap('--config', 'two/config.yaml', 'buyer', 'list')).out).toContain('acme');
  });

  it('takes neither a file that is no database of ours nor a credential itself, and repeats no credential', async () => {
    fs.writeFileSync(path.join(folder, 'other'), 'something else');
    expect(await ainogap('init', 'one', '--yes', '--database', 'other')).toMatchObject({ code: 1, err: expect.stringContaining('is not a SQLite database') });
    const { code, err } = await ainogap('init', 'one', '--yes', '--credential', 'sk-ant-api03-something');
    expect({ code, shown: err.includes('something') }).toEqual({ code: 2, shown: false });
    expect(err).toContain('env:NAME, file:PATH or credential:NAME');
    expect(fs.readdirSync(folder)).toEqual(['other']);
  });

  it('gives the paths as JSON', async () => {
    const { out } = await ainogap('init', '--yes', '--json');
    expect(JSON.parse(out)).toEqual({
      config: path.join(folder, 'config.yaml'),
      database: path.join(folder, 'ainogap.db'),
      kept: false,
      upstream: 'anthropic',
      credential: 'env:ANTHROPIC_API_KEY',
    });
  });
});
