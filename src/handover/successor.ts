/** Starts the process that is to take over, with the listening sockets of this one, and waits until it serves. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { withPassedSockets, type GivenSocket } from './given-sockets.ts';
import type { FromPredecessor, FromSuccessor } from './messages.ts';
import type { ProgramCommand } from './program-command.ts';

/** Why nothing was handed over, in words; the process that was asked goes on as before. */
export class HandoverRefused extends Error {
  /** What to do about it. */
  readonly next: string | undefined;
  constructor(message: string, next?: string) {
    super(message);
    this.name = 'HandoverRefused';
    this.next = next;
  }
}

export interface StartSuccessorOptions {
  readonly command: ProgramCommand;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** With the descriptors that they have in this process. */
  readonly sockets: readonly GivenSocket[];
  /** How long it may take until it serves. */
  readonly withinMs: number;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

export interface Successor {
  readonly pid: number;
  readonly version: string;
  /** Tells it that this process takes nothing new. */
  goOn(): void;
  /** Gives it up. Resolves when it has ended. */
  end(): Promise<void>;
  /** Resolves when it asks this process to stop as at SIGTERM. */
  readonly stopAsked: Promise<void>;
  /** Resolves when it has ended, with how it did. */
  readonly ended: Promise<string>;
}

/** A copy of a large database and its new schema take their time; the old process serves on. */
const UPGRADED_WITHIN_MS = 15 * 60_000;
/** SIGKILL follows SIGTERM after so long: one that is given up serves nobody who would have to be waited for. */
const END_WITHIN_MS = 5_000;

/** Rejects with `HandoverRefused`, and then no successor runs any more. */
export async function startSuccessor(options: StartSuccessorOptions): Promise<Successor> {
  const { command, cwd, env, sockets } = options;
  // Standard input is nobody's: two processes would read from one terminal.
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', ...sockets.map(({ fd }) => fd), 'ipc'];
  const passed = sockets.map(({ name, address, setting }) => ({ name, address, setting }));
  const child = spawn(command.file, command.args, { cwd, env: withPassedSockets(env, passed), stdio });
  try {
    const { version } = await readiness(child, options);
    // From here on it lives by itself, and this process ends without it.
    child.unref();
    child.channel?.unref();
    return successorOf(child, version);
  } catch (error) {
    await end(child);
    throw error;
  }
}

function readiness(child: ChildProcess, { command, withinMs, signal }: StartSuccessorOptions): Promise<Extract<FromSuccessor, { kind: 'ready' }>> {
  return new Promise((resolve, reject) => {
    const refuse = (message: string, next?: string): void => reject(new HandoverRefused(message, next));
    const limit = (ms: number): NodeJS.Timeout => setTimeout(() => refuse(`the successor did not serve within ${ms / 1_000} s and was ended`), ms);
    let timer = limit(withinMs);
    const onAbort = (): void => refuse('it was given up, because this process is to stop');
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort);
    child.once('error', (error) => (settle(), refuse(`${command.file} cannot be started: ${error.message}`)));
    child.once('exit', (code, by) => {
      const refuseEnded = (): void => (settle(), refuse(`the successor ended (${by ?? `code ${code}`}) before it served; its last words stand before this line`));
      // What it said last may still be in the channel.
      if (child.connected) child.once('disconnect', refuseEnded);
      else refuseEnded();
    });
    const onMessage = (message: FromSuccessor): void => {
      clearTimeout(timer);
      if (message.kind === 'upgrading') return void (timer = limit(UPGRADED_WITHIN_MS));
      child.off('message', onMessage);
      settle();
      if (message.kind === 'ready') resolve(message);
      else refuse(message.kind === 'refused' ? message.message : 'the successor was told to stop', message.kind === 'refused' ? message.next : undefined);
    };
    child.on('message', onMessage);
    if (signal.aborted) onAbort();
  });
}

/** Heard from the start, for what it says may come before anybody listens. */
function successorOf(child: ChildProcess, version: string): Successor {
  const stopAsked = new Promise<void>((resolve) => {
    child.on('message', (message: FromSuccessor) => {
      if (message.kind === 'stop') resolve();
    });
  });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, by) => resolve(by ?? `code ${code}`));
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.signalCode ?? `code ${child.exitCode}`);
  });
  return {
    pid: child.pid as number,
    version,
    goOn: () => void child.send({ kind: 'goOn' } satisfies FromPredecessor, () => undefined),
    end: () => end(child),
    stopAsked,
    ended,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await gone;
  clearTimeout(timer);
}
