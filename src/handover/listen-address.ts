/** What a listening socket is bound to, read without accepting on it: Node tells the address only of what it accepts on. */
import * as fs from 'node:fs';
import type { Address } from './given-sockets.ts';

/** TCP_LISTEN of the kernel's table. */
const LISTENING = '0A';

/** Null when the descriptor is not a TCP socket that listens, or the system has no /proc: service managers that pass sockets run on Linux. */
export function readListenAddress(fd: number): Address | null {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    if (inode === undefined) return null;
    return addressIn('/proc/self/net/tcp', inode) ?? addressIn('/proc/self/net/tcp6', inode);
  } catch {
    return null;
  }
}

/** Lines as in proc(5): `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`. */
function addressIn(table: string, inode: string): Address | null {
  const line = fs
    .readFileSync(table, 'latin1')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find((fields) => fields[9] === inode && fields[3] === LISTENING);
  const [address, port] = line?.[1]?.split(':') ?? [];
  if (address === undefined || port === undefined) return null;
  return { host: address.length === 8 ? ipv4(address) : ipv6(address), port: Number.parseInt(port, 16) };
}

/** The kernel prints words of 32 bits in the order of the machine; all that Node runs on here are little-endian. */
const bytesOf = (hex: string): number[] => (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());

const ipv4 = (hex: string): string => bytesOf(hex).join('.');

function ipv6(hex: string): string {
  const bytes = bytesOf(hex);
  const groups = Array.from({ length: 8 }, (_, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16));
  // The URL parser writes an address in its canonical form.
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
