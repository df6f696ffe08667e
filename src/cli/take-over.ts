/** What a process does differently that was started to succeed another. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, openDatabase } from '../db/open.ts';
import type { Predecessor } from '../handover/predecessor.ts';
import type { Log } from '../log.ts';
import { CliError } from './cli-error.ts';
import { productVersion } from './version.ts';

/** Beyond the grace that a predecessor has for its requests. */
const PREDECESSOR_LEAVES_WITHIN_MS = 3_000;

/** Its default action would end a process that is asked before it serves. Answers how to take that back. */
export function refuseHandOver(log: Log): () => void {
  const refuse = (): void => log.error('handover_refused', { by: 'SIGUSR2', message: 'this process does not serve yet' });
  process.on('SIGUSR2', refuse);
  return () => void process.off('SIGUSR2', refuse);
}

/** Asks for more time when the database must be upgraded first. Whatever else is wrong with it is found when it is opened to be used. */
export function announceUpgrade(predecessor: Predecessor, database: string): void {
  try {
    openDatabase(database, { mode: 'read' }).close();
  } catch (error) {
    if (error instanceof DatabaseError && error.code === 'older_schema') predecessor.upgrading();
  }
}

/** Passes on why this process does not serve. */
export async function refuseToTakeOver(predecessor: Predecessor, error: unknown): Promise<void> {
  await predecessor.refuse((error as Error).message, error instanceof CliError ? error.next : undefined);
}

/** Resolves when this process alone serves. Nothing is announced: the predecessor's words and address stand on standard output already. */
export async function takeOver(predecessor: Predecessor, { url, log }: { readonly url: string; readonly log: Log }): Promise<void> {
  await predecessor.ready(productVersion());
  log.info('took_over', { from: predecessor.pid, url, version: productVersion() });
  void predecessor.gone.then(() => log.info('predecessor_ended', { pid: predecessor.pid }));
}

/**
 * A service manager kills what is left of its service when its main process ends. After a hand-over of its own this process
 * stays too: through it the predecessor hears that the successor is told to stop, and would take its end for that of the gateway.
 */
export async function letPredecessorEnd(predecessor: Predecessor, graceMs: number): Promise<void> {
  const patience = new AbortController();
  await Promise.race([predecessor.gone, sleep(graceMs + PREDECESSOR_LEAVES_WITHIN_MS, null, { signal: patience.signal })]);
  patience.abort();
}
