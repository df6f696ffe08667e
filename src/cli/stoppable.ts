import { CliError } from './cli-error.ts';

/** As shells have it: 128 and the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Runs what a signal may stop: then its signal aborts with a `CliError` that says `what` and has the shell's exit code. */
export async function stoppable<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const stopped = (signal: keyof typeof EXIT_CODES): void => stop.abort(new CliError(`stopped by ${signal}; ${what}.`, { exitCode: EXIT_CODES[signal] }));
  for (const signal of SIGNALS) process.on(signal, stopped);
  try {
    return await work(stop.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stopped);
  }
}
