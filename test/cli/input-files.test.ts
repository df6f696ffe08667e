import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder();
});
afterEach(() => cli.remove());

const CARD = 'models: { claude-opus-4-6: { input: 4, output: 20, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.40 } }';

describe.each([
  ['the receipt', '--check', ['receipt']],
  ['the price card', '--card', ['route', 'create', 'r', '--upstream', 'anthropic']],
] as const)('%s that %s names', (what, option, command) => {
  it.each(['/dev/zero', '.', 'pipe'])('is not read from %s, which may never end', async (file) => {
    execFileSync('mkfifo', [path.join(cli.folder, 'pipe')]);
    const { code, out, err } = await cli.run([...command, option, file]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(`error: cannot read ${what}: ${file} is no regular file. From a pipe, it comes as ${option} - on standard input.\n`);
  });

  it('is refused above 16 MB, in a file and on standard input', async () => {
    fs.truncateSync(cli.write('large', ''), 16 * 1024 * 1024 + 1);
    expect(await cli.run([...command, option, 'large'])).toMatchObject({ code: 1, err: expect.stringContaining('more than 16 MB') as string });
    expect(await cli.spawn([...command, option, '-'], { stdin: ' '.repeat(17 * 1024 * 1024) })).toMatchObject({ code: 1, err: expect.stringContaining('more than 16 MB') as string });
  });

  it('needs a name', async () => {
    const err = `error: ${option} needs the path of a file, or - for standard input.\n`;
    expect(await cli.run([...command, `${option}=`])).toEqual({ code: 2, out: '', err });
  });
});

describe('a price card', () => {
  it('comes from standard input as well', async () => {
    expect(await cli.spawn(['route', 'create', 'r', '--upstream', 'anthropic', '--card', '-'], { stdin: CARD })).toMatchObject({ code: 0 });
    expect((await cli.run(['route', 'show', 'r'])).out).toContain('from stdin');
  });

  it('cannot steer the terminal with what is wrong in it', async () => {
    cli.write('card.yaml', '"k\\u009b31m\\u202e": 1\nmodels: { "m\\u001b[2J": 1 }');
    const { code, err } = await cli.run(['route', 'create', 'r', '--upstream', 'anthropic', '--card', 'card.yaml']);
    expect(code).toBe(1);
    expect(err).toContain('card.yaml:1: k\\u009b31m\\u202e: unknown key');
    expect(err).toContain('models.m\\u001b[2J: unknown model');
    expect(err).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});
