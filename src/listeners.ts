/** What a gateway listens on: the data plane's listener, and the console's own where it has one. */
import * as fs from 'node:fs';
import { addressText, type Config } from './config.ts';
import { socketAddressText } from './handover/assign-sockets.ts';
import type { Address, GivenSocket, ListenerName } from './handover/given-sockets.ts';
import type { Deps } from './proxy/deps.ts';
import { openProxyServer, type Control, type ProxyServer } from './proxy/server.ts';

/** What is listened on. */
export interface Addresses {
  readonly data: Address;
  /** The same as `data` unless the console has a listener of its own. */
  readonly console: Address;
  /** Null: there are no metrics. */
  readonly metrics: Address | null;
}

/** Sockets that were given instead of opening them. */
export type GivenSockets = ReadonlyMap<ListenerName, GivenSocket>;

export interface Listeners {
  readonly addresses: Omit<Addresses, 'metrics'>;
  readonly data: ProxyServer;
  /** For a successor, with their descriptors here. Null when the runtime does not tell one. */
  sockets(): readonly GivenSocket[] | null;
  /** Requests that have no whole answer yet. */
  unanswered(): number;
  /** See `ProxyServer`. */
  drain(): Promise<void>;
  handOff(): Promise<void>;
  cut(): Promise<void>;
}

interface Listener {
  readonly name: ListenerName;
  readonly server: ProxyServer;
  readonly setting: string | null;
}

export interface OpenListenersOptions {
  /** The control plane; on the data plane's listener unless it has an address of its own. */
  readonly control: Control | null;
  readonly given: GivenSockets;
}

export async function openListeners(deps: Deps, config: Config, { control, given }: OpenListenersOptions): Promise<Listeners> {
  const shared = { tls: readTls(config), connectionsMax: config.limits.connectionsMax };
  const apart = control === null ? null : config.console.listen;
  const all: Listener[] = [];
  const open = async (name: ListenerName, listen: Address, serves: { control: Control | null; serves: 'all' | 'control' }): Promise<void> => {
    const socket = given.get(name);
    const server = await openProxyServer(deps, { ...listen, ...shared, ...serves, fd: socket?.fd ?? null });
    // A service manager's stays its own, through every successor: the unit says where to listen, not the configuration.
    const managers = socket?.setting === null;
    all.push({ name, server, setting: managers ? null : addressText(listen) });
  };
  try {
    await open('data', config.listen, { control: apart ? null : control, serves: 'all' });
    if (apart) await open('console', apart, { control, serves: 'control' });
  } catch (error) {
    for (const { server } of all) await server.cut().then(() => server.drain());
    throw error;
  }
  const data = (all[0] as Listener).server;
  const each = async (act: (server: ProxyServer) => Promise<void>): Promise<void> => void (await Promise.all(all.map(({ server }) => act(server))));
  return {
    data,
    addresses: { data: data.address, console: (all[1]?.server ?? data).address },
    sockets: () => passable(all),
    unanswered: () => all.reduce((sum, { server }) => sum + server.unanswered(), 0),
    drain: () => each((server) => server.drain()),
    handOff: () => each((server) => server.handOff()),
    cut: () => each((server) => server.cut()),
  };
}

function passable(all: readonly Listener[]): GivenSocket[] | null {
  const sockets: GivenSocket[] = [];
  for (const { name, server, setting } of all) {
    const fd = server.descriptor();
    if (fd === null) return null;
    sockets.push({ name, fd, address: server.address, setting });
  }
  return sockets;
}

export function readTls(config: Config): { cert: Buffer; key: Buffer } | null {
  return config.tls && { cert: fs.readFileSync(config.tls.cert), key: fs.readFileSync(config.tls.key) };
}

/** The configuration with what a service manager's sockets are bound to in the place of what it says itself. */
export function withGivenAddresses(config: Config, given: GivenSockets): Config {
  const data = given.get('data');
  const own = given.get('console');
  const metrics = given.get('metrics');
  const byKey = new Map([['listen', data], ['console.listen', own], ['metrics.listen', metrics]]);
  const settings = config.settings.map((setting) => {
    const socket = byKey.get(setting.key);
    return socket?.setting === null ? { ...setting, value: socketAddressText(socket.address), from: 'option' as const, line: null } : setting;
  });
  return {
    ...config,
    listen: data?.setting === null ? data.address : config.listen,
    console: own?.setting === null ? { ...config.console, listen: own.address } : config.console,
    metrics: metrics?.setting === null ? { ...config.metrics, listen: metrics.address } : config.metrics,
    settings,
  };
}
