/** Runs the gateway until a signal or a dead ledger ends it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { addressText, findConfigFile, isLoopback, loadConfig, SecretError, withOption, type Config } from '../config.ts';
import { readableByOthers } from '../config/readable-by-others.ts';
import { DatabaseError } from '../db/open.ts';
import { createDemo, type Demo } from '../demo.ts';
import { openGateway, type Gateway } from '../gateway.ts';
import type { GivenSocket } from '../handover/given-sockets.ts';
import { findPredecessor, type Predecessor } from '../handover/predecessor.ts';
import { ownCommand, type ProgramCommand } from '../handover/program-command.ts';
import { withGivenAddresses, type GivenSockets } from '../listeners.ts';
import { createLog, type Log, type OperatorLog } from '../log.ts';
import { isPacked } from '../program-files.ts';
import { openServiceManager, type ServiceManager } from '../service-manager/service-manager.ts';
import type { GlobalOptions } from './add-command.ts';
import { apiPlanOf } from './api-plan-of.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { demoInvitations } from './demo-invitations.ts';
import { demoLines } from './demo-lines.ts';
import { refuseExposure, warnOfExposure } from './exposure.ts';
import { placeSockets, takeSockets } from './given-listeners.ts';
import { listenError } from './listen-error.ts';
import { configureLog, openInstruments, withInstruments, type Instruments } from './open-instruments.ts';
import { consoleOrigin, metricsUrlOf, originOf } from './origin.ts';
import { printJson } from './print-json.ts';
import { reloadConfig } from './reload-config.ts';
import { leaveSoon, runUntilSignal } from './run-until-signal.ts';
import { createHandOver, openServeControl } from './serve-control.ts';
import type { ServeOptions } from './serve.ts';
import { shellWord } from './shell-word.ts';
import { announceUpgrade, letPredecessorEnd, refuseHandOver, refuseToTakeOver, takeOver } from './take-over.ts';
import { productVersion } from './version.ts';

type Listen = Config['listen'];

/** Resolves when the gateway has stopped in order. Throws a `CliError` for what keeps it from starting. */
export async function runServe(ctx: CliContext, options: ServeOptions, global: GlobalOptions): Promise<void> {
  // Whatever the gateway writes is for this user only.
  process.umask(0o077);
  // V8 decides by the first requests, which all outlive its small first young generation, to place a request's objects
  // among the old ones for good: in half of all runs that doubled the collector's share, from 7 to 15 % of the thread.
  setFlagsFromString('--no-allocation-site-pretenuring');
  if (options.demo === true) return serveDemo(ctx, options, global);
  const file = findConfigFile({ flag: global.config, env: ctx.env, cwd: ctx.cwd });
  if (file === null) throw new CliError('there is no config.yaml here, and none was named.', { next: 'ainogap init   or   ainogap serve --demo' });
  await serve(ctx, { file, options, global, demo: null });
}

async function serveDemo(ctx: CliContext, options: ServeOptions, global: GlobalOptions): Promise<void> {
  if (global.config !== undefined) throw usageError('--demo makes a configuration of its own: leave out --config.');
  const demo = createDemo();
  process.once('exit', demo.remove);
  try {
    await serve(ctx, { file: demo.file, options, global, demo });
  } finally {
    demo.remove();
    process.off('exit', demo.remove);
  }
}

interface Serving {
  readonly file: string;
  readonly options: ServeOptions;
  readonly global: GlobalOptions;
  readonly demo: Demo | null;
}

async function serve(ctx: CliContext, serving: Serving): Promise<void> {
  const log = createLog();
  const manager = openServiceManager(process.env, { log });
  try {
    await serveUntilStopped(ctx, serving, { log, manager });
  } finally {
    manager.close();
    // What is said after it by another way must not come before it.
    log.flush();
  }
}

/** Told to the service manager when it is longer than the unit's own limit: what is cut after the grace still has to be settled. */
const SETTLE_WITHIN_MS = 10_000;

interface Around {
  readonly log: OperatorLog;
  readonly manager: ServiceManager;
}

async function serveUntilStopped(ctx: CliContext, serving: Serving, { log, manager }: Around): Promise<void> {
  // Before anything else: an upgrade may have replaced the files when a successor is to be started.
  const command = ownCommand();
  const { sockets: given, passed } = takeSockets();
  const predecessor = findPredecessor(process, passed);
  const untilServing = refuseHandOver(log);
  try {
    const started = await start(ctx, serving, { log, given, predecessor }).catch(async (error: unknown) => {
      if (predecessor) await refuseToTakeOver(predecessor, error);
      throw error;
    });
    await run(ctx, serving, { ...started, log, manager, command, predecessor, onSignals: untilServing });
  } finally {
    untilServing();
  }
}

interface Given {
  readonly log: OperatorLog;
  readonly given: readonly GivenSocket[];
  readonly predecessor: Predecessor | null;
}

interface Started {
  readonly gateway: Gateway;
  readonly instruments: Instruments;
  readonly config: Config;
  readonly sockets: GivenSockets;
}

async function start(ctx: CliContext, serving: Serving, { log, given, predecessor }: Given): Promise<Started> {
  const { config, sockets } = placeSockets(readConfig(serving, log), given, log);
  configureLog(ctx, config, log);
  refuseExposure(config, serving.options.insecure === true, log);
  warnOfReaders(config, log);
  if (predecessor) announceUpgrade(predecessor, config.database);
  const { gateway, instruments } = await open(ctx, config, { log, sockets });
  warnOfExposure(config, gateway, log);
  return { gateway, instruments, config, sockets };
}

interface Running extends Started, Around {
  readonly command: ProgramCommand;
  readonly predecessor: Predecessor | null;
  /** Signals are followed. */
  readonly onSignals: () => void;
}

async function run(ctx: CliContext, serving: Serving, running: Running): Promise<void> {
  const { gateway, instruments, config, sockets, log, manager, command, predecessor, onSignals } = running;
  const url = originOf(config, gateway.address);
  const listensOn = `listens on ${url}`;
  let inForce = config;
  const handOver = createHandOver(gateway, { log, manager, command, demo: serving.demo !== null });
  // Signals are followed before the address is told: whoever reads it may send one at once.
  const stopped = runUntilSignal(withInstruments(gateway, instruments), {
    log,
    graceMs: () => inForce.shutdownGraceMs,
    handoverGraceMs: () => inForce.handoverGraceMs,
    reload: async () => {
      if (handOver.handedOver) return log.warn('reload_refused', { message: 'a successor serves: it is the one to reload' });
      void manager.reloading();
      const reloaded = await reloadConfig(serving.file, { gateway, instruments, log, started: config, overlaid: (next) => withGivenAddresses(withOptions(next, serving), sockets) });
      inForce = reloaded ?? inForce;
      void manager.ready(reloaded ? listensOn : `${listensOn}; the last reload was refused, the configuration before it is in force`);
    },
    handOver,
    stopping: () => {
      predecessor?.stop();
      // The successor is the main process then, and goes on.
      if (!handOver.handedOver) void manager.stopping(inForce.shutdownGraceMs + SETTLE_WITHIN_MS);
    },
  });
  onSignals();
  const control = await openServeControl(config, url, { handOver, log });
  // It may be told to stop, and that it is given up, before it is told to go on.
  if (predecessor) await Promise.race([takeOver(predecessor, { url, log }), stopped]);
  else announce(ctx, serving, { gateway, config });
  manager.watch(() => gateway.answers());
  void manager.ready(listensOn);
  await stopped;
  control?.close();
  if (predecessor) await letPredecessorEnd(predecessor, handOver.handedOver ? inForce.handoverGraceMs : inForce.shutdownGraceMs);
  leaveSoon();
}

/** The configuration with the options of the command line over it. */
function readConfig(serving: Serving, log: Log): Config {
  const loaded = loadConfig(serving.file);
  if (!loaded.ok) {
    const { length } = loaded.problems;
    const list = loaded.problems.map((problem) => `\n  ${problem.toString()}`).join('');
    throw new CliError(`the configuration has ${length === 1 ? 'a mistake' : `${length} mistakes`}:${list}`);
  }
  for (const message of loaded.warnings) log.warn('config_file', { message });
  return withOptions(loaded.config, serving);
}

function withOptions(config: Config, { options, demo }: Serving): Config {
  const listen = listenOf(options, config.listen);
  // Nobody can edit the demo's allowed_hosts before it starts, and it holds nothing worth guarding.
  const open = demo !== null && options.insecure === true && !isLoopback(listen.host);
  const settings = options.host === undefined && options.port === undefined ? config.settings : withOption(config.settings, 'listen', addressText(listen));
  return { ...config, listen, settings, ...(open ? { allowedHosts: ['*'] } : {}) };
}

function listenOf(options: ServeOptions, configured: Listen): Listen {
  const { host = configured.host, port = String(configured.port) } = options;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw usageError(`--port is "${port}"; it must be from 0 to 65535.`);
  if (!/^[A-Za-z0-9.:-]+$/.test(host)) throw usageError(`--host is ${JSON.stringify(host)}; give an address such as 127.0.0.1 or ::1, without a port.`);
  return { host, port: Number(port) };
}

/** A database made by hand or restored from a copy; `-wal` and `-shm` beside it have the mode that it had. */
function warnOfReaders({ database }: Config, log: Log): void {
  const mode = fs.statSync(database, { throwIfNoEntry: false })?.mode ?? 0;
  const message = readableByOthers(database, mode, `${database}*`);
  if (message !== null) log.warn('database_file', { message });
}

async function open(ctx: CliContext, config: Config, { log, sockets }: { log: OperatorLog; sockets: GivenSockets }): Promise<{ gateway: Gateway; instruments: Instruments }> {
  try {
    const instruments = openInstruments(ctx, config, log);
    return { instruments, gateway: await openGateway(config, { log, planOf: apiPlanOf, observers: instruments.observers, version: productVersion(), sockets }) };
  } catch (error) {
    if (error instanceof SecretError) throw new CliError(`${error.message}.`);
    if (error instanceof DatabaseError) throw new CliError(`${error.message}.`, error.next === undefined ? {} : { next: error.next });
    throw listenError(error, config) ?? error;
  }
}

function announce(ctx: CliContext, { file, demo, global }: Serving, running: { gateway: Gateway; config: Config }): void {
  const { host, port } = running.gateway.address;
  const { config, gateway } = running;
  const origin = originOf(config, { host, port });
  const consoleUrl = config.console.enabled ? consoleOrigin(config, gateway.addresses.console) : null;
  const metricsUrl = gateway.addresses.metrics && metricsUrlOf(config, gateway.addresses.metrics);
  const invitations = demo && consoleUrl !== null ? demoInvitations(config, { consoleUrl, now: ctx.now() }) : null;
  if (global.json) {
    const invited = invitations && { inviteUrl: invitations.buyer, adminInviteUrl: invitations.admin };
    return printJson(ctx, { url: origin, consoleUrl: consoleUrl && `${consoleUrl}/console`, metricsUrl, host, port, config: file, pid: process.pid, ...(demo ? { routeApiKey: demo.key } : {}), ...invited });
  }
  ctx.stdout.write(`ainogap ${productVersion()} listens on ${origin}\n`);
  if (consoleUrl !== null) ctx.stdout.write(`console  ${consoleUrl}/console\npanel    ${consoleUrl}/console/admin\ndocs     ${consoleUrl}/docs\n`);
  if (metricsUrl !== null) ctx.stdout.write(`metrics  ${metricsUrl}\n`);
  if (demo) ctx.stdout.write(demoLines({ origin, key: demo.key, file, program: programWords(ctx.cwd), invitations }));
}

/** How the user called this program, for lines to paste. */
function programWords(cwd: string): string {
  if (isPacked) return shellWord(process.argv0);
  const script = process.argv[1] ?? 'ainogap';
  return /\.[jt]s$/.test(script) ? `node ${shellWord(path.relative(cwd, script))}` : 'ainogap';
}
