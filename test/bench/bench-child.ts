/** Processes of the bench: forked, asked one thing at a time, and never left behind. */
import { fork, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';

export interface BenchChild {
  readonly pid: number;
  /** Where it listens; 0 when it does not. */
  readonly port: number;
  /** Sends a message and resolves with the answer; rejects when the process dies first. */
  ask<Answer>(message: object): Promise<Answer>;
  stop(): Promise<void>;
}

interface Ready {
  readonly port: number;
}

/** Forks a script of this folder and waits until it is ready. */
export async function startBenchChild(script: string, environment: Record<string, string> = {}): Promise<BenchChild> {
  const child = fork(path.join(import.meta.dirname, script), [], {
    env: { ...process.env, ...environment },
    // Buffers and floats cross unharmed.
    serialization: 'advanced',
  });
  const ready = await nextMessage<Ready>(child, script);
  return {
    pid: child.pid!,
    port: ready.port,
    ask: (message) => {
      const answer = nextMessage<never>(child, script);
      child.send(message);
      return answer;
    },
    stop: () => stopProcess(child),
  };
}

function nextMessage<Message>(child: ChildProcess, name: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      child.off('exit', onExit);
      const failure = (message as { childError?: string }).childError;
      if (failure === undefined) resolve(message as Message);
      else reject(new Error(`${name}: ${failure}`));
    };
    const onExit = (code: number | null, signal: string | null) => {
      child.off('message', onMessage);
      reject(new Error(`${name} stopped before it answered (${signal ?? `exit code ${code}`})`));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}

/** SIGTERM, then SIGKILL after ten seconds. Resolves when the process is gone. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatience);
}

/** The child's side: says that it is ready, then answers each message. It leaves when the parent does. */
export function answerParent<Message>(ready: Ready, answer: (message: Message) => object | Promise<object>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (message) => {
    void (async () => {
      try {
        process.send!(await answer(message as Message));
      } catch (error) {
        process.send!({ childError: (error as Error).message });
      }
    })();
  });
  process.send!(ready);
}
