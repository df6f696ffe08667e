import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const exec = promisify(execFile);
const CLI = path.resolve(import.meta.dirname, '../../src/cli');

/** Loads one file in a process of its own and counts what of undici came with it. */
async function undiciFiles(file: string): Promise<number> {
  const script = `
    await import(${JSON.stringify(pathToFileURL(path.join(CLI, file)).href)});
    const { createRequire } = await import('node:module');
    console.log(Object.keys(createRequire(process.cwd() + '/').cache).filter((name) => /[\\\\/]undici[\\\\/]/.test(name)).length);`;
  const { stdout } = await exec(process.execPath, ['--input-type=module', '-e', script]);
  return Number(stdout);
}

it('only serve loads the gateway: every other command would wait for it', async () => {
  expect(await undiciFiles('program.ts')).toBe(0);
  expect(await undiciFiles('run-serve.ts')).toBeGreaterThan(0);
});
