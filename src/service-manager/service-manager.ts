/**
 * What a gateway tells the service manager that started it, by the protocol of sd_notify(3): that it serves, stops, reads its
 * configuration again, lives, or has a successor. Without a service manager every call does nothing.
 */
import type { Log } from '../log.ts';
import { openNotifyProcess, type NotifyProcess } from './notify-process.ts';
import { startWatchdog } from './watchdog.ts';

export interface ServiceManager {
  /** It serves, and its configuration is in force. `status`: a sentence for `systemctl status`. */
  ready(status?: string): Promise<boolean>;
  /** It ends, within so many milliseconds. */
  stopping(withinMs: number): Promise<boolean>;
  /** It reads its configuration again; `ready` follows, whatever comes of it. */
  reloading(): Promise<boolean>;
  /** The process to watch from now on. */
  mainPid(pid: number): Promise<boolean>;
  /** Says again and again that the gateway lives, if that is wanted, as long as `answers` resolves. */
  watch(answers: () => Promise<unknown>): void;
  /** What a successor needs in its environment to speak to the same service manager. */
  readonly successorEnv: Readonly<Record<string, string>>;
  /** Ends after what is under way was sent. */
  close(): void;
}

type Env = Record<string, string | undefined>;

const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/** Takes its variables out of `env`, so that other children cannot speak for the gateway. The promises never reject. */
export function openServiceManager(env: Env, { log }: { readonly log: Log }): ServiceManager {
  const [socket, watchdogUsec, watchdogPid] = VARIABLES.map((name) => env[name]);
  for (const name of VARIABLES) delete env[name];
  if (socket === undefined || socket === '') return NONE;
  const watched = watchdogPid === undefined || watchdogPid === String(process.pid);
  const watchdogMs = watched && /^\d{1,15}$/.test(watchdogUsec ?? '') ? Number(watchdogUsec) / 1000 : 0;
  const notifying = openNotifyProcess(socket, { path: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', log });
  return new Notifying(notifying, { watchdogMs, successorEnv: { NOTIFY_SOCKET: socket, ...(watchdogMs > 0 ? { WATCHDOG_USEC: watchdogUsec as string } : {}) } });
}

const NOTHING_TOLD = Promise.resolve(false);

const NONE: ServiceManager = {
  ready: () => NOTHING_TOLD,
  stopping: () => NOTHING_TOLD,
  reloading: () => NOTHING_TOLD,
  mainPid: () => NOTHING_TOLD,
  watch: () => undefined,
  successorEnv: {},
  close: () => undefined,
};

interface Facts {
  /** 0: nobody watches. */
  readonly watchdogMs: number;
  readonly successorEnv: Readonly<Record<string, string>>;
}

class Notifying implements ServiceManager {
  readonly successorEnv: Readonly<Record<string, string>>;
  readonly #process: NotifyProcess;
  readonly #watchdogMs: number;
  #stopWatchdog: () => void = () => undefined;

  constructor(notifyProcess: NotifyProcess, { watchdogMs, successorEnv }: Facts) {
    this.#process = notifyProcess;
    this.#watchdogMs = watchdogMs;
    this.successorEnv = successorEnv;
  }

  ready(status?: string): Promise<boolean> {
    return this.#process.send(['READY=1', ...(status === undefined ? [] : [`STATUS=${status}`])]);
  }

  stopping(withinMs: number): Promise<boolean> {
    // A grace longer than the unit's TimeoutStopSec is kept too.
    return this.#process.send(['STOPPING=1', `EXTEND_TIMEOUT_USEC=${Math.ceil(withinMs) * 1000}`, 'STATUS=stopping: running requests end first']);
  }

  reloading(): Promise<boolean> {
    // The clock that the service manager compares with: CLOCK_MONOTONIC is what hrtime reads on Linux.
    return this.#process.send(['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`]);
  }

  mainPid(pid: number): Promise<boolean> {
    return this.#process.send([`MAINPID=${pid}`]);
  }

  watch(answers: () => Promise<unknown>): void {
    if (this.#watchdogMs === 0) return;
    this.#stopWatchdog();
    this.#stopWatchdog = startWatchdog({ answers, everyMs: this.#watchdogMs / 3, ping: () => this.#process.send(['WATCHDOG=1']) });
  }

  close(): void {
    this.#stopWatchdog();
    this.#process.close();
  }
}
