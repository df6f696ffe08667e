/** Runs the gateway until a signal or a dead ledger ends it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { addressText, findConfigFile, isLoopback, loadConfig, SecretError, withOption, type Config } from '../config.ts';
import { readableByOthers } from '../config/readable-by-others.ts';
import { DatabaseError } from '../db/open.ts';
import { createDemo, type Demo } from '../demo.ts';
import { openGateway, type Gateway } from '../gateway.ts';
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
import { listenError } from './listen-error.ts';
import { configureLog, openInstruments, type Instruments } from './open-instruments.ts';
import { consoleOrigin, metricsUrlOf, originOf } from './origin.ts';
import { printJson } from './print-json.ts';
import { runUntilSignal } from './run-until-signal.ts';
import type { ServeOptions } from './serve.ts';
import { shellWord } from './shell-word.ts';
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

async function serveUntilStopped(ctx: CliContext, serving: Serving, { log, manager }: { log: OperatorLog; manager: ServiceManager }): Promise<void> {
  const config = readConfig(serving, log);
  configureLog(ctx, config, log);
  refuseExposure(config, serving.options.insecure === true, log);
  warnOfReaders(config, log);
  const { gateway, instruments } = await open(ctx, config, log);
  warnOfExposure(config, gateway, log);
  const listensOn = `listens on ${originOf(config, gateway.address)}`;
  let inForce = config;
  // Signals are followed before the address is told: whoever reads it may send one at once.
  const stopped = runUntilSignal({ ...gateway, drain: () => gateway.drain().finally(() => instruments.stop()) }, {
    log,
    graceMs: () => inForce.shutdownGraceMs,
    stopping: () => void manager.stopping(inForce.shutdownGraceMs + SETTLE_WITHIN_MS),
    reload: async () => {
      void manager.reloading();
      const reloaded = await reload(gateway, serving, { log, instruments, started: config });
      inForce = reloaded ?? inForce;
      void manager.ready(reloaded ? listensOn : `${listensOn}; the last reload was refused, the configuration before it is in force`);
    },
  });
  manager.watch(() => gateway.answers());
  void manager.ready(listensOn);
  announce(ctx, serving, { gateway, config });
  await stopped;
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

async function open(ctx: CliContext, config: Config, log: OperatorLog): Promise<{ gateway: Gateway; instruments: Instruments }> {
  try {
    const instruments = openInstruments(ctx, config, log);
    return { instruments, gateway: await openGateway(config, { log, planOf: apiPlanOf, observers: instruments.observers, version: productVersion() }) };
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

/** The keys that differ although a running gateway cannot change them. */
function fixedUntilRestart(before: Config, next: Config): string[] {
  const fixed = (config: Config): Record<string, unknown> => ({
    listen: `${config.listen.host}:${config.listen.port}`,
    database: config.database,
    tls: JSON.stringify(config.tls),
    'limits.connections': config.limits.connectionsMax,
    'limits.body_memory': config.limits.bodyMemoryBytesMax,
    'console.enabled': config.console.enabled,
    'console.listen': config.console.listen && addressText(config.console.listen),
    'metrics.listen': config.metrics.listen && addressText(config.metrics.listen),
  });
  const [was, is] = [fixed(before), fixed(next)];
  return Object.keys(was).filter((key) => was[key] !== is[key]);
}

/**
 * A file with a mistake, or one that cannot be put in force, leaves the old configuration as it is: then null, else what
 * is now in force.
 */
async function reload(gateway: Gateway, serving: Serving, { log, instruments, started }: { log: Log; instruments: Instruments; started: Config }): Promise<Config | null> {
  const loaded = loadConfig(serving.file);
  if (!loaded.ok) {
    for (const problem of loaded.problems) log.error('reload_refused', { problem: problem.toString() });
    log.error('reload_refused', { message: `${loaded.problems.length} mistakes; the old configuration stays in force` });
    return null;
  }
  for (const message of loaded.warnings) log.warn('config_file', { message });
  const wished = withOptions(loaded.config, serving);
  const next = { ...wished, listen: started.listen, database: started.database, tls: started.tls };
  const { enabled, listen } = started.console;
  const inForce = { ...next, console: { ...next.console, enabled, listen }, metrics: { ...next.metrics, listen: started.metrics.listen } };
  try {
    const instrumented = instruments.prepare(inForce);
    await gateway.reload(inForce);
    instrumented.putInForce();
  } catch (error) {
    log.error('reload_refused', { message: `${(error as Error).message}; the old configuration stays in force` });
    return null;
  }
  const waiting = fixedUntilRestart(started, wished);
  if (waiting.length > 0) log.warn('reload', { message: `changes at the next start only: ${waiting.join(', ')}` });
  log.info('reloaded', { upstreams: inForce.upstreams.size, models: inForce.models.length });
  return inForce;
}
