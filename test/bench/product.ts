/** The product as an operator runs it: the built bundle, a configuration file, a database on disk, one funded buyer. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProcesses } from '../../src/handover/ask-process.ts';
import type { HandedOver } from '../../src/handover/control-messages.ts';
import { isAlive } from '../support/successors.ts';
import { stopProcess } from './bench-child.ts';
import { BENCH_MODEL } from './request-bodies.ts';

const LAUNCHER = path.resolve(import.meta.dirname, '../../bin/ainogap.js');
const ROUTE = 'bench';

export interface Product {
  readonly pid: number;
  readonly port: number;
  /** The path of the route's messages. */
  readonly path: string;
  readonly key: string;
  /** For commands of its own beside the server. */
  readonly launcher: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** Stops and starts it again on the same database. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Lets it hand over to a process of the same program. */
  handOver(): Promise<HandedOver>;
  /** Runs `ainogap verify`. */
  verify(): Promise<Verification>;
  /** Stops it and removes the database. */
  remove(): Promise<void>;
}

export interface Verification {
  readonly passed: boolean;
  /** The last line that it printed. */
  readonly lastLine: string;
}

export interface ProductOptions {
  /** Origin of the upstream stub. */
  readonly upstream: string;
  /** Another build's `bin/ainogap.js`, to compare two; null: this checkout's. */
  readonly launcher: string | null;
  /** Options for Node before the launcher, e.g. `--cpu-prof`. */
  readonly nodeOptions: readonly string[];
  /** More of the configuration. */
  readonly config?: string;
}

export async function openProduct(options: ProductOptions): Promise<Product> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-bench-'));
  try {
    return await openProductIn(folder, options);
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function openProductIn(folder: string, options: ProductOptions): Promise<Product> {
  const launcher = options.launcher === null ? LAUNCHER : path.resolve(options.launcher);
  const config = path.join(folder, 'config.yaml');
  const port = await freePort();
  const environment = { ...process.env, AINOGAP_CONFIG: config, AINOGAP_BENCH_CREDENTIAL: 'sk-bench' };
  const run = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [launcher, ...args], { env: environment, cwd: folder })).stdout;
  await run('init', folder, '--yes');
  fs.writeFileSync(config, configText(port, options.upstream) + (options.config ?? ''));
  await run('buyer', 'create', 'bench');
  const key = /rk_[A-Za-z0-9_-]+/.exec(await run('key', 'create', 'bench'))?.[0];
  if (!key) throw new Error('`ainogap key create bench` printed no key');
  await run('route', 'create', ROUTE, '--upstream', 'stub', '--models', BENCH_MODEL);
  await run('topup', 'bench', '100000000', '--reference', 'bench');

  const database = path.join(fs.realpathSync(folder), 'ainogap.db');
  const serve = () => startServing([...options.nodeOptions, launcher, 'serve'], { environment, folder, port });
  let server = await serve();
  /** It is no child of this process; null: what serves is. */
  let successor: number | null = null;
  const stop = async () => {
    if (successor !== null) await endProcess(successor);
    successor = null;
    await stopProcess(server);
  };
  return {
    get pid() {
      return successor ?? server.pid!;
    },
    port,
    path: `/${ROUTE}/v1/messages`,
    key,
    launcher,
    environment,
    folder,
    restart: async () => {
      await stop();
      server = await serve();
    },
    stop,
    handOver: async () => {
      const outcome = await askToHandOver(database);
      successor = outcome.to;
      return outcome;
    },
    verify: () => run('verify').then(passed, failed),
    remove: async () => {
      await stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function askToHandOver(database: string): Promise<HandedOver> {
  const processes = await findProcesses(database);
  const outcome = await processes.find(({ state }) => state === 'serving')?.handOver();
  for (const one of processes) one.leave();
  if (outcome?.kind === 'handedOver') return outcome;
  throw new Error(outcome ? outcome.message : `nobody serves ${database}`);
}

/** SIGTERM, and then for as long as it takes. */
async function endProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  while (isAlive(pid)) await sleep(10);
}

const passed = (output: string): Verification => ({ passed: true, lastLine: output.trim().split('\n').at(-1)!.replaceAll('\t', ' ') });
const failed = (error: Error): Verification => ({ passed: false, lastLine: error.message.trim().split('\n').at(-1)! });

/** The smallest configuration that a real operator could have, with the stub in the upstream's place. */
function configText(port: number, upstream: string): string {
  return `listen: 127.0.0.1:${port}
database: ./ainogap.db
upstreams:
  stub:
    kind: anthropic
    base_url: ${upstream}
    credential: env:AINOGAP_BENCH_CREDENTIAL
`;
}

interface ServeOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly port: number;
}

async function startServing(args: readonly string[], options: ServeOptions): Promise<ChildProcess> {
  const log = path.join(options.folder, 'serve.log');
  const output = fs.openSync(log, 'a');
  const server = spawn(process.execPath, args, {
    env: options.environment,
    cwd: options.folder,
    stdio: ['ignore', output, output],
  });
  fs.closeSync(output);
  const deadline = performance.now() + 15_000;
  while (!(await accepts(options.port))) {
    if (server.exitCode !== null || performance.now() > deadline) {
      await stopProcess(server);
      throw new Error(`\`ainogap serve\` does not listen on port ${options.port}:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`);
    }
    await sleep(50);
  }
  return server;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
