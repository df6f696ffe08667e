/** Asks a gateway's `/healthz` or `/readyz` and says what it answered. Opens no database. */
import { findConfigFile } from '../config/find-config-file.ts';
import { readOwnAddress } from '../config/own-address.ts';
import { isLoopback } from '../config/scalars.ts';
import type { GlobalOptions } from './add-command.ts';
import { askHealth, type Asked } from './ask-health.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import type { HealthOptions } from './health.ts';
import { originOf } from './origin.ts';
import { printJson } from './print-json.ts';

/** Throws a `CliError` unless the gateway says that it is well. */
export async function runHealth(ctx: CliContext, options: HealthOptions, global: GlobalOptions): Promise<void> {
  const { origin, verified } = targetOf(ctx, options, global);
  const url = `${origin}/${options.ready === true ? 'readyz' : 'healthz'}`;
  const began = performance.now();
  const asked = await askHealth(url, { verified });
  const elapsedMs = Math.round(performance.now() - began);
  const reason = asked.healthy ? null : asked.reason;
  if (global.json) printJson(ctx, { healthy: asked.healthy, url, elapsedMs, reason });
  else if (asked.healthy) ctx.stdout.write(`healthy\t${url}\t${elapsedMs} ms\n`);
  if (!asked.healthy) throw notHealthy(url, asked);
}

function targetOf(ctx: CliContext, { url }: HealthOptions, global: GlobalOptions): { origin: string; verified: boolean } {
  if (url !== undefined) return givenTarget(url);
  const file = findConfigFile({ flag: global.config, env: ctx.env, cwd: ctx.cwd });
  if (file === null) throw new CliError('there is no config.yaml here, and none was named, so it is not known where the gateway listens.', { next: 'ainogap health --url http://127.0.0.1:8787' });
  const own = readOwnAddress(file);
  if (!own.ok) throw new CliError(`it is not known where the gateway listens: ${own.message}.`);
  if (own.port === 0) throw new CliError(`${file} lets the gateway take any free port, so it is not known where it listens.`, { next: 'ainogap health --url http://127.0.0.1:PORT' });
  // The certificate is this machine's own, often signed by itself, for a name that is not the address; and nothing secret is sent.
  return { origin: originOf(own, own), verified: false };
}

function givenTarget(text: string): { origin: string; verified: boolean } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw usageError('--url must be an address such as http://127.0.0.1:8787 or https://gateway.example.com.');
  return { origin: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, verified: !isLoopback(url.hostname) };
}

function notHealthy(url: string, { reason }: Extract<Asked, { healthy: false }>): CliError {
  return new CliError(`${url} ${reason}.`);
}
