/** SIGHUP: the configuration is read again and put in force, as far as a running gateway can. */
import { addressText, loadConfig, type Config } from '../config.ts';
import type { Gateway } from '../gateway.ts';
import type { Log } from '../log.ts';
import type { Instruments } from './open-instruments.ts';

export interface ReloadOptions {
  readonly gateway: Gateway;
  readonly instruments: Instruments;
  readonly log: Log;
  /** What was in force at the start. */
  readonly started: Config;
  /** With what stands over the file: options of the command line, sockets of a service manager. */
  readonly overlaid: (config: Config) => Config;
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
export async function reloadConfig(file: string, { gateway, instruments, log, started, overlaid }: ReloadOptions): Promise<Config | null> {
  const loaded = loadConfig(file);
  if (!loaded.ok) {
    for (const problem of loaded.problems) log.error('reload_refused', { problem: problem.toString() });
    log.error('reload_refused', { message: `${loaded.problems.length} mistakes; the old configuration stays in force` });
    return null;
  }
  for (const message of loaded.warnings) log.warn('config_file', { message });
  const wished = overlaid(loaded.config);
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
