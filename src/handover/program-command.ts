/** How this program was started, so that the one that is there now can be started in its place. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isPacked } from '../program-files.ts';

export interface ProgramCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export interface Started {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly argv0: string;
  readonly cwd: string;
  readonly path: string | undefined;
  /** Everything is in one executable: there is no script to name. */
  readonly single: boolean;
}

/** Asked at the start, for afterwards the files may be others. */
export function programCommand(started: Started): ProgramCommand {
  const { execPath, execArgv, argv, single } = started;
  if (single) return { file: asCalled(started), args: argv.slice(2) };
  return { file: execPath, args: [...execArgv, argv[1] as string, ...argv.slice(2)] };
}

/** The same of this process. */
export function ownCommand(): ProgramCommand {
  const { execPath, execArgv, argv, argv0, env } = process;
  return programCommand({ execPath, execArgv, argv, argv0, cwd: process.cwd(), path: env['PATH'], single: isPacked });
}

/**
 * The name that led here, when it still does: `execPath` has its symbolic links resolved, and an upgrade that points a
 * link at another version would start the old one again.
 */
function asCalled({ execPath, argv0, cwd, path: search = '' }: Started): string {
  const candidates = argv0.includes('/') ? [path.resolve(cwd, argv0)] : search.split(path.delimiter).filter((folder) => path.isAbsolute(folder)).map((folder) => path.join(folder, argv0));
  return candidates.find((file) => leadsTo(file, execPath)) ?? execPath;
}

function leadsTo(file: string, execPath: string): boolean {
  try {
    return fs.realpathSync(file) === fs.realpathSync(execPath);
  } catch {
    return false;
  }
}
