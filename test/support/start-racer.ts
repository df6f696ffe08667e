/** A process that waits at the line, so that several of them begin at the same moment. */
import { spawn } from 'node:child_process';
import * as readline from 'node:readline';

export interface Racer<Result> {
  /** It has printed its first line. */
  readonly ready: Promise<void>;
  go(): void;
  /** The JSON of its second line. Rejects with its stderr when it fails. */
  readonly results: Promise<Result[]>;
}

/** `script` is run by Node with `args`. */
export function startRacer<Result>(script: string, args: readonly string[]): Racer<Result> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines: string[] = [];
  const reader = readline.createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => reader.once('line', () => resolve()));
  reader.on('line', (line) => lines.push(line));
  const results = new Promise<Result[]>((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(lines[1] ?? '') as Result[]) : reject(new Error(errors))));
  });
  return { ready, go: () => void child.stdin.write('go\n'), results };
}

/** Two of the same, let go at once when both are ready. */
export async function raceTwo<Result>(script: string, args: readonly string[]): Promise<[Result[], Result[]]> {
  const racers = [startRacer<Result>(script, args), startRacer<Result>(script, args)] as const;
  await Promise.all(racers.map(({ ready }) => ready));
  for (const racer of racers) racer.go();
  return Promise.all([racers[0].results, racers[1].results]);
}
