/** `serve --demo`: what it prints works as it is printed. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claudeCode, claudeCodeEnv } from '../support/claude-code.ts';
import { bareEnv, LAUNCHER, PROJECT, temporaryFolder } from '../support/product.ts';
import { runProgram, type Finished } from '../support/run-program.ts';
import { startServe, type ServeProcess } from '../support/serve-process.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

let folder: string;
let demo: ServeProcess;
let lines: string[];
/** Runs a printed line in a shell, as a user would who has node, curl and claude. */
const paste = (line: string): Promise<Finished> => runProgram('/bin/sh', ['-c', line], { cwd: folder, env: { ...claudeCodeEnv(folder), PATH: `${path.dirname(process.execPath)}:${path.dirname(claudeCode ?? '/')}:${process.env['PATH']}` } });

beforeAll(async () => {
  folder = temporaryFolder();
  demo = await startServe({ program: LAUNCHER, args: ['--demo', '--port', '0'], cwd: folder, env: bareEnv(folder) });
  await demo.printed(/Ctrl-C/);
  lines = demo.stdout().split('\n');
});
afterAll(async () => {
  await demo.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const costs = async (): Promise<string> => {
  const line = lines.find((text) => text.endsWith(' requests')) as string;
  const { stdout, code } = await paste(`${line} --json`);
  expect(code).toBe(0);
  return stdout;
};

test('its key is shown and its buyer has 50 USDC', async () => {
  expect(demo.stdout()).toMatch(/^key\s+rk_\S+$/m);
  const balance = lines.find((text) => / balance /.test(text)) as string;
  expect(JSON.parse((await paste(`${balance} --json`)).stdout)).toMatchObject({ balanceUsdMicros: 50_000_000 });
});

describe.skipIf(!hasCurl)('its curl lines', () => {
  test('give a message with its charge, and a stream', async () => {
    const curls = lines.filter((text) => text.startsWith('curl'));
    expect(curls).toHaveLength(2);
    const [json, stream] = await Promise.all(curls.map(paste));
    expect(json?.stdout).toMatch(/^x-ainogap-charge-usd-micros: [1-9]\d*\r$/m);
    expect(json?.stdout).toContain('"type":"message"');
    expect(stream?.stdout).toMatch(/^event: message_stop$/m);
  });
});

test('its SDK lines run as they are', async () => {
  const start = lines.findIndex((text) => text.startsWith('import Anthropic'));
  const script = lines.slice(start, lines.indexOf('', start)).join('\n');
  const home = path.join(folder, 'sdk');
  fs.mkdirSync(path.join(home, 'node_modules'), { recursive: true });
  fs.symlinkSync(path.join(PROJECT, 'node_modules/@anthropic-ai'), path.join(home, 'node_modules/@anthropic-ai'));
  fs.writeFileSync(path.join(home, 'hello.mjs'), script);
  const { stdout, stderr, code } = await runProgram(process.execPath, ['hello.mjs'], { cwd: home, env: bareEnv(folder) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('output_tokens');
});

describe.skipIf(claudeCode === null)('its Claude Code line', () => {
  test('answers a prompt and is billed', async () => {
    const line = lines.find((text) => text.startsWith('ANTHROPIC_BASE_URL=')) as string;
    const before = (JSON.parse(await costs()) as { requests: unknown[] }).requests.length;
    const { stdout, code } = await paste(`${line} -p 'Say hello'`);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Say hello') as unknown });
    expect((JSON.parse(await costs()) as { requests: unknown[] }).requests.length).toBeGreaterThan(before);
  });
});

test('it has no successor, for its data ends with it', async () => {
  demo.kill('SIGUSR2');
  await demo.printed(/"event":"handover_refused","by":"SIGUSR2","message":"the demo has no successor/);
});

test('its data is gone when it has ended', async () => {
  const file = /--config (\S+)/.exec(demo.stdout())?.[1] as string;
  expect(fs.existsSync(file)).toBe(true);
  demo.kill('SIGINT');
  expect(await demo.exited).toBe(0);
  expect(fs.existsSync(path.dirname(file))).toBe(false);
});
