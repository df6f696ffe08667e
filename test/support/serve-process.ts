/** One running `ainogap serve`. */
import type { ChildProcess } from 'node:child_process';
import { startChild, textOf } from './run-program.ts';

export interface ServeProcess {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly pid: number;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended: its exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Resolves when `pattern` was printed on stdout or stderr; rejects, with the output, when it ends before. */
  printed(pattern: RegExp): Promise<void>;
  /** Ends it at once if it still runs. */
  stop(): Promise<void>;
}

const LISTENING = /(https?:\/\/[\w.[\]:]+:\d+)/;
const POLL_MS = 10;

export interface ServeStart {
  /** The launcher's path, or the single executable's. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

/** Resolves when it says where it listens; rejects, with what it printed, when it ends before. */
export async function startServe({ program, args, ...start }: ServeStart): Promise<ServeProcess> {
  const [file, ...script] = program.endsWith('.js') ? [process.execPath, program] : [program];
  const child = startChild(file as string, [...script, 'serve', ...args], start);
  const out = textOf(child.stdout);
  const err = textOf(child.stderr);
  const exited = new Promise<number | null>((resolve) => void child.once('close', (code) => resolve(code)));
  const printed = (pattern: RegExp): Promise<void> => waitForOutput(child, () => out.text() + err.text(), pattern);
  await printed(LISTENING);
  await printed(/\n/);
  const origin = LISTENING.exec(out.text())?.[1] ?? LISTENING.exec(err.text())?.[1] ?? '';
  return {
    origin,
    pid: child.pid as number,
    stdout: () => out.text(),
    stderr: () => err.text(),
    kill: (signal) => void child.kill(signal),
    exited,
    printed,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

async function waitForOutput(child: ChildProcess, output: () => string, pattern: RegExp): Promise<void> {
  while (!pattern.test(output())) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`serve ended (${child.exitCode ?? child.signalCode}) before it printed ${String(pattern)}:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
