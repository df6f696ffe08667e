/** `ainogap init`: a first configuration and an empty database. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { secretRef } from '../config/scalars.ts';
import { DatabaseError, openDatabase } from '../db/open.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { INIT_DEFAULTS, initialConfig, type InitAnswers } from './initial-config.ts';
import { printJson } from './print-json.ts';
import { shellWord } from './shell-word.ts';

export function registerInit(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'init [dir]',
    description: 'write a first config.yaml and an empty database; never overwrites',
    example: 'ainogap init ./gateway\nainogap init --yes --upstream simulator\nainogap init /etc/ainogap --yes --database /var/lib/ainogap/ainogap.db --credential credential:anthropic',
  })
    .option('--yes', 'ask nothing')
    .option('--upstream <kind>', 'anthropic, or simulator to try things out')
    .option('--database <file>', 'where the database is to be (default: ainogap.db beside config.yaml); one that is there is kept')
    .option('--credential <place>', "where the upstream's credential is: env:NAME, file:PATH or credential:NAME", parseCredential)
    .action(async (dir: string | undefined, options: InitOptions, command: Command) => {
      const global = globalOptions(command);
      const folder = path.resolve(ctx.cwd, dir ?? '.');
      const kind = parseKind(options.upstream);
      const database = options.database === undefined ? path.join(folder, 'ainogap.db') : path.resolve(ctx.cwd, options.database);
      refuseToOverwrite([path.join(folder, 'config.yaml'), ...(options.database === undefined ? [database] : [])]);
      const made = createFiles({ folder, database }, await answersFor(ctx, options, { ...(kind ? { kind } : {}), ...(options.database === undefined ? {} : { database }) }));
      if (global.json) return printJson(ctx, made);
      ctx.stdout.write(`Wrote ${made.config}\n${made.kept ? 'Kept' : 'Created'} ${made.database}\n`);
      ctx.stderr.write(nextSteps(ctx.cwd, made));
    });
}

interface InitOptions {
  readonly yes?: boolean;
  readonly upstream?: string;
  readonly database?: string;
  readonly credential?: string;
}

function parseCredential(place: string): string {
  const parsed = secretRef(place);
  if (parsed.ok) return place.trim();
  // What was given may be the credential itself and is not repeated.
  throw usageError(`--credential ${parsed.message}.`);
}

function parseKind(kind: string | undefined): InitAnswers['kind'] | undefined {
  if (kind === undefined || kind === 'anthropic' || kind === 'simulator') return kind;
  throw usageError(`--upstream is "${kind}"; it can be anthropic or simulator.`);
}

async function answersFor(ctx: CliContext, { yes, credential }: InitOptions, given: Partial<InitAnswers>): Promise<InitAnswers> {
  const defaults = { ...INIT_DEFAULTS, ...given, ...(credential === undefined ? {} : { credential }) };
  if (yes === true) return defaults;
  if (!ctx.interactive) throw usageError('nobody can be asked here: add --yes to take the defaults.', 'ainogap init --yes');
  const { askInitAnswers } = await import('./init-questions.ts');
  const answers = await askInitAnswers(defaults, given.kind === undefined);
  if (answers === null) throw new CliError('stopped; nothing was written.');
  return answers;
}

function refuseToOverwrite(files: readonly string[]): void {
  for (const file of files) if (fs.existsSync(file)) throw new CliError(`there is ${file} already, and init overwrites nothing.`, { next: 'ainogap init OTHER_DIR' });
}

interface MadeFiles {
  readonly config: string;
  readonly database: string;
  /** The database was there before. */
  readonly kept: boolean;
  readonly upstream: string;
  /** Null for an upstream that needs none. */
  readonly credential: string | null;
}

/** The database comes first: a configuration that is there names a database that is there. What fails leaves nothing. */
function createFiles({ folder, database }: { readonly folder: string; readonly database: string }, answers: InitAnswers): MadeFiles {
  const config = path.join(folder, 'config.yaml');
  const kept = fs.existsSync(database);
  const made: string[] = [];
  try {
    makeFolders(folder, made);
    if (kept) refuseForeign(database);
    else createDatabase(database, made);
    fs.writeFileSync(config, initialConfig(answers), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    removeMade(made);
    throw inWords(folder, error as NodeJS.ErrnoException);
  }
  const loaded = loadConfig(config);
  if (!loaded.ok) throw new Error(`init wrote a configuration that does not load: ${loaded.problems.join('; ')}`);
  return { config, database, kept, upstream: answers.kind, credential: answers.kind === 'anthropic' ? answers.credential : null };
}

/** One of an older version is migrated by the first command that writes to it. */
function refuseForeign(database: string): void {
  try {
    openDatabase(database, { mode: 'read' }).close();
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== 'older_schema') throw error;
  }
}

function createDatabase(database: string, made: string[]): void {
  makeFolders(path.dirname(database), made);
  // Made here, so that it is known to be ours to remove.
  fs.closeSync(fs.openSync(database, 'wx', 0o600));
  made.push(database, `${database}-wal`, `${database}-shm`);
  openDatabase(database, { mode: 'create' }).close();
}

/**
 * Makes what is missing of a path, one folder after the other: Node's own `recursive` tries for ever where a folder
 * takes no others, as /proc does.
 */
function makeFolders(folder: string, made: string[]): void {
  const missing: string[] = [];
  for (let at = folder; !fs.existsSync(at) && path.dirname(at) !== at; at = path.dirname(at)) missing.unshift(at);
  for (const at of missing) {
    fs.mkdirSync(at, { mode: 0o700 });
    made.push(at);
  }
}

function removeMade(made: readonly string[]): void {
  for (const file of made.toReversed()) {
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isDirectory()) fs.rmdirSync(file);
    else fs.rmSync(file, { force: true });
  }
}

function inWords(folder: string, error: NodeJS.ErrnoException): CliError {
  if (error instanceof DatabaseError) return new CliError(`${error.message}.`);
  const { code, path: at, message } = error;
  const place = at ?? folder;
  switch (code) {
    case 'EEXIST':
      return new CliError(`there is ${place} already, and init overwrites nothing.`, { next: 'ainogap init OTHER_DIR' });
    case 'ENOTDIR':
      return new CliError(`cannot make ${place}: a part of its path is a file, not a folder.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CliError(`cannot make ${place}: this user may not write there.`);
    case 'ENOENT':
      return new CliError(`cannot make ${place}: the folder around it takes no new ones.`);
    default:
      return new CliError(`nothing could be written in ${folder}: ${message}.`);
  }
}

function nextSteps(cwd: string, made: MadeFiles): string {
  const relative = path.relative(cwd, made.config);
  const option = relative === 'config.yaml' ? '' : ` --config ${shellWord(relative.startsWith('..') ? made.config : relative)}`;
  const steps = [
    ...(made.credential === null ? [] : [credentialStep(made.credential)]),
    `ainogap${option} buyer create acme`,
    `ainogap${option} topup acme 10`,
    `ainogap${option} route create claude --upstream ${made.upstream}`,
    `ainogap${option} key create acme`,
    `ainogap${option} serve`,
  ];
  return `Next:\n${steps.map((step) => `  ${step}\n`).join('')}`;
}

function credentialStep(place: string): string {
  const name = /^env:(.+)$/.exec(place)?.[1];
  return name === undefined ? `# put your upstream's key where serve reads it: ${place}` : `export ${name}=…   # your upstream's key; it is read by serve`;
}
