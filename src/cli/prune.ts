/** `ainogap prune`: old request rows leave the database for an archive; balances, statements and usage stay what they are. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Command } from 'commander';
import { planPrune } from '../archive/prune-plan.ts';
import { archiveName, pruneRequests, type Pruned, type PruneStage } from '../archive/prune-requests.ts';
import type { Db } from '../db/open.ts';
import { printable } from '../printable.ts';
import { parseTime } from '../reports/parse-time.ts';
import { utcDayName } from '../reports/pruned.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { archiveInWords } from './archive-words.ts';
import { cliActor } from './cli-actor.ts';
import { usageError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { listArchivesCommand } from './prune-list.ts';
import { planJson, reportMoved, reportPlan, requestsText, tellSpace } from './prune-words.ts';
import { stoppable } from './stoppable.ts';
import { refuseServed, vacuum } from './vacuum.ts';
import { productVersion } from './version.ts';

interface PruneCommandOptions {
  readonly before?: string;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly vacuum?: boolean;
  readonly list?: boolean;
}

const DAY_MS = 86_400_000;

export function registerPrune(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'prune',
    description: 'move the request rows of old days into a compressed archive; balances, statements, usage and the ledger stay',
    example: 'ainogap prune --before 2026-11-01 --dry-run\nainogap prune --before 90d --yes --out /backup/requests.jsonl.gz\nainogap receipt req_01jd8m2x5k0c0 --from /backup/requests.jsonl.gz',
    exitCodes: '0 done, 1 failed, 2 wrong usage, 129, 130 or 143 stopped by a signal; run it again to go on',
  })
    .option('--before <day>', 'move what settled before this UTC day: 2026-11-01, 2026-11 or 90d; at the latest yesterday')
    .option('--out <file>', 'the archive, or the folder for it; never one that is there (default: beside the database)')
    .option('--dry-run', 'say what would be moved, and change nothing')
    .option('--yes', 'do not ask')
    .option('--vacuum', 'give the freed space back to the disk afterwards; refused while the database is served')
    .option('--list', 'list the archives that were made')
    .action(async (options: PruneCommandOptions, command: Command) => {
      const global = globalOptions(command);
      if (options.list === true) {
        if (Object.keys(options).length > 1) throw usageError('--list stands alone.');
        return listArchivesCommand(ctx, readConfig(ctx, global).database, global.json);
      }
      const beforeDay = dayOf(options.before, ctx.now());
      const { database } = readConfig(ctx, global);
      try {
        await pruneCommand(ctx, database, { beforeDay, options, json: global.json });
      } catch (error) {
        throw archiveInWords(error);
      }
    });
}

/** What looks at the newest rows, such as the health of upstreams, finds those of a day at least. */
function dayOf(text: string | undefined, now: number): number {
  if (text === undefined) throw usageError('prune needs --before DAY, the first day whose requests stay.', 'ainogap prune --before 90d --dry-run');
  const parsed = parseTime(text, { now, timezone: 'UTC', days: 'calendar' });
  if (!parsed.ok) throw usageError(`--before: ${parsed.reason}.`);
  if (parsed.start % DAY_MS !== 0) throw usageError(`--before: "${text}" is not the beginning of a UTC day; write one such as ${utcDayName(Math.floor(parsed.start / DAY_MS))}.`);
  const [day, latest] = [parsed.start / DAY_MS, Math.floor(now / DAY_MS) - 1];
  if (day > latest) throw usageError(`--before: ${utcDayName(day)} is too late. Requests of today and yesterday stay, so it can be ${utcDayName(latest)} at the latest.`);
  if (day <= 0) throw usageError(`--before: ${utcDayName(Math.max(0, day))} is before all requests.`);
  return day;
}

interface Wanted {
  readonly beforeDay: number;
  readonly options: PruneCommandOptions;
  readonly json: boolean;
}

async function pruneCommand(ctx: CliContext, database: string, { beforeDay, options, json }: Wanted): Promise<void> {
  const archive = archiveFile(ctx, database, { out: options.out, beforeDay });
  const plan = await withDatabase(database, 'read', (db) => {
    if (options.vacuum === true) refuseServed(db);
    return planPrune(db, beforeDay);
  });
  if (options.dryRun === true) return reportPlan(ctx, { plan, archive, json });
  const question = `Move ${requestsText(plan.requests)} that settled before ${utcDayName(beforeDay)} (UTC) to ${archive}? They leave the database; balances, statements and usage stay.`;
  if (plan.requests > 0) await confirm(ctx, question, options.yes === true);
  await withDatabase(database, 'write', async (db) => {
    const pruned = await moveRows(ctx, db, { beforeDay, archive });
    if (!json) reportMoved(ctx, pruned);
    const shrunk = options.vacuum === true ? vacuum(db) : null;
    if (json) printJson(ctx, { ...planJson(pruned.plan), archive: pruned.archive?.file ?? null, archiveBytes: pruned.archive?.bytes ?? null, sha256: pruned.archive?.sha256 ?? null, longestWriteMs: Math.round(pruned.longestWriteMs), vacuumed: shrunk !== null });
    else tellSpace(ctx, db, { shrunk, day: utcDayName(beforeDay) });
  });
}

function archiveFile(ctx: CliContext, database: string, { out, beforeDay }: { out: string | undefined; beforeDay: number }): string {
  const name = archiveName(database, utcDayName(beforeDay));
  if (out === undefined) return path.join(path.dirname(realPath(database)), name);
  if (out === '') throw usageError('--out needs the path of a file or a folder.');
  const given = path.resolve(ctx.cwd, out);
  return fs.statSync(given, { throwIfNoEntry: false })?.isDirectory() === true ? path.join(given, name) : given;
}

/** One that is not there is told when it is opened. */
const realPath = (file: string): string => (fs.existsSync(file) ? fs.realpathSync(file) : path.resolve(file));

function moveRows(ctx: CliContext, db: Db, { beforeDay, archive }: { beforeDay: number; archive: string }): Promise<Pruned> {
  return stoppable('what was written and moved so far is sound: run the same command again to go on', async (signal) => {
    const { createProgressBar } = await import('./progress-bar.ts');
    let stage: PruneStage | null = null;
    let bar = createProgressBar(ctx);
    try {
      return await pruneRequests(db, {
        beforeDay,
        archive,
        by: cliActor(),
        now: () => ctx.now(),
        program: productVersion(),
        signal,
        onProgress: (of, done, expected) => {
          if (of !== stage) bar.clear();
          if (of !== stage) bar = createProgressBar(ctx);
          stage = of;
          bar.update(done, expected);
        },
        onInterrupted: (words) => ctx.stderr.write(`${printable(words)}\n`),
      });
    } finally {
      bar.clear();
    }
  });
}
