/** Which of the given sockets serves what. */
import { GivenSocketError, type Address, type GivenSocket, type ListenerName } from './given-sockets.ts';

export interface WantedListener {
  readonly name: ListenerName;
  /** As `HOST:PORT`, from the configuration; null: it has no address of its own there. */
  readonly setting: string | null;
}

export interface Assignment {
  readonly sockets: ReadonlyMap<ListenerName, GivenSocket>;
  /** Nobody listens on these; they are to be closed. */
  readonly unused: readonly GivenSocket[];
}

/**
 * A predecessor's socket goes on serving what it did while its setting is the same, port 0 included. A service manager's
 * is taken by its name, else by its address, else as the only one: there, the unit says what is listened on.
 * Throws `GivenSocketError` when that leaves a doubt.
 */
export function assignSockets(wanted: readonly WantedListener[], given: readonly GivenSocket[]): Assignment {
  const sockets = new Map<ListenerName, GivenSocket>();
  const unused: GivenSocket[] = [];
  for (const socket of given) {
    const name = nameOf(socket, wanted, given.length);
    if (name === null) unused.push(socket);
    else if (sockets.has(name)) throw new GivenSocketError(`two of the given sockets are for ${name}, which takes one address; one on [::] takes IPv4 as well`);
    else sockets.set(name, socket);
  }
  return { sockets, unused };
}

function nameOf(socket: GivenSocket, wanted: readonly WantedListener[], count: number): ListenerName | null {
  const { name, setting, address } = socket;
  if (setting !== null) return wanted.find((one) => one.name === name && one.setting === setting)?.name ?? null;
  if (name !== null) return wanted.find((one) => one.name === name)?.name ?? null;
  const text = socketAddressText(address);
  const byAddress = wanted.find((one) => one.setting === text);
  if (byAddress) return byAddress.name;
  if (count === 1) return 'data';
  throw new GivenSocketError(`the service manager's socket on ${text} has no name: FileDescriptorName= in its unit must be data, console or metrics`);
}

export const socketAddressText = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
