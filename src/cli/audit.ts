/** `ainogap audit`: who changed what, and when. */
import type { Command } from 'commander';
import { readAudit } from '../audit/read-audit.ts';
import type { AuditEntry, AuditFilter } from '../audit/read-audit.ts';
import { AUDIT_FIELDS, auditJson } from '../documents/audit-json.ts';
import { isoTime } from '../documents/iso-time.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { auditWords } from './audit-words.ts';
import { usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { LIMIT_DEFAULT, parseLimit } from './parse-limit.ts';
import { parseTime } from '../reports/parse-time.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import type { Column } from './print-table.ts';

interface AuditOptions {
  readonly since?: string;
  readonly until?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly buyer?: string;
  readonly limit?: string;
}

export function registerAudit(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'audit',
    description: 'list who changed what, newest first',
    example: 'ainogap audit --since 7d\nainogap audit --buyer acme --action key --json',
  })
    .option('--since <time>', 'only changes since: 30m, 2h, 7d, today, 2026-11-23 or an ISO time (UTC)')
    .option('--until <time>', 'only changes before; a day or a month is meant with its end')
    .option('--actor <name>', 'only what this admin, buyer or user did')
    .option('--action <word>', 'only these: key.rotate, or key for all that concern keys')
    .option('--subject <id>', 'only what was done to this: buyer_3, key_7, route:claude-fast')
    .option('--buyer <buyer>', 'only what concerns this buyer')
    .option('--limit <n>', `at most so many (default: ${LIMIT_DEFAULT})`)
    .action(async (options: AuditOptions, command: Command) => {
      const global = globalOptions(command);
      const filter = parseFilter(options, ctx.now());
      const entries = await withDatabase(readConfig(ctx, global).database, 'read', (db) =>
        readAudit(db, { ...filter, ...(options.buyer === undefined ? {} : { buyerId: requireBuyer(db, options.buyer).id }) }),
      );
      if (global.json) return printJson(ctx, { audit: entries.map(auditJson) });
      if (ctx.stdout.isTTY) printTable(ctx, columnsFor(ctx.stdout.columns), entries);
      else printTable(ctx, RECORD_COLUMNS, entries);
      if (entries.length === 0) ctx.stderr.write('No changes found.\n');
      else if (entries.length === filter.limit) ctx.stderr.write(`The newest ${filter.limit}; more with --limit.\n`);
    });
}

function parseFilter({ since, until, actor, action, subject, limit }: AuditOptions, now: number): AuditFilter {
  const times = { ...timeOf('--since', since, now), ...timeOf('--until', until, now) };
  if (times.since !== undefined && times.until !== undefined && times.since >= times.until) throw usageError(`--until: "${until ?? ''}" is not after --since.`);
  return {
    limit: parseLimit(limit),
    ...times,
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(subject === undefined ? {} : { subject }),
  };
}

/** A day begins with `--since` and ends with `--until`. */
function timeOf(option: '--since' | '--until', text: string | undefined, now: number): { since?: number; until?: number } {
  if (text === undefined) return {};
  const parsed = parseTime(text, { now, timezone: 'UTC', days: 'rolling' });
  if (!parsed.ok) throw usageError(`${option}: ${parsed.reason}.`);
  return option === '--since' ? { since: parsed.start } : { until: parsed.end };
}

const jsonText = (value: unknown): string => (value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

/** For scripts: the document's fields as they are, `before` and `after` as JSON, and the words. */
const RECORD_COLUMNS: readonly Column<AuditEntry>[] = [
  ...AUDIT_FIELDS.map((field): Column<AuditEntry> => ({ title: field, cell: (entry) => jsonText(auditJson(entry)[field]) })),
  { title: 'change', cell: auditWords },
];

/** The other columns take about so many; a new route has more to tell than any line holds. */
const OTHERS_WIDTH = 78;
const WORDS_LEAST = 48;

function shortWords(entry: AuditEntry, width: number): string {
  const most = Math.max(WORDS_LEAST, width - OTHERS_WIDTH);
  const words = Array.from(auditWords(entry));
  return words.length <= most ? words.join('') : `${words.slice(0, most - 1).join('')}…`;
}

const columnsFor = (width: number): readonly Column<AuditEntry>[] => [
  { title: 'time UTC', cell: (entry) => isoTime(entry.at).slice(5, 19).replace('T', ' ') },
  { title: 'who', cell: ({ by }) => by.name, shrink: true },
  { title: 'via', cell: ({ by }) => by.via, drop: 2 },
  { title: 'address', cell: ({ by }) => by.address ?? '', drop: 3 },
  { title: 'action', cell: (entry) => entry.action },
  { title: 'subject', cell: (entry) => entry.subject, drop: 1 },
  { title: 'name', cell: (entry) => entry.subjectName ?? entry.subject, shrink: true },
  { title: 'change', cell: (entry) => shortWords(entry, width), shrink: true },
];
