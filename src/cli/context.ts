/** What a command may touch of the outside world. Tests inject their own. */
import { once } from 'node:events';
import * as readline from 'node:readline';
import { isatty } from 'node:tty';

export interface TextSink {
  readonly isTTY: boolean;
  /** Terminal columns; 80 where unknown. */
  readonly columns: number;
  /** Terminal rows; absent where unknown. */
  readonly rows?: number;
  write(text: string): void;
  /** Resolves when what was written has gone on its way: for those who write more than memory should hold. */
  drained?(): Promise<void>;
}

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Data: what a script would read. */
  readonly stdout: TextSink;
  /** Talk: diagnostics, questions, what was done. */
  readonly stderr: TextSink;
  /** Someone can be asked: stdin and stderr are both terminals. */
  readonly interactive: boolean;
  /** Asks a yes-or-no question on stderr. Called only when `interactive`. The default answer is no. */
  ask(question: string): Promise<boolean>;
  /** Wall-clock milliseconds. */
  now(): number;
}

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  return {
    isTTY: stream.isTTY === true,
    // A pseudo-terminal that nobody sized says 0.
    columns: stream.columns > 0 ? stream.columns : 80,
    ...(stream.rows > 0 ? { rows: stream.rows } : {}),
    write: (text) => void stream.write(text),
    drained: async () => {
      if (stream.writableNeedDrain) await once(stream, 'drain');
    },
  };
}

/** Ctrl-C and Ctrl-D at the question close the interface: a no. */
function askOnStderr(question: string): Promise<boolean> {
  const lines = readline.createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    const leave = (): void => {
      process.stderr.write('\n');
      resolve(false);
    };
    lines.once('close', leave);
    lines.question(`${question} [y/N] `, (answer) => {
      lines.off('close', leave);
      lines.close();
      resolve(/^y(es)?$/i.test(answer.trim()));
    });
  });
}

export function createProcessContext(): CliContext {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    interactive: isatty(0) && isatty(2),
    ask: askOnStderr,
    now: Date.now,
  };
}
