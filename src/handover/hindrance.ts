/** Where a process may not end while its successor lives. */
import * as fs from 'node:fs';

export interface Hindrance {
  readonly message: string;
  readonly next?: string;
}

/** Programs that end a container when the one process that they started ends. */
const SMALL_INITS = new Set(['tini', 'tini-static', 'docker-init', 'dumb-init', 'catatonit']);

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly pid: number;
  readonly ppid: number;
  /** The name of process 1; null where it cannot be read. */
  readonly init: string | null;
  /** It is the main process of a service of systemd that does not hear which process is. */
  readonly unheard: boolean;
}

/** @param notified this process can tell a service manager which process is the main one. */
export function surroundings(notified: boolean): Surroundings {
  const unheard = !notified && process.env['SYSTEMD_EXEC_PID'] === String(process.pid);
  return { platform: process.platform, pid: process.pid, ppid: process.ppid, init: initName(), unheard };
}

export function hindranceOf({ platform, pid, ppid, init, unheard }: Surroundings): Hindrance | null {
  if (platform === 'win32') return { message: 'Windows passes no listening socket to another process; a restart refuses connections for as long as it takes' };
  const container = 'the container would end with it, and the successor too';
  const next = 'restart the container, or start the new one beside it on another port and send clients there';
  if (pid === 1) return { message: `this is process 1 of a container: ${container}`, next };
  if (ppid === 1 && init !== null && SMALL_INITS.has(init)) return { message: `this process was started by ${init}, process 1 of a container: ${container}`, next };
  if (unheard) return { message: 'systemd would end the successor with this process, for its unit does not let it hear of another: it needs Type=notify and NotifyAccess=all', next: 'systemctl restart ainogap' };
  return null;
}

function initName(): string | null {
  try {
    return fs.readFileSync('/proc/1/comm', 'utf8').trim();
  } catch {
    return null;
  }
}
