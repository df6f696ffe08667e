/** Child processes of tests: run to their end, or killed with the test process. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a child that cannot outlive the test process. Its stdin is empty. */
export function startChild(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whom it runs as; by default whoever runs the tests. */
  readonly uid?: number;
  readonly gid?: number;
  /** The child is killed after this long, so that a test fails with its output instead of by a time limit. Default 50 s. */
  readonly killAfterMs?: number;
}

/** Runs a program to its end. Rejects only when it cannot be started. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const { killAfterMs = 50_000, ...start } = options;
  return new Promise((resolve, reject) => {
    const child = startChild(program, args, start);
    const out = textOf(child.stdout);
    const err = textOf(child.stderr);
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout: out.text(), stderr: err.text() });
    });
  });
}

/** Gathers what a stream carries; `text` gives what has come so far. */
export function textOf(stream: NodeJS.ReadableStream | null): { text(): string } {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { text: () => Buffer.concat(chunks).toString('utf8') };
}
