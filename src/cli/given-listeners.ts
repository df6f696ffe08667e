/** From the sockets that this process was given to the listeners of its configuration. */
import { addressText, type Config } from '../config.ts';
import { assignSockets, socketAddressText, type WantedListener } from '../handover/assign-sockets.ts';
import { closeGivenSockets, GivenSocketError, takeGivenSockets, type GivenSocket, type TakenSockets } from '../handover/given-sockets.ts';
import { withGivenAddresses, type GivenSockets } from '../listeners.ts';
import type { Log } from '../log.ts';
import { CliError } from './cli-error.ts';

/** Out of the environment of this process. Throws a `CliError`. */
export function takeSockets(): TakenSockets {
  return inWords(() => takeGivenSockets(process.env));
}

/** The configuration that is in force with the given sockets, and which of them serves what. Throws a `CliError`. */
export function placeSockets(config: Config, given: readonly GivenSocket[], log: Log): { config: Config; sockets: GivenSockets } {
  const { sockets, unused } = inWords(() => assignSockets(wantedOf(config), given));
  for (const { name, address, setting } of unused)
    log.warn('socket_closed', { name, address: socketAddressText(address), message: setting === null ? 'nothing is configured to listen on it' : 'the configuration listens elsewhere now' });
  closeGivenSockets(unused);
  const placed = withGivenAddresses(config, sockets);
  for (const [name, { setting, address }] of sockets) if (setting === null) log.info('socket_given', { name, address: socketAddressText(address) });
  return { config: placed, sockets };
}

function wantedOf({ listen, console, metrics }: Config): WantedListener[] {
  const wanted: WantedListener[] = [{ name: 'data', setting: addressText(listen) }];
  if (console.enabled) wanted.push({ name: 'console', setting: console.listen && addressText(console.listen) });
  // Only where the configuration has an address for them: who may read them is decided there.
  if (metrics.listen !== null) wanted.push({ name: 'metrics', setting: addressText(metrics.listen) });
  return wanted;
}

function inWords<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof GivenSocketError) throw new CliError(`${error.message}.`);
    throw error;
  }
}
