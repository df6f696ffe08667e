/** Which names a request may call this gateway by: against DNS rebinding, by which a web page could reach one on loopback. */
import { isIPv6 } from 'node:net';
import type { Log } from '../log.ts';

const HOSTS_TOLD_MAX = 20;

/** A host name as names are compared: lower case, no final dot, IPv6 addresses shortest and in brackets. */
export function hostName(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  const address = name.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname : name;
}

export class HostGuard {
  readonly #log: Log;
  /** Each is told to the operator once. */
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param host the header's value; @param hosts names as `hostName` gives them, or `*`. */
  allows(host: string | null, hosts: ReadonlySet<string>): boolean {
    if (host === null || hosts.has('*')) return true;
    const given = host.toLowerCase().replace(/:\d*$/, '');
    if (hosts.has(given)) return true;
    const name = hostName(given);
    if (hosts.has(name)) return true;
    if (!this.#told.has(name) && this.#told.size < HOSTS_TOLD_MAX) {
      this.#told.add(name);
      this.#log.warn('host_refused', { host: name.slice(0, 100), message: 'name it in allowed_hosts if it is yours' });
    }
    return false;
  }
}
