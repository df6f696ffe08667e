/** Runs the command line in this process or in one of its own, against a gateway folder of the test's own. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runCli } from '../../src/cli/program.ts';
import { openDatabase } from '../../src/db/open.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** stdout, stderr and stdin are terminals of this width. */
  readonly terminal?: number;
  readonly env?: Record<string, string>;
  /** The answer to a question; without it a question is a failure of the test. */
  readonly answer?: boolean;
  /** What others do before the question is answered. */
  readonly meanwhile?: () => Promise<void>;
  readonly now?: number;
}

export interface CliFolder {
  readonly folder: string;
  readonly database: string;
  /** In this process. */
  run(argv: readonly string[], options?: RunOptions): Promise<CliResult>;
  /** Its exit code must be 0; its stdout as JSON. */
  json(...argv: string[]): Promise<unknown>;
  /** In a process of its own. */
  spawn(argv: readonly string[], options?: { env?: Record<string, string>; stdin?: string }): Promise<CliResult>;
  write(name: string, text: string): string;
  remove(): void;
}

const MAIN = path.resolve(import.meta.dirname, '../../bin/ainogap.js');

export const CONFIG = `listen: 127.0.0.1:8787
database: ./ainogap.db
upstreams:
  anthropic:
    kind: anthropic
    base_url: https://api.anthropic.com
    credential: env:ANTHROPIC_API_KEY
`;

/** A folder with the smallest configuration and an empty database. */
export function openCliFolder(config: string = CONFIG): CliFolder {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-cli-'));
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  write('config.yaml', config);
  const database = path.join(folder, 'ainogap.db');
  openDatabase(database, { mode: 'create' }).close();
  const run = (argv: readonly string[], options: RunOptions = {}): Promise<CliResult> => runHere(folder, argv, options);
  return {
    folder,
    database,
    run,
    json: async (...argv) => {
      const { code, out, err } = await run([...argv, '--json']);
      if (code !== 0) throw new Error(`exit ${code}: ${err}`);
      return JSON.parse(out) as unknown;
    },
    spawn: (argv, options = {}) => runThere(folder, argv, options),
    write,
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** In this process, as if called in that folder. */
export async function runHere(cwd: string, argv: readonly string[], options: RunOptions): Promise<CliResult> {
  const texts = { out: '', err: '' };
  const sink = (name: 'out' | 'err') => ({
    isTTY: options.terminal !== undefined,
    columns: options.terminal ?? 80,
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const code = await runCli(argv, {
    env: { HOME: cwd, ...options.env },
    cwd,
    stdout: sink('out'),
    stderr: sink('err'),
    interactive: options.terminal !== undefined,
    ask: async (question) => {
      texts.err += `${question}\n`;
      if (options.answer === undefined) throw new Error(`nobody expected to be asked: ${question}`);
      await options.meanwhile?.();
      return options.answer;
    },
    now: () => options.now ?? Date.now(),
  });
  return { code, ...texts };
}

function runThere(cwd: string, argv: readonly string[], options: { env?: Record<string, string>; stdin?: string }): Promise<CliResult> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, ...options.env };
    const child = execFile(process.execPath, [MAIN, ...argv], { cwd, env }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
    // It may leave before it has read all.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin ?? '');
  });
}
