/**
 * The listening sockets that a process is given instead of opening them: by the process that it succeeds, or by a
 * service manager (sd_listen_fds(3): as many as LISTEN_FDS says, from descriptor 3, for the process LISTEN_PID).
 */
import * as fs from 'node:fs';
import { readListenAddress } from './listen-address.ts';

export const LISTENER_NAMES = ['data', 'console', 'metrics'] as const;
export type ListenerName = (typeof LISTENER_NAMES)[number];

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface GivenSocket {
  /** Null: the service manager's unit gives it no name of ours. */
  readonly name: ListenerName | null;
  readonly fd: number;
  /** What it is bound to. */
  readonly address: Address;
  /** The setting that a predecessor opened it for; null: it is the service manager's, whatever the configuration says. */
  readonly setting: string | null;
}

/** What a process tells its successor of the sockets that it passes, in their order from descriptor 3. */
export type PassedSocket = Omit<GivenSocket, 'fd'>;

/** Sockets that cannot be used, in words. */
export class GivenSocketError extends Error {}

type Environment = Record<string, string | undefined>;

const FIRST_FD = 3;
const PASSED = 'AINOGAP_PASSED_SOCKETS';
const MANAGERS = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'] as const;

/** The environment of a successor: what it is given, and nothing of what this process was given. */
export function withPassedSockets(env: Readonly<Environment>, sockets: readonly PassedSocket[]): Environment {
  const next: Environment = { ...env, [PASSED]: JSON.stringify(sockets) };
  for (const name of MANAGERS) delete next[name];
  return next;
}

export interface TakenSockets {
  readonly sockets: readonly GivenSocket[];
  /** A predecessor passed them, and waits to hear of this process. */
  readonly passed: boolean;
}

/** Takes the sockets out of the environment, so that no child believes them to be its own. Throws `GivenSocketError`. */
export function takeGivenSockets(env: Environment, { pid, connected }: Pick<NodeJS.Process, 'pid' | 'connected'> = process): TakenSockets {
  // Without the channel to a predecessor the variable was copied from somewhere, and the descriptors are not there.
  const passed = connected ? env[PASSED] : undefined;
  const managers = passed === undefined && env['LISTEN_PID'] === String(pid) ? fromServiceManager(env) : [];
  for (const name of [PASSED, ...MANAGERS]) delete env[name];
  if (passed === undefined) return { sockets: managers, passed: false };
  return { sockets: (JSON.parse(passed) as PassedSocket[]).map((socket, index) => ({ ...socket, fd: FIRST_FD + index })), passed: true };
}

function fromServiceManager(env: Environment): GivenSocket[] {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  if (!Number.isSafeInteger(count) || count < 0) throw new GivenSocketError(`LISTEN_FDS is "${env['LISTEN_FDS']}", not a count of sockets`);
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  return Array.from({ length: count }, (_, index) => {
    const fd = FIRST_FD + index;
    const address = readListenAddress(fd);
    if (address === null) throw new GivenSocketError(`socket ${index + 1} of the service manager (${names[index] ?? 'without a name'}) is not a listening TCP socket`);
    return { name: LISTENER_NAMES.find((known) => known === names[index]) ?? null, fd, address, setting: null };
  });
}

/** Closes what nobody listens on: a connection would wait there for ever. */
export function closeGivenSockets(sockets: readonly GivenSocket[]): void {
  for (const { fd } of sockets) fs.closeSync(fd);
}
