/**
 * The built product (`bin/ainogap.js` and `dist/`) as a user has it: a folder made by `init`, a buyer with money, a key
 * and a route made by the command line, and `serve` as a process of its own.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { runProgram, type Finished } from './run-program.ts';
import { startServe, type ServeProcess } from './serve-process.ts';

export const PROJECT = path.resolve(import.meta.dirname, '../..');
export const LAUNCHER = path.join(PROJECT, 'bin/ainogap.js');
export const BUYER = 'acme';
export const ALIAS = 'claude';
/** A model that the book does not have: Claude Code asks for such ones. */
export const NEW_MODEL = 'claude-opus-5-5';

export interface ProductOptions {
  /** YAML below `upstreams:`. Default: one simulator without delays, named `simulator`. */
  readonly upstreams?: string;
  /** More YAML for the top level. */
  readonly config?: string;
  /** The upstream of the route. Default `simulator`. */
  readonly upstream?: string;
  /** USDC; default 50. Null: none. */
  readonly topup?: string | null;
  /** The launcher of `serve`, to put another version in its place. Default: this checkout's. */
  readonly launcher?: string;
  /** More environment for all processes. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Product {
  readonly folder: string;
  readonly config: string;
  readonly database: string;
  readonly key: string;
  readonly origin: string;
  /** `<origin>/<alias>`: what clients call their base URL. */
  readonly baseUrl: string;
  readonly env: NodeJS.ProcessEnv;
  /** The process that `startProduct` started. */
  readonly server: ServeProcess;
  /** Runs a command of the product's. */
  cli(...args: string[]): Promise<Finished>;
  /** The same with `--json`; throws, with the output, unless it exits with 0. */
  json<T>(...args: string[]): Promise<T>;
  /** One more `serve` on the same database. */
  serve(...args: string[]): Promise<ServeProcess>;
  writeConfig(options: ProductOptions): void;
  /** Reads the database beside the running product. */
  read<T>(use: (db: Db) => T): T;
  /** Kills what still runs and removes the folder. */
  stop(): Promise<void>;
}

const SIMULATOR = '  simulator: { kind: simulator }';
const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'].map(
  (id) => `  - id: ${id}
    prices: { input: 5, output: 25, cache_write_5m: 6.25, cache_write_1h: 10, cache_read: 0.50 }
    context_window: 1000000
    max_output: 128000`,
);

function configText(options: ProductOptions): string {
  return `listen: 127.0.0.1:8787
database: ./ainogap.db
upstreams:
${options.upstreams ?? SIMULATOR}
models:
${MODELS.join('\n')}
${options.config ?? ''}
`;
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  if (!fs.existsSync(path.join(PROJECT, 'dist/ainogap.cjs'))) throw new Error('dist/ is not built: run `npm test`, or `npm run build` first');
  const folder = temporaryFolder();
  const config = path.join(folder, 'config.yaml');
  const env = { ...bareEnv(folder), ...options.env };
  const servers: ServeProcess[] = [];
  const cli = (...args: string[]): Promise<Finished> => runProgram(process.execPath, [LAUNCHER, ...args], { cwd: folder, env });
  const json = async <T>(...args: string[]): Promise<T> => parsed<T>(args, await cli('--json', ...args));
  const serve = async (...args: string[]): Promise<ServeProcess> => {
    const server = await startServe({ program: options.launcher ?? LAUNCHER, args: ['--port', '0', ...args], cwd: folder, env });
    servers.push(server);
    return server;
  };
  const writeConfig = (changed: ProductOptions): void => fs.writeFileSync(config, configText(changed), { mode: 0o600 });
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    await json('init', folder, '--yes');
    writeConfig(options);
    await json('buyer', 'create', BUYER);
    if (options.topup !== null) await json('topup', BUYER, options.topup ?? '50');
    await json('route', 'create', ALIAS, '--upstream', options.upstream ?? 'simulator');
    const { routeApiKey: key } = await json<{ routeApiKey: string }>('key', 'create', BUYER);
    const server = await serve();
    const { origin } = server;
    const database = path.join(folder, 'ainogap.db');
    const read = <T>(use: (db: Db) => T): T => reading(database, use);
    return { folder, config, database, key, origin, baseUrl: `${origin}/${ALIAS}`, env, server, cli, json, serve, writeConfig, read, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function reading<T>(database: string, use: (db: Db) => T): T {
  const db = openDatabase(database, { mode: 'read' });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** Removed at the end of the test process whatever happens. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-test-'));
  folders.push(folder);
  return folder;
}

/** Nothing of the developer's own: no credentials, no proxies, another home. */
export function bareEnv(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: path.join(home, '.config'), NO_COLOR: '1', TZ: 'UTC', LANG: 'C.UTF-8' };
}

function parsed<T>(args: readonly string[], { code, stdout, stderr }: Finished): T {
  if (code !== 0) throw new Error(`ainogap ${args.join(' ')} exited with ${code}:\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}
