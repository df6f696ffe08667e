// How large the executable is and how soon it does something, beside a bare Node on the same machine.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const ROUNDS = 21;
const FIRST_STARTS = 200;

/** Prints size, start time of `--version` and `key list`, and the time from `serve` to listening. */
export async function printFigures(file: string): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-package-'));
  const env = { HOME: folder, PATH: '/usr/bin:/bin' };
  const run = (...args: string[]): void => {
    const { status, stderr } = spawnSync(file, args, { cwd: folder, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${path.basename(file)} ${args.join(' ')} exited with ${status}: ${stderr}`);
  };
  try {
    const first = timed(() => run('--version'));
    run('init', '--yes');
    run('buyer', 'create', 'acme');
    run('key', 'create', 'acme');
    const node = (): void => void spawnSync(process.execPath, ['-e', '0'], { cwd: folder, env });
    const version = paired(() => run('--version'), node);
    const list = paired(() => run('key', 'list'), node);
    const serve = await median(5, () => untilListening(file, folder, env));
    console.log(`size                     ${(fs.statSync(file).size / 1e6).toFixed(1)} MB`);
    console.log(`--version, first time    ${first.toFixed(0)} ms`);
    console.log(`--version                ${version}, aim 2`);
    console.log(`key list                 ${list}, aim 3`);
    const began = await firstStarts(file, folder, env);
    console.log(`first starts at once     ${began} of ${FIRST_STARTS} succeeded`);
    console.log(`serve --demo, listening  ${serve.toFixed(0)} ms (median of 5)`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function timed(run: () => void): number {
  const from = performance.now();
  run();
  return performance.now() - from;
}

/** In turns, for the machine's speed drifts: the medians, and the median of the ratios. */
function paired(a: () => void, b: () => void): string {
  a();
  b();
  const rounds = Array.from({ length: ROUNDS }, () => [timed(a), timed(b)] as const);
  const [own, bare, ratio] = [rounds.map(([x]) => x), rounds.map(([, x]) => x), rounds.map(([x, y]) => x / y)].map(middle) as [number, number, number];
  return `${own.toFixed(0)} ms, node -e 0 ${bare.toFixed(0)} ms, ratio ${ratio.toFixed(2)}`;
}

/** How many of them succeed with an empty cache that they share. */
async function firstStarts(file: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  fs.rmSync(path.join(cwd, '.cache'), { recursive: true });
  const codes = Array.from({ length: FIRST_STARTS }, () => new Promise<number | null>((resolve) => void spawn(file, ['key', 'list'], { cwd, env, stdio: 'ignore' }).once('close', resolve)));
  return (await Promise.all(codes)).filter((code) => code === 0).length;
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function median(rounds: number, run: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) values.push(await run());
  return middle(values);
}

function untilListening(file: string, folder: string, env: NodeJS.ProcessEnv): Promise<number> {
  const from = performance.now();
  const child = spawn(file, ['serve', '--demo', '--port', '0'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    let heard: number | null = null;
    child.stdout.once('data', () => {
      heard = performance.now() - from;
      child.kill('SIGTERM');
    });
    child.once('exit', () => (heard === null ? reject(new Error('serve --demo ended before it listened')) : resolve(heard)));
  });
}
