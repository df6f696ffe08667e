import type { Config } from '../config.ts';

/** Where clients of this machine reach the gateway: `http://127.0.0.1:8787`. An address that means all of them is told as loopback. */
export function originOf({ tls }: Pick<Config, 'tls'>, { host, port }: Config['listen']): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${reachable}:${port}`;
}
