/** The end of a serving process: signals, the grace after the first, a dead ledger. */
import type { Gateway } from '../gateway.ts';
import type { Log } from '../log.ts';

export interface RunOptions {
  readonly log: Log;
  /** Milliseconds from the first signal to cutting what still runs. */
  readonly graceMs: () => number;
  /** At the first signal that ends it. */
  readonly stopping?: () => void;
  /** At SIGHUP. Must not throw. */
  readonly reload: () => Promise<void>;
}

/** The exit code when the ledger has died: the process must not go on, and a service manager should start it anew. */
export const EXIT_LEDGER_DIED = 70;

/** Handles of others must not keep a finished process alive for ever. */
const LEAVE_WITHIN_MS = 3_000;

/**
 * Resolves when the gateway has drained. First SIGTERM or SIGINT: stop accepting and let requests finish within the
 * grace; second: cut them and settle what they used; third: leave at once, and let recovery settle at the next start.
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
  });
  handlers.set('SIGHUP', oneAtATime(options.reload));
  for (const [signal, handler] of handlers) process.on(signal, handler);
  try {
    await drained;
    log.info('stopped');
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
  setTimeout(() => process.exit(), LEAVE_WITHIN_MS).unref();
}

interface StopOptions extends RunOptions {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function createStop(gateway: Gateway, { log, graceMs, stopping, resolve, reject }: StopOptions): (signal: string) => void {
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
    log.info('stopping', { signal, graceMs: graceMs() });
    stopping?.();
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
