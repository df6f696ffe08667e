/** What `ainogap prune` says. */
import * as fs from 'node:fs';
import type { PrunePlan } from '../archive/prune-plan.ts';
import type { Pruned } from '../archive/prune-requests.ts';
import type { Db } from '../db/open.ts';
import { isoTime } from '../documents/iso-time.ts';
import { formatUsdc, jsonMicros } from '../money.ts';
import { utcDayName } from '../reports/pruned.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';
import type { Shrunk } from './vacuum.ts';

export const requestsText = (count: number): string => `${count.toLocaleString('en-US')} ${count === 1 ? 'request' : 'requests'}`;

export function planJson(plan: PrunePlan): Record<string, unknown> {
  const time = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
  return {
    before: utcDayName(plan.beforeDay),
    requests: plan.requests,
    chargeUsdMicros: jsonMicros(plan.charge),
    shortfallUsdMicros: jsonMicros(plan.shortfall),
    firstSettledAt: time(plan.firstSettledAt),
    lastSettledAt: time(plan.lastSettledAt),
  };
}

const nothingToMove = (plan: PrunePlan): string => `Nothing to move: no request that settled before ${utcDayName(plan.beforeDay)} (UTC) is in the database.\n`;

/** `12,345 requests, settled from 2026-08-01 to 2026-10-31 (UTC), charged 812.401200 USDC` */
function planWords({ requests, charge, firstSettledAt, lastSettledAt }: PrunePlan): string {
  const day = (ms: number | null): string => isoTime(ms ?? 0).slice(0, 10);
  return `${requestsText(requests)}, settled from ${day(firstSettledAt)} to ${day(lastSettledAt)} (UTC), charged ${formatUsdc(charge, 6)} USDC`;
}

export function reportPlan(ctx: CliContext, { plan, archive, json }: { plan: PrunePlan; archive: string; json: boolean }): void {
  if (json) return printJson(ctx, { ...planJson(plan), archive: plan.requests === 0 ? null : archive, dryRun: true });
  ctx.stdout.write(plan.requests === 0 ? nothingToMove(plan) : `Would move ${planWords(plan)}\n  to ${archive}\n`);
  if (plan.requests > 0 && fs.existsSync(archive)) ctx.stderr.write('! There is such a file already, and archives never overwrite one: give another name with --out FILE.\n');
}

export function reportMoved(ctx: CliContext, { plan, archive }: Pruned): void {
  if (archive === null) ctx.stdout.write(nothingToMove(plan));
  else ctx.stdout.write(`Moved ${planWords(plan)}\n  to ${archive.file} (${megabytes(archive.bytes)}, SHA-256 of its text ${archive.sha256})\n`);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Below this nobody minds. */
const FREE_WORTH_TELLING = 1e6;

/** What became of the room that the rows took. */
export function tellSpace(ctx: CliContext, db: Db, { shrunk, day }: { shrunk: Shrunk | null; day: string }): void {
  if (shrunk !== null) {
    ctx.stderr.write(`The database has ${megabytes(shrunk.bytes)} now; it had ${megabytes(shrunk.before)}.\n`);
    return;
  }
  const free = Number(db.pragma('freelist_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  if (free < FREE_WORTH_TELLING) return;
  ctx.stderr.write(`${megabytes(free)} of the database are free now, and are used again by new requests. The file itself shrinks only while nothing serves it:\n  ainogap prune --before ${day} --vacuum\n`);
}
