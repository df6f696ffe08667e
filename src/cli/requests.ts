/** `ainogap requests`: the meter's record. */
import type { Command } from 'commander';
import { formatRequestId } from '../ids.ts';
import { formatUsdc } from '../money.ts';
import { listRoutes } from '../registry/routes.ts';
import { RECORD_FIELDS, requestJson } from '../reports/request-json.ts';
import { prunedBefore } from '../reports/pruned.ts';
import { listRequests } from '../reports/requests.ts';
import type { RequestEntry, RequestFilter } from '../reports/requests.ts';
import { TOKEN_CLASSES, CLASS_WORDS } from '../tokens.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { tellPruned } from './archive-words.ts';
import { usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { LIMIT_DEFAULT, parseLimit } from './parse-limit.ts';
import { parseSince } from '../reports/parse-time.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import type { Column } from './print-table.ts';
import { didYouMean } from '../nearest.ts';
import { isoTime } from '../documents/iso-time.ts';

interface RequestsOptions {
  readonly buyer?: string;
  readonly route?: string;
  readonly since?: string;
  readonly limit?: string;
}

export function registerRequests(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'requests',
    description: "list the meter's record of requests, newest first",
    example: 'ainogap requests --buyer acme --since 2h\nainogap requests --route claude-fast --since 2026-11-23 --json',
  })
    .option('--buyer <buyer>', 'only those of this buyer')
    .option('--route <alias>', 'only those to this route')
    .option('--since <time>', 'only those started since: 30m, 2h, 7d, today, 2026-11-23 or an ISO time (UTC)')
    .option('--limit <n>', `at most so many (default: ${LIMIT_DEFAULT})`)
    .action(async (options: RequestsOptions, command: Command) => {
      const global = globalOptions(command);
      const range = parseRange(options, ctx.now());
      const { entries, pruned } = await withDatabase(readConfig(ctx, global).database, 'read', (db) => {
        const filter: RequestFilter = {
          ...range,
          ...(options.buyer === undefined ? {} : { buyerId: requireBuyer(db, options.buyer).id }),
          ...(options.route === undefined ? {} : { route: options.route }),
        };
        const found = listRequests(db, filter);
        if (found.length === 0 && options.route !== undefined) hintAtRoute(ctx, options.route, listRoutes(db).map(({ alias }) => alias));
        return { entries: found, pruned: prunedBefore(db) };
      });
      if (global.json) return printJson(ctx, { requests: entries.map(requestJson), prunedBefore: pruned });
      if (ctx.stdout.isTTY) printTable(ctx, COLUMNS, entries);
      else printTable(ctx, RECORD_COLUMNS, entries.map(requestJson));
      if (entries.length === 0) ctx.stderr.write('No requests found.\n');
      if (entries.length === range.limit) ctx.stderr.write(`The newest ${range.limit}; more with --limit.\n`);
      else tellPruned(ctx, pruned, range.since);
    });
}

/** A deleted route's record can still be asked for, so an unknown alias is no error. */
function hintAtRoute(ctx: CliContext, alias: string, aliases: readonly string[]): void {
  if (!aliases.includes(alias)) ctx.stderr.write(`! There is no route "${alias}" now.${didYouMean(alias, aliases)}\n`);
}

function parseRange(options: RequestsOptions, now: number): { limit: number; since?: number } {
  const limit = parseLimit(options.limit);
  if (options.since === undefined) return { limit };
  const since = parseSince(options.since, now);
  if (!since.ok) throw usageError(`--since: ${since.reason}.`);
  return { limit, since: since.ms };
}

const text = (value: string | number | null): string => (value === null ? '' : String(value));

/** For scripts: the record's fields as they are. */
const RECORD_COLUMNS: readonly Column<ReturnType<typeof requestJson>>[] = RECORD_FIELDS.map((field) => ({
  title: field,
  cell: (record) => String(record[field] ?? ''),
}));

const COLUMNS: readonly Column<RequestEntry>[] = [
  { title: 'started UTC', cell: (entry) => isoTime(entry.startedAt).slice(5, 19).replace('T', ' '), drop: 3 },
  { title: 'request', cell: (entry) => formatRequestId(entry.requestId) },
  { title: 'buyer', cell: (entry) => entry.buyerName, drop: 4, shrink: true },
  { title: 'route', cell: (entry) => text(entry.route), drop: 5, shrink: true },
  { title: 'model', cell: (entry) => text(entry.model), drop: 6, shrink: true },
  ...TOKEN_CLASSES.map(
    (tokenClass): Column<RequestEntry> => ({
      title: CLASS_WORDS[tokenClass],
      cell: (entry) => String(entry.tokens[tokenClass]),
      align: 'right',
      tokenClass,
      drop: 2,
    }),
  ),
  { title: 'charge', cell: (entry) => formatUsdc(entry.charge, 6), align: 'right' },
  { title: 'source', cell: (entry) => entry.usageSource, drop: 7 },
  { title: 'status', cell: (entry) => entry.status, drop: 1 },
  { title: 'ms', cell: (entry) => String(entry.durationMs), align: 'right', drop: 8 },
  { title: 'first byte', cell: (entry) => text(entry.timeToFirstByteMs), align: 'right', drop: 9 },
  { title: 'upstream', cell: (entry) => text(entry.upstream), drop: 10, shrink: true },
  { title: 'upstream request', cell: (entry) => text(entry.upstreamRequestId), drop: 11, shrink: true },
];
