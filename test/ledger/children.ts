/** Starts `child.ts` and listens to it. */
import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';

export interface Child {
  readonly process: ChildProcess;
  /** All lines so far, split at spaces. */
  readonly lines: string[][];
  /** The first line that begins with `word`, now or later; rejects if the child ends without it. */
  line(word: string): Promise<string[]>;
  readonly ended: Promise<number | null>;
}

export function startChild(task: string, ...args: readonly (string | number | bigint)[]): Child {
  return startUnder([], task, ...args);
}

/** The same under another program, such as strace. */
export function startUnder(wrapper: readonly string[], task: string, ...args: readonly (string | number | bigint)[]): Child {
  const script = path.join(import.meta.dirname, 'child.ts');
  const [program = '', ...programArgs] = [...wrapper, process.execPath, script, task, ...args.map(String)];
  const child = spawn(program, programArgs, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[][] = [];
  let rest = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((part) => part.split(' ')));
    for (const watcher of watchers) watcher();
  });
  // `close` comes after the last line, `exit` may not.
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const line = (word: string): Promise<string[]> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(([first]) => first === word);
        if (!found) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
      void ended.then((code) => reject(new Error(`the child left with code ${code} without saying ${word}`)));
    });
  return { process: child, lines, line, ended };
}
