import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionTree, everyCommand } from '../../src/cli/completion/completion-tree.ts';
import { ASKED } from '../../src/cli/completion/value-source.ts';
import { createProgram } from '../../src/cli/program.ts';
import { openDatabase } from '../../src/db/open.ts';
import { openCompletionShells, SHELLS_HERE, type CompletionShells } from '../support/shell-completions.ts';
import { openCliFolder, type CliFolder } from './cli-run.ts';

const ODD = "it's $HOME";
const SPACED = 'Acme Corp: east';
let cli: CliFolder;
let shells: CompletionShells;

beforeAll(async () => {
  cli = openCliFolder();
  for (const name of ['acme', SPACED, ODD]) await cli.run(['buyer', 'create', name]);
  await cli.run(['route', 'create', 'claude-fast', '--upstream', 'anthropic']);
  await cli.run(['key', 'create', 'acme', '--label', 'ci']);
  await cli.run(['key', 'create', 'acme']);
  await cli.run(['key', 'revoke', 'key_2', '--yes']);
  await cli.run(['admin', 'invite', 'eva']);
  await cli.run(['admin', 'token', 'create', 'nightly']);
  shells = await openCompletionShells(cli.folder);
});
afterAll(() => cli.remove());

/** What every shell must offer for a line. */
const LINES: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['ainogap rece', ['receipt']],
  ['ainogap key ', ['create', 'help', 'list', 'revoke', 'rotate']],
  ['ainogap help key r', ['revoke', 'rotate']],
  ['ainogap key rotate acme --', ['--config', '--help', '--json', '--key', '--rotation-id', '--yes']],
  ['ainogap usage --by=h', ['hour']],
  ['ainogap usage --by d', ['day']],
  ['ainogap topup acme ', []],
  ['ainogap --config conf', ['config.yaml']],
  ['ainogap balance ', [SPACED, 'acme', ODD]],
  ['ainogap --config nope.yaml balance ', []],
  ['ainogap key rotate acme --key ', ['key_1']],
  ['ainogap route set claude-fast --models claude-haiku-4-5,claude-s', ['claude-haiku-4-5,claude-sonnet-4-6']],
];

describe('a shell offers what can follow', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const here = SHELLS_HERE.includes(shell);
    if (!here) console.warn(`NOT TESTED: the completion of ${shell}, which is not installed here`);
    it.skipIf(!here)(`in ${shell}`, async () => {
      const offered = await shells.offered(shell, LINES.map(([line]) => line));
      expect(Object.fromEntries(LINES.map(([line], at) => [line, offered[at]]))).toEqual(Object.fromEntries(LINES));
    });
  }

  it('and bash leaves it to the quote that is open to quote', async () => {
    expect(await shells.offered('bash', ['ainogap balance "A', "ainogap balance 'it"])).toEqual([[SPACED], [ODD]]);
  });
});

describe('ainogap completion', () => {
  it('has a script for three shells and says for which when it is asked for another', async () => {
    expect(await cli.run(['completion', 'tcsh'])).toEqual({ code: 2, out: '', err: 'error: there is no completion for "tcsh"; there is one for bash, zsh, fish.\n  ainogap completion --help\n' });
    expect(await cli.json('completion', 'fish')).toMatchObject({ shell: 'fish', script: expect.stringContaining('complete -c ainogap') as string });
    const { out } = await cli.run(['completion', '--help']);
    for (const place of ['bash-completion/completions/ainogap', '_ainogap', 'ainogap.fish']) expect(out).toContain(place);
  });

  it('knows what stands in each place, so that no new command is forgotten', async () => {
    const nowhere = { isTTY: false, columns: 80, write: () => undefined };
    const tree = completionTree(await createProgram({ env: {}, cwd: '/', stdout: nowhere, stderr: nowhere, interactive: false, ask: async () => false, now: Date.now }));
    const values = everyCommand(tree).flatMap(({ path: command, options, arguments: args }) => [
      ...options.flatMap(({ names, value }) => (value === null ? [] : [{ place: `${command} ${names.at(-1) ?? ''}`, ...value }])),
      ...args.map(({ name, source }) => ({ place: `${command} ${name}`, name, source })),
    ]);
    // Only who types can know these.
    const free = ['alias', 'amount', 'columns', 'date', 'day', 'decimal', 'host', 'id', 'label', 'month', 'n', 'name', 'pid', 'place', 'port', 'rows', 'seconds', 'text', 'time', 'url', 'word'];
    expect(values.filter(({ name, source }) => source.kind === 'free' && !free.includes(name)).map(({ place }) => place)).toEqual([]);
    expect(values.filter(({ source }) => source.kind === 'asked').length).toBeGreaterThan(20);
    expect(everyCommand(tree).map(({ name }) => name)).not.toContain('__complete');
  });
});

describe('ainogap __complete', () => {
  const ask = async (...argv: string[]) => {
    const { code, out, err } = await cli.run(['__complete', ...argv]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out;
  };

  it('offers names and ids with what they are, and no secrets', async () => {
    expect(await ask('buyers', 'AC')).toBe(`acme\t\n${SPACED}\t\n`);
    expect(await ask('keys')).toBe('key_1\tci of acme\n');
    expect(await ask('routes', 'cl')).toBe('claude-fast\tto anthropic\n');
    expect(await ask('upstreams')).toBe('anthropic\tanthropic\n');
    expect(await ask('admins')).toBe('eva\t\n');
    expect(await ask('tokens')).toBe('token_1\tnightly\n');
    expect(await ask('buyer-list', 'acme,i')).toBe(`acme,${ODD}\t\n`);
    expect(await ask('buyer-list', 'acme,a')).toBe(`acme,${SPACED}\t\n`);
    const everything = (await Promise.all(ASKED.map((one) => ask(one)))).join('');
    expect(everything).not.toMatch(/rk_|atk_|https?:/);
  });

  it('says nothing where there is nothing to read', async () => {
    const database = openDatabase(cli.database, { mode: 'write' });
    const version = database.pragma('user_version', { simple: true }) as number;
    database.pragma(`user_version = ${version + 1}`);
    expect(await ask('buyers')).toBe('');
    database.pragma(`user_version = ${version}`);
    database.close();
    expect(await ask('buyers', '--config', 'nope.yaml')).toBe('');
    expect(await ask('nonsense')).toBe('');
    fs.writeFileSync(path.join(cli.folder, 'broken.yaml'), 'listn: [');
    expect(await ask('buyers', '--config', 'broken.yaml')).toBe('');
    expect(await ask('buyers')).toContain('acme');
  });

  it('does not wait for whoever has locked the database', async () => {
    const copy = path.join(cli.folder, 'locked.db');
    fs.copyFileSync(cli.database, copy);
    const other = openDatabase(copy, { mode: 'write' });
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    cli.write('locked.yaml', fs.readFileSync(path.join(cli.folder, 'config.yaml'), 'utf8').replace('./ainogap.db', './locked.db'));
    expect(await ask('buyers', '--config', 'locked.yaml')).toBe('');
    other.exec('ROLLBACK');
    other.close();
    expect(await ask('buyers', '--config', 'locked.yaml')).toContain('acme');
  });
});
