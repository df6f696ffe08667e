import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const exec = promisify(execFile);
const PROJECT = path.resolve(import.meta.dirname, '../..');
const CLI = path.join(PROJECT, 'src/cli');

/** Loads one file in a process of its own and counts the files that come with it and whose path contains `part`. */
async function filesOf(part: string, file: string): Promise<number> {
  const script = `
    const loaded = new Set();
    const { registerHooks } = await import('node:module');
    registerHooks({ load: (url, context, next) => (loaded.add(url), next(url, context)) });
    await import(${JSON.stringify(pathToFileURL(path.resolve(CLI, file)).href)});
    console.log([...loaded].filter((url) => url.includes(${JSON.stringify(part)})).length);`;
  const { stdout } = await exec(process.execPath, ['--input-type=module', '-e', script]);
  return Number(stdout);
}

it('only serve loads the gateway: every other command would wait for it', async () => {
  expect(await filesOf('/undici/', 'program.ts')).toBe(0);
  expect(await filesOf('/undici/', 'run-serve.ts')).toBeGreaterThan(0);
});

it('a health check, which runs every few seconds, loads neither the database nor the schema of the configuration', async () => {
  for (const part of ['/zod/', '/better-sqlite3/', '/db/open', '/undici/']) expect(await filesOf(part, 'run-health.ts')).toBe(0);
  expect(await filesOf('/yaml/', 'run-health.ts')).toBeGreaterThan(0);
});

it('only the live view on a terminal loads React: neither other commands nor one frame of it in a pipe need it', async () => {
  expect(await filesOf('/react/', 'program.ts')).toBe(0);
  expect(await filesOf('/react/', 'run-top.ts')).toBe(0);
  expect(await filesOf('/react/', '../tui/open-tui.ts')).toBeGreaterThan(0);
});

it('no command waits for the tables of wide characters, which only frames and bars need', async () => {
  expect(await filesOf('/tui/cell-width', 'program.ts')).toBe(0);
  expect(await filesOf('/tui/cell-width', 'usage-chart.ts')).toBeGreaterThan(0);
});

it('the built program has React, for production, in a file of its own', () => {
  const built = (name: string): string => fs.readFileSync(path.join(PROJECT, 'dist', name), 'utf8');
  const main = built('ainogap.cjs');
  expect(main).toContain('./tui.cjs');
  expect(main).not.toContain('react.transitional.element');
  const view = built('tui.cjs');
  expect(view).toContain('react.transitional.element');
  // React's development build warns on stderr, into the middle of the screen.
  expect(view).not.toContain('react.development.js');
  expect(view).not.toContain('react-reconciler.development.js');
});
