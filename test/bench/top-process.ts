/** `ainogap top` as an operator runs it: on a terminal of its own, 120 by 36, beside what else runs. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopProcess } from './bench-child.ts';
import { cpuNanosecondsOf } from './process-cost.ts';
import type { Product } from './product.ts';

export interface TopProcess {
  /** CPU of all its threads so far. */
  cpuNanoseconds(): number;
  /** Its own key for it: nothing is read or drawn until it is pressed again. */
  pressPause(): void;
  stop(): Promise<void>;
}

const SCRIPT = '/usr/bin/script';
/** A pseudo-terminal comes from util-linux's `script`; without it this is not measured. */
export const hasTerminal = fs.existsSync(SCRIPT);

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Resolves when the view has drawn for a while: its start is no part of what it costs. */
export async function startTop(product: Product): Promise<TopProcess> {
  const top = [process.execPath, product.launcher, 'top'].map(quoted).join(' ');
  const args = ['-qfc', `stty cols 120 rows 36; exec ${top}`, '/dev/null'];
  // stdin stays open: `script` ends when it does.
  const child = spawn(SCRIPT, args, { env: { ...product.environment, TERM: 'xterm-256color' }, cwd: product.folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = 0;
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.length));
  child.stderr.resume();
  await sleep(3_000);
  if (child.exitCode !== null || output === 0) {
    await stopProcess(child);
    throw new Error(`\`ainogap top\` showed nothing (exit code ${child.exitCode})`);
  }
  const pids = descendantsOf(child.pid as number);
  return {
    cpuNanoseconds: () => pids.reduce((sum, pid) => sum + cpuNanosecondsOf(pid), 0),
    pressPause: () => void child.stdin.write('p'),
    stop: () => stopProcess(child),
  };
}

/** The process and all that it started. */
function descendantsOf(pid: number): number[] {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendantsOf)];
}
