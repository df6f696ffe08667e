import type { Config } from '../config.ts';
import { isLoopback } from '../config/scalars.ts';

type Listen = Config['listen'];
type Reached = Pick<Config, 'tls' | 'publicUrl'> & { readonly console: Pick<Config['console'], 'listen' | 'publicUrl'> };

/** Where clients of this machine reach the gateway: `http://127.0.0.1:8787`. An address that means all of them is told as loopback. */
export function originOf({ tls }: { readonly tls: object | boolean | null }, { host, port }: Listen): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${reachable}:${port}`;
}

/** Where buyers' requests go, as they reach it; no trailing slash. `address`: what is listened on, when port 0 was asked for. */
export function dataOrigin(config: Pick<Config, 'tls' | 'publicUrl' | 'listen'>, address: Listen = config.listen): string {
  return config.publicUrl ?? originOf(config, address);
}

/** Where browsers reach the console: `${consoleOrigin(config)}/console`. `address`: of the listener that serves it. */
export function consoleOrigin(config: Reached & Pick<Config, 'listen'>, address: Listen = config.console.listen ?? config.listen): string {
  if (config.console.publicUrl !== null) return config.console.publicUrl;
  // A public URL may have a path that a proxy takes off; pages and cookies are always below the root of their host.
  if (config.console.listen === null && config.publicUrl !== null) return new URL(config.publicUrl).origin;
  return originOf(config, address);
}

/** Where Prometheus reads, of the listener as it is: without TLS on loopback. */
export function metricsUrlOf({ tls }: Pick<Config, 'tls'>, address: Listen): string {
  return `${originOf({ tls: isLoopback(address.host) ? null : tls }, address)}/metrics`;
}
