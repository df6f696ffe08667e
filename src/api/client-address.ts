/** Who is at the other end, seen through proxies that the operator trusts and no others. */
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.process>;

/** Far more hops than there are; a longer list is somebody's invention. */
const HOPS_MAX = 20;

/** @param trusted addresses and ranges such as `10.0.0.0/8`. */
export function isTrusted(address: string, trusted: readonly string[]): boolean {
  const parsed = parse(address);
  return parsed !== null && trusted.some((range) => holds(range, parsed));
}

/**
 * The client's address: of the connection, or, when that is a trusted proxy's, the rightmost of `X-Forwarded-For` that is
 * not. What stands further left was written by whoever liked to. IPv4 addresses in IPv6 form come back as IPv4.
 */
export function clientAddress({ remote, forwardedFor, trusted }: { readonly remote: string; readonly forwardedFor: string | undefined; readonly trusted: readonly string[] }): string {
  let client = plain(remote);
  if (forwardedFor === undefined) return client;
  for (const hop of forwardedFor.split(',').slice(-HOPS_MAX).reverse()) {
    if (!isTrusted(client, trusted)) return client;
    const address = withoutPort(hop.trim());
    if (parse(address) === null) return client;
    client = plain(address);
  }
  return client;
}

function holds(range: string, address: Address): boolean {
  const [network, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : ([ipaddr.process(range), null] as const);
  if (network.kind() !== address.kind()) return false;
  return address.match(network, bits ?? (network.kind() === 'ipv4' ? 32 : 128));
}

/** Only whole addresses: the library also takes `127.1` and octal forms, which others read differently. */
function parse(address: string): Address | null {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return null;
  return ipaddr.process(address);
}

const plain = (address: string): string => parse(address)?.toString() ?? address;

/** Some proxies write `192.0.2.7:4711` or `[2001:db8::7]:4711`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}
