/** The end of a serving process: signals, the grace after the first, a dead ledger. */
import type { Gateway } from '../gateway.ts';
import type { HandOver } from '../handover/hand-over.ts';
import type { Successor } from '../handover/successor.ts';
import type { Log } from '../log.ts';

export interface RunOptions {
  readonly log: Log;
  /** Milliseconds from the first signal to cutting what still runs. */
  readonly graceMs: () => number;
  /** Milliseconds from handing over to cutting what still runs. */
  readonly handoverGraceMs: () => number;
  /** At SIGHUP. Must not throw. */
  readonly reload: () => Promise<void>;
  /** At SIGUSR2, and whenever somebody else begins it. */
  readonly handOver: HandOver;
  /** At the first signal that ends it. */
  readonly stopping: () => void;
}

/** The exit code when the ledger has died: the process must not go on, and a service manager should start it anew. */
export const EXIT_LEDGER_DIED = 70;

/** Handles of others must not keep a finished process alive for ever. */
const LEAVE_WITHIN_MS = 3_000;

/**
 * Resolves when the gateway has drained. First SIGTERM or SIGINT: stop accepting and let requests finish within the
 * grace; second: cut them and settle what they used; third: leave at once, and let recovery settle at the next start.
 * SIGUSR2 starts a successor on the same sockets; once it serves, this process finishes what it has and ends.
 */
export async function runUntilSignal(gateway: Gateway, options: RunOptions): Promise<void> {
  const { log } = options;
  void gateway.died.then((reason) => {
    log.error('ledger_died', { message: reason.message });
    process.exit(EXIT_LEDGER_DIED);
  });
  const handlers = new Map<NodeJS.Signals, () => void>();
  const drained = new Promise<void>((resolve, reject) => {
    const stop = createStop(gateway, { ...options, resolve, reject });
    handlers.set('SIGTERM', () => stop('SIGTERM')).set('SIGINT', () => stop('SIGINT'));
    void options.handOver.done.then((successor) => finish(gateway, successor, { ...options, resolve, reject, stop }));
  });
  handlers.set('SIGUSR2', () => void options.handOver.begin('SIGUSR2'));
  handlers.set('SIGHUP', oneAtATime(options.reload));
  for (const [signal, handler] of handlers) process.on(signal, handler);
  try {
    await drained;
    log.info('stopped');
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}

/** To be called when all is done. */
export function leaveSoon(): void {
  setTimeout(() => process.exit(), LEAVE_WITHIN_MS).unref();
}

interface StopOptions extends RunOptions {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The successor serves: what is open here may take its time. */
function finish(gateway: Gateway, successor: Successor, options: StopOptions & { readonly stop: (signal: string) => void }): void {
  const { log, handoverGraceMs, resolve, reject, stop } = options;
  void successor.stopAsked.then(() => stop('successor'));
  void successor.ended.then((how) => log.error('successor_ended', { pid: successor.pid, how, message: 'nobody listens any more; start `ainogap serve`' }));
  const timer = setTimeout(() => {
    log.warn('handover_grace_is_over', { message: 'cutting what still runs; partial charges are settled', unanswered: gateway.unanswered() });
    Promise.all([gateway.drain(), gateway.abort()]).catch(reject);
  }, handoverGraceMs());
  gateway
    .handOff()
    .then(resolve, reject)
    .finally(() => clearTimeout(timer));
}

function createStop(gateway: Gateway, { log, graceMs, handOver, stopping, resolve, reject }: StopOptions): (signal: string) => void {
  let signals = 0;
  const cut = (event: string): void => {
    log.warn(event, { message: 'cutting what still runs; partial charges are settled' });
    gateway.abort().catch(reject);
  };
  return (signal) => {
    signals++;
    if (signals > 2) {
      log.error('left_unsettled', { message: 'recovery settles what still ran at the next start' });
      process.exit(1);
    }
    if (signals === 2) return cut('second_signal');
    handOver.abort();
    log.info('stopping', { signal, graceMs: graceMs() });
    stopping();
    const timer = setTimeout(() => cut('grace_is_over'), graceMs());
    gateway
      .drain()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  };
}

/** A signal that comes while one is being followed is followed afterwards, once. */
function oneAtATime(run: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const start = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      await run();
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void start();
  };
}
