import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { openDatabase } from '../../src/db/open.ts';
import { CONFIG, openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder();
});
afterEach(() => cli.remove());

function leaves(command: Command, path: string[] = []): string[][] {
  const here = command.commands.filter((child) => child.name() !== 'help');
  return here.length === 0 ? [path] : here.flatMap((child) => leaves(child, [...path, child.name()]));
}

const nowhere = { isTTY: false, columns: 80, write: () => undefined };
const COMMANDS = leaves(
  await createProgram({ env: {}, cwd: '/', stdout: nowhere, stderr: nowhere, interactive: false, ask: async () => false, now: Date.now }),
);

describe('every command', () => {
  it('of the product is there', () => {
    expect(COMMANDS.map((words) => words.join(' '))).toEqual([
      'init',
      'serve',
      'handover',
      'health',
      'top',
      ...['create', 'list', 'show', 'disable', 'enable', 'invite'].map((verb) => `buyer ${verb}`),
      ...['create', 'list', 'rotate', 'revoke'].map((verb) => `key ${verb}`),
      ...['create', 'list', 'show', 'set', 'delete'].map((verb) => `route ${verb}`),
      'topup',
      'balance',
      'usage',
      'statement',
      'requests',
      'export',
      'receipt',
      'explain',
      'alerts list',
      'alerts test',
      'admin invite',
      'admin list',
      'admin disable',
      'admin enable',
      'admin token create',
      'admin token list',
      'admin token revoke',
      'audit',
      'price list',
      'verify',
      'prune',
      'doctor',
      'backup',
      'restore',
      'completion',
      'licenses',
      '__complete',
    ]);
  });

  it.each(COMMANDS.map((words) => words.join(' ')))('%s has help with an example, --config and --json', async (command) => {
    const { code, out, err } = await cli.run([...command.split(' '), '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`\nExample:\n`);
    expect(out.slice(out.indexOf('\nExample:\n'))).toContain(`ainogap ${command}`);
    expect(out).toMatch(/\nExit codes: 0 .*, 1 .*, 2 wrong usage.*\.\n/);
    for (const option of ['--config <file>', '--json']) expect(out).toContain(option);
  });

  it.each(COMMANDS.map((words) => words.join(' ')))('%s refuses an option that it does not know, as wrong usage', async (command) => {
    const { code, out, err } = await cli.run([...command.split(' '), '--nonsense']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/unknown option '--nonsense'|required option '--upstream/);
  });
});

describe('help', () => {
  it.each([
    [['help', 'nope'], 'error: unknown command "nope".\n  ainogap --help\n'],
    [['help', 'byer'], 'error: unknown command "byer". Did you mean "buyer"?\n  ainogap --help\n'],
    [['help', 'key', 'rotat'], 'error: unknown command "rotat". Did you mean "rotate"?\n  ainogap key --help\n'],
    [['key', 'help', 'rotat'], 'error: unknown command "rotat". Did you mean "rotate"?\n  ainogap key --help\n'],
    [['help', 'topup', 'x'], 'error: unknown command "x". ainogap topup has no commands of its own.\n  ainogap topup --help\n'],
  ])('%j is wrong usage', async (argv, err) => {
    expect(await cli.run(argv)).toEqual({ code: 2, out: '', err });
  });

  it.each([
    [['help'], ['--help']],
    [['help', 'topup'], ['topup', '--help']],
    [['help', 'key'], ['key', '--help']],
    [['help', 'key', 'rotate'], ['key', 'rotate', '--help']],
    [['key', 'help', 'rotate'], ['key', 'rotate', '--help']],
  ])('%j says what %j says', async (asked, same) => {
    const result = await cli.run(asked);
    expect(result).toEqual(await cli.run(same));
    expect(result.code).toBe(0);
  });
});

describe('what is quoted in a message', () => {
  const STEERING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
  const odd = 'a\u001b[31mb\u009bc\u202ed\u2028e';
  const shown = 'a\\u001b[31mb\\u009bc\\u202ed\\u2028e';

  it.each([
    ['a name', ['balance', odd]],
    ['a command', [odd]],
    ['an option', ['balance', `--${odd}`]],
    ['a path', ['balance', '--config', odd]],
    ['an amount', ['topup', 'acme', odd]],
  ])('cannot steer the terminal: %s', async (_, argv) => {
    const { code, err } = await cli.run(argv);
    expect(code).not.toBe(0);
    expect(err).toContain(shown);
    expect(err).not.toMatch(STEERING);
  });

  it('cannot steer it from the configuration either, nor forge a line', async () => {
    cli.write('config.yaml', `${CONFIG}"k\\u009b31m\\u202e\\nerror: forged": 1\n`);
    const { err } = await cli.run(['balance']);
    expect(err).toContain('config.yaml:8: k\\u009b31m\\u202e\\u000aerror: forged: unknown key');
    expect(err).not.toMatch(STEERING);
  });
});

describe('the configuration', () => {
  const list = ['buyer', 'list', '--json'];

  it('is found by --config before or after the command, by AINOGAP_CONFIG, here, or in the XDG folder', async () => {
    const other = path.join(cli.folder, 'other');
    fs.mkdirSync(other);
    fs.renameSync(path.join(cli.folder, 'config.yaml'), path.join(other, 'mine.yaml'));
    openDatabase(path.join(other, 'ainogap.db'), { mode: 'create' }).close();
    expect(await cli.run(list)).toMatchObject({ code: 1, err: 'error: there is no config.yaml here, and none was named.\n  ainogap init\n' });
    expect(await cli.run([...list, '--config', 'other/mine.yaml'])).toMatchObject({ code: 0 });
    expect(await cli.run(['--config', 'other/mine.yaml', ...list])).toMatchObject({ code: 0 });
    expect(await cli.run(list, { env: { AINOGAP_CONFIG: 'other/mine.yaml' } })).toMatchObject({ code: 0 });
    fs.mkdirSync(path.join(cli.folder, '.config/ainogap'), { recursive: true });
    fs.writeFileSync(path.join(cli.folder, '.config/ainogap/config.yaml'), CONFIG.replace('./ainogap.db', '../../other/ainogap.db'));
    expect(await cli.run(list)).toMatchObject({ code: 0 });
  });

  it('has all its mistakes shown at once', async () => {
    cli.write('config.yaml', 'listn: 1\ndatabase: 5\nupstreams: []\n');
    const { code, out, err } = await cli.run(list);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('config.yaml:1: listn');
    expect(err.split('\n').filter((line) => line.includes('config.yaml:')).length).toBeGreaterThan(1);
  });
});

describe('the database', () => {
  it('is asked for in words when it is missing, of another program, or newer', async () => {
    const database = path.join(cli.folder, 'ainogap.db');
    const db = openDatabase(database, { mode: 'write' });
    db.pragma('user_version = 99');
    db.close();
    expect(await cli.run(['buyer', 'create', 'a'])).toMatchObject({ code: 1, err: expect.stringContaining('newer ainogap') as string });
    fs.writeFileSync(database, 'this is not a database, it only says so'.repeat(100));
    expect(await cli.run(['buyer', 'list'])).toMatchObject({ code: 1, err: expect.stringContaining('not a SQLite database') as string });
    fs.rmSync(database);
    for (const argv of [['buyer', 'list'], ['buyer', 'create', 'a'], ['verify']]) {
      const { code, err } = await cli.run(argv);
      expect(code).toBe(1);
      expect(err).toContain('ainogap init');
    }
    expect(fs.existsSync(database)).toBe(false);
  });

  it('may be full of other processes: what stays locked is said in words', async () => {
    const db = openDatabase(cli.database, { mode: 'write' });
    db.exec('BEGIN IMMEDIATE');
    const { code, err } = await cli.run(['buyer', 'create', 'a']);
    db.exec('ROLLBACK');
    db.close();
    expect(code).toBe(1);
    expect(err).toContain('locked');
  });
});

describe('ainogap verify', () => {
  it('passes on good books and lists its checks', async () => {
    await cli.run(['buyer', 'create', 'acme']);
    await cli.run(['topup', 'acme', '5']);
    const { code, out } = await cli.run(['verify']);
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').every((line) => line.startsWith('ok\t'))).toBe(true);
    expect(await cli.json('verify')).toMatchObject({ ok: true, firstDifference: null, transfers: 1 });
  });

  it('exits with 1 and the first difference when a balance is not what the rows say', async () => {
    await cli.run(['buyer', 'create', 'acme']);
    await cli.run(['topup', 'acme', '5']);
    const db = openDatabase(cli.database, { mode: 'write' });
    db.exec('UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 1');
    db.close();
    const { code, out, err } = await cli.run(['verify']);
    expect(code).toBe(1);
    expect(out).toContain('FAILED\t');
    expect(err).toMatch(/error: the books do not balance: .+/);
    const asJson = await cli.run(['verify', '--json']);
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.out)).toMatchObject({ ok: false });
  });
});
