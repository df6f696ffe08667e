/** What a serving process has of the hand-over: the control socket beside its database, and the way to a successor. */
import * as fs from 'node:fs';
import type { Config } from '../config.ts';
import type { Gateway } from '../gateway.ts';
import { openControlSocket, type ControlSocket } from '../handover/control-socket.ts';
import { HandOver } from '../handover/hand-over.ts';
import { hindranceOf, surroundings } from '../handover/hindrance.ts';
import type { ProgramCommand } from '../handover/program-command.ts';
import type { Log } from '../log.ts';
import type { ServiceManager } from '../service-manager/service-manager.ts';
import { productVersion } from './version.ts';

export interface ServeControlOptions {
  readonly log: Log;
  readonly manager: ServiceManager;
  readonly command: ProgramCommand;
  readonly demo: boolean;
}

export function createHandOver(gateway: Gateway, { log, manager, command, demo }: ServeControlOptions): HandOver {
  const demoHasNone = { message: 'the demo has no successor: its data is thrown away with its process', next: 'ainogap serve' };
  const notified = 'NOTIFY_SOCKET' in manager.successorEnv;
  return new HandOver({
    log,
    command,
    cwd: process.cwd(),
    env: { ...process.env, ...manager.successorEnv },
    hindrance: () => (demo ? demoHasNone : hindranceOf(surroundings(notified))),
    sockets: () => gateway.sockets(),
    unanswered: () => gateway.unanswered(),
    tellServiceManager: async (pid) => !notified || (await manager.mainPid(pid)),
    handedToSuccessor: () => void manager.close(),
    // install.sh looks for these words.
    status: (sentence) => void manager.ready(sentence),
  });
}

/** Null where there can be none; then a signal is what is left. */
export async function openServeControl(config: Config, url: string, { handOver, log }: { handOver: HandOver; log: Log }): Promise<ControlSocket | null> {
  if (process.platform === 'win32') return null;
  try {
    return await openControlSocket({
      database: fs.realpathSync(config.database),
      introduce: () => ({ kind: 'introduction', pid: process.pid, version: productVersion(), url, state: handOver.handedOver ? 'handedOver' : 'serving' }),
      handOver: () => handOver.begin('ainogap handover'),
    });
  } catch (error) {
    log.warn('control_socket', { message: `ainogap handover cannot reach this process (${(error as Error).message}); send it SIGUSR2 instead` });
    return null;
  }
}
