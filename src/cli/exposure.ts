/** What of the gateway other machines can reach: refused, or told to the operator. */
import { isLoopback, type Config } from '../config.ts';
import type { Gateway } from '../gateway.ts';
import type { Log } from '../log.ts';
import { CliError } from './cli-error.ts';

/** Throws a `CliError` for what may not be reachable as it is configured; `insecure` only warns of it. */
export function refuseExposure(config: Config, insecure: boolean, log: Log): void {
  refuseOpenMetrics(config, insecure, log);
  if (config.tls !== null || config.trustedProxies.length > 0) return;
  const own = config.console.enabled ? config.console.listen : null;
  const metrics = config.metrics.token === null ? null : config.metrics.listen;
  // Keys and prompts cross the network in the clear without TLS.
  for (const [listen, what] of [[config.listen, 'keys and prompts'], [own, 'passwords and sessions'], [metrics, 'metrics and their token']] as const) {
    if (listen === null || isLoopback(listen.host)) continue;
    const { host } = listen;
    if (!insecure)
      throw new CliError(
        `${host} is reachable from other machines, and without TLS ${what} could be read on the way. Configure tls, or trusted_proxies if a proxy in front does TLS, or accept it with --insecure.`,
      );
    log.warn('insecure', { message: `${host} is reachable from other machines without TLS; ${what} can be read on the way` });
  }
}

/** They hold no secret, but the business: whoever may read them must be known. */
function refuseOpenMetrics({ metrics: { listen, token } }: Config, insecure: boolean, log: Log): void {
  if (listen === null || token !== null || isLoopback(listen.host)) return;
  const told = `${listen.host} is reachable from other machines, and metrics tell whoever asks what is sold and at what price`;
  if (!insecure) throw new CliError(`${told}. Set metrics.token, or accept it with --insecure.`);
  log.warn('insecure', { message: `${told}; metrics.token would keep them to those who know it` });
}

/** What the operator would otherwise learn from a refused client, or from nobody. */
export function warnOfExposure(config: Config, gateway: Gateway, log: Log): void {
  const { data, console: own, metrics } = gateway.addresses;
  const everywhere = [data, own, metrics].some((address) => address?.host === '0.0.0.0' || address?.host === '::');
  if (everywhere && config.allowedHosts.length === 0 && config.publicUrl === null)
    log.warn('allowed_hosts', { message: 'requests that name this machine by another address are refused: list them in allowed_hosts, or set public_url' });
}
