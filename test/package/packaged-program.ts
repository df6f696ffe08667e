/** The single executable, made of the sources as they are, and a place to run it where nothing else is to be found. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runProgram, type Finished } from '../support/run-program.ts';
import { startServe, type ServeProcess } from '../support/serve-process.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');
const NAME = `ainogap-${process.platform}-${process.arch}`;
/** What the executable is made of. */
const INGREDIENTS = ['src', 'scripts', 'dist', 'package.json', 'package-lock.json'];

/** Builds it unless it is newer than all it is made of; its path. */
export function packagedProgram(): string {
  const folder = path.join(PROJECT, 'build/test');
  const file = path.join(folder, NAME);
  const made = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (made < Math.max(...INGREDIENTS.map((name) => newest(path.join(PROJECT, name)))))
    execFileSync(process.execPath, [path.join(PROJECT, 'scripts/package.ts'), '--quiet', '--into', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  return file;
}

function newest(file: string): number {
  const stat = fs.statSync(file);
  return stat.isDirectory() ? Math.max(stat.mtimeMs, ...fs.readdirSync(file).map((name) => newest(path.join(file, name)))) : stat.mtimeMs;
}

/** A bare machine: an empty HOME, a working directory that cannot be written, nothing on PATH, and no privileges. */
export interface BareMachine {
  readonly program: string;
  /** Where the user may write. */
  readonly home: string;
  run(...args: string[]): Promise<Finished>;
  /** With more environment. */
  runWith(more: Readonly<Record<string, string>>, ...args: string[]): Promise<Finished>;
  /** The same command many times at once. */
  runAll(count: number, args: readonly string[]): Promise<Finished[]>;
  serve(...args: string[]): Promise<ServeProcess>;
  remove(): void;
}

/** Root may write everywhere, so what root tests runs as nobody. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

export function openBareMachine(packaged: string): BareMachine {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-bare-'));
  fs.chmodSync(root, 0o755);
  const own = (name: string, mode: number): string => {
    const folder = path.join(root, name);
    fs.mkdirSync(folder);
    if (NOBODY.uid !== undefined) fs.chownSync(folder, NOBODY.uid, NOBODY.gid);
    fs.chmodSync(folder, mode);
    return folder;
  };
  const program = path.join(root, 'ainogap');
  fs.copyFileSync(packaged, program, fs.constants.COPYFILE_FICLONE);
  const [home, cwd, tmp] = [own('home', 0o700), own('read-only', 0o555), own('tmp', 0o700)];
  // NODE_OPTIONS is not the product's: whoever sets it for something else must not break a gateway.
  const env = { HOME: home, TMPDIR: tmp, PATH: '/nowhere', NODE_OPTIONS: '--require=/nowhere.js' };
  const start = { cwd, env, ...NOBODY };
  return {
    program,
    home,
    run: (...args) => runProgram(program, args, start),
    runWith: (more, ...args) => runProgram(program, args, { ...start, env: { ...env, ...more } }),
    runAll: (count, args) => Promise.all(Array.from({ length: count }, () => runProgram(program, args, start))),
    serve: (...args) => startServe({ program, args, ...start }),
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}
