import type { Config } from '../config.ts';
import { openAnySchema } from '../db/open.ts';
import { ok, problem, spanText, warning, type Finding } from './finding.ts';

const CHECK = 'clock';
const NEXT = 'timedatectl status';
/** This program was not there before, and no machine is meant to run so long without an upgrade. */
const EARLIEST = Date.UTC(2026, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
const AHEAD_MS = 60_000;
const JUMP_MS = 500;

interface ClockOptions {
  readonly config: Config | null;
  /** Read when the examination began. */
  readonly began: { readonly wall: number; readonly monotonic: number };
  readonly now: () => number;
}

/** The wall clock against reason, against the ledger, and against the time that passed since the examination began. */
export function checkClock({ config, began, now }: ClockOptions): Finding[] {
  const wall = now();
  const text = new Date(wall).toISOString();
  if (wall < EARLIEST || wall > LATEST) return [problem(CHECK, `it says ${text}, which cannot be; reports, certificates and one-time codes would all be wrong`, NEXT)];
  const found: Finding[] = [];
  const jumped = wall - began.wall - (performance.now() - began.monotonic);
  if (Math.abs(jumped) > JUMP_MS) found.push(warning(CHECK, `it was set ${jumped < 0 ? 'back' : 'forward'} by ${spanText(jumped)} during this examination`, NEXT));
  const ledger = config === null ? null : ledgerTime(config.database);
  if (ledger !== null && ledger - wall > AHEAD_MS)
    found.push(problem(CHECK, `it says ${text}, ${spanText(ledger - wall)} before the ledger's last entry: the clock runs behind, or ran ahead. Until then the ledger's time stands still`, NEXT));
  return found.length > 0 ? found : [ok(CHECK, `it says ${text}, and agrees with the ledger`)];
}

/** Null where it cannot be read: another check tells that. */
function ledgerTime(database: string): number | null {
  let db;
  try {
    db = openAnySchema(database, 'read');
    return Number(db.prepare('SELECT at FROM ledger_clock').pluck().get());
  } catch {
    return null;
  } finally {
    db?.close();
  }
}
