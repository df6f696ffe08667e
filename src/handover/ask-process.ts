/** The side of whoever asks a serving process. */
import * as net from 'node:net';
import { controlPaths, withShortPath } from './control-path.ts';
import type { FromProcess, Introduction, Outcome, ToProcess } from './control-messages.ts';

/** A serving process that has introduced itself. */
export interface AskedProcess extends Introduction {
  /** Resolves with what became of it; rejects when the process goes away before it says so. */
  handOver(): Promise<Outcome>;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;
  leave(): void;
}

const INTRODUCED_WITHIN_MS = 3_000;
/** Longer than any that one of ours says. */
const LINES_CHARS_MAX = 65_536;

/** Those that serve a database, or finish what they began before they handed over. `database`: its real path. */
export async function findProcesses(database: string): Promise<AskedProcess[]> {
  const asked = await Promise.all(controlPaths(database).map((file) => withShortPath(file, ask).catch(() => null)));
  return asked.filter((one) => one !== null);
}

/** Null: nobody is there, or it is not one of ours. Resolves after connecting, for the short path lives no longer. */
function ask(path: string): Promise<AskedProcess | null> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    const gone = new Promise<void>((done) => void socket.once('close', () => done()));
    const timer = setTimeout(() => socket.destroy(), INTRODUCED_WITHIN_MS);
    let onOutcome: (outcome: Outcome) => void = () => undefined;
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length > LINES_CHARS_MAX) return void socket.destroy();
      const lines = text.split('\n');
      text = lines.pop() as string;
      for (const line of lines) {
        const message = messageIn(line);
        if (message === null) return void socket.destroy();
        if (message.kind !== 'introduction') onOutcome(message);
        else resolve({ ...message, gone, leave: () => void socket.destroy(), handOver });
      }
    });
    void gone.then(() => (clearTimeout(timer), resolve(null)));

    function handOver(): Promise<Outcome> {
      clearTimeout(timer);
      socket.write(`${JSON.stringify({ kind: 'handOver' } satisfies ToProcess)}\n`);
      return new Promise((done, reject) => {
        onOutcome = done;
        void gone.then(() => reject(new Error('the process ended before it said what became of it')));
      });
    }
  });
}

/** Null: nobody of ours says that. */
function messageIn(line: string): FromProcess | null {
  try {
    const message = JSON.parse(line) as FromProcess | null;
    return typeof message?.kind === 'string' ? message : null;
  } catch {
    return null;
  }
}
