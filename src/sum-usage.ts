/** A database of before usage was summed is summed when a server starts on it: an upgrade needs no second command. */
import { openDatabase } from './db/open.ts';
import type { Log } from './log.ts';
import { rebuildUsage } from './reports/rebuild-usage.ts';
import { readRawUsageState } from './reports/usage-state.ts';

const TELL_EVERY_MS = 2_000;

/**
 * Costs nothing where all is summed. What cannot be summed keeps no server from serving: it is logged, and reports say
 * what to do.
 */
export function sumUsage(file: string, log: Log): void {
  const db = openDatabase(file, { mode: 'write' });
  try {
    if (readRawUsageState(db).complete) return;
    log.info('usage_summing', { message: 'the database was upgraded: its earlier requests are summed for reports' });
    let told = performance.now();
    const { requests, longestWriteMs } = rebuildUsage(db, (soFar) => {
      if (performance.now() - told < TELL_EVERY_MS) return;
      told = performance.now();
      log.info('usage_summing', { ...soFar });
    });
    log.info('usage_summed', { requests, longestWriteMs: Math.round(longestWriteMs) });
  } catch (error) {
    log.error('alert_usage_not_summed', { message: (error as Error).message, next: 'ainogap verify' });
  } finally {
    db.close();
  }
}
