/** `ainogap usage`: what was used and charged, summed by whom, by what or by when. */
import type { Command } from 'commander';
import { didYouMean } from '../nearest.ts';
import { csvLine } from '../reports/csv-line.ts';
import { usageJson } from '../reports/usage-json.ts';
import { upToPresent, type TimeWindow } from '../reports/time-range.ts';
import { readUsageReport, USAGE_GROUPS, type UsageGroup, type UsageReport } from '../reports/usage-report.ts';
import { NO_USAGE } from '../reports/usage-sums.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { usageError } from './cli-error.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import { parseWindow, TIME_HELP, windowWords } from './time-range.ts';
import type { ChartRow } from './usage-chart.ts';
import { printUsageTable } from './usage-table.ts';
import { printable } from '../printable.ts';
import { isoTime } from '../documents/iso-time.ts';
import { classRows } from '../documents/class-rows.ts';
import { usageFields, usageRecords, type UsageRecord } from '../documents/usage-record.ts';

interface UsageOptions {
  readonly by: string;
  readonly since?: string;
  readonly until?: string;
  readonly buyer?: string;
  readonly csv?: boolean;
  readonly chart?: boolean;
}

/** What is shown, of which window. */
interface Shown {
  readonly by: UsageGroup;
  readonly window: TimeWindow;
  /** The name of the only buyer; null: all. */
  readonly buyer: string | null;
  readonly report: UsageReport;
}

const SINCE_DEFAULT: Readonly<Partial<Record<UsageGroup, string>>> = { day: '7d', hour: '24h' };
/** A year and some of hours. */
const SPANS_MAX = 10_000;
const SPAN_MS = { day: 23 * 3_600_000, hour: 1_800_000 } as const;

export function registerUsage(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'usage',
    description: 'show what was used and charged in each token class, by settlement time, in days of the configured zone',
    example: 'ainogap usage\nainogap usage --by day --since 7d --chart\nainogap usage --by buyer --since month\nainogap usage --by model --since 2026-11-01 --until 2026-11-15 --buyer acme --csv',
  })
    .option('--by <group>', USAGE_GROUPS.join(', '), 'class')
    .option('--since <time>', `from then on: ${TIME_HELP} (default: today; by day 7d, by hour 24h)`)
    .option('--until <time>', 'up to then; a day or a month that is named is in it, a time is not (default: now)')
    .option('--buyer <buyer>', 'only this buyer')
    .option('--csv', 'comma-separated, money in millionths of a USDC, without a total')
    .option('--chart', 'bars stacked by class')
    .action(async (options: UsageOptions, command: Command) => {
      const global = globalOptions(command);
      const by = groupOf(options.by);
      if (Number(global.json) + Number(options.csv ?? false) + Number(options.chart ?? false) > 1) throw usageError('--json, --csv and --chart exclude each other.');
      const config = readConfig(ctx, global);
      const asked = windowOf(by, options, { now: ctx.now(), timezone: config.timezone });
      const shown = await withDatabase(config.database, 'read', (db): Shown => {
        const buyer = options.buyer === undefined ? null : requireBuyer(db, options.buyer);
        const window = upToPresent(db, asked);
        const report = readUsageReport(db, { ...window, by, now: ctx.now(), ...(buyer === null ? {} : { buyerId: buyer.id }) });
        return { by, window, buyer: buyer?.name ?? null, report };
      });
      if (global.json) return printJson(ctx, usageDocument(shown));
      printHeading(ctx, shown);
      if (options.csv === true) printCsv(ctx, shown);
      else if (options.chart === true) await printChart(ctx, shown);
      else printRows(ctx, shown);
      if (shown.report.total.requests === 0) ctx.stderr.write('No requests ended in this time.\n');
    });
}

function groupOf(text: string): UsageGroup {
  const by = USAGE_GROUPS.find((group) => group === text);
  if (by === undefined) throw usageError(`--by: "${text}" is none of ${USAGE_GROUPS.join(', ')}.${didYouMean(text, USAGE_GROUPS)}`);
  return by;
}

function windowOf(by: UsageGroup, { since, until }: UsageOptions, clock: { now: number; timezone: string }): TimeWindow {
  const window = parseWindow({ since, until, sinceDefault: SINCE_DEFAULT[by] ?? 'today', clockHours: by === 'hour', ...clock });
  if (by !== 'day' && by !== 'hour') return window;
  const spans = (Math.min(window.until, clock.now) - window.since) / SPAN_MS[by];
  if (spans > 2 * SPANS_MAX) throw usageError(`--by ${by}: this window has more than ${SPANS_MAX} rows; give a later --since.`);
  return window;
}

/** On a terminal above the figures; in a pipe it is talk. */
function printHeading(ctx: CliContext, { by, window, buyer }: Shown): void {
  const words = `usage by ${by}${buyer === null ? '' : ` of ${printable(buyer)}`}, ${windowWords(window, ctx.now())}`;
  if (ctx.stdout.isTTY) ctx.stdout.write(`${chalkFor(ctx.env, ctx.stdout).bold(words)}\n`);
  else ctx.stderr.write(`${words}\n`);
}

function usageDocument({ by, window, buyer, report }: Shown): Record<string, unknown> {
  return {
    by,
    buyer,
    since: isoTime(window.since),
    until: isoTime(window.until),
    timezone: window.timezone,
    running: window.running,
    rows: usageRecords(by, report),
    total: usageJson(report.total),
  };
}

function printCsv(ctx: CliContext, { by, report }: Shown): void {
  const fields = usageFields(by);
  const lines = usageRecords(by, report).map((record) => csvLine(fields.map((field) => onTerminal(ctx, record[field] ?? null))));
  ctx.stdout.write(csvLine(fields) + lines.join(''));
}

const onTerminal = <T>(ctx: CliContext, cell: T): T | string => (ctx.stdout.isTTY && typeof cell === 'string' ? printable(cell) : cell);

function printRows(ctx: CliContext, { by, report }: Shown): void {
  if (ctx.stdout.isTTY) return printUsageTable(ctx, by, report);
  const columns = usageFields(by).map((field) => ({ title: field, cell: (record: UsageRecord) => String(record[field] ?? '') }));
  printTable(ctx, columns, usageRecords(by, report));
}

/** Loads what measures characters only for bars: it would make every command start later. */
async function printChart(ctx: CliContext, { by, report }: Shown): Promise<void> {
  const { styleFor } = await import('../tui/style-for.ts');
  const { chartLines } = await import('./usage-chart.ts');
  const rows = by === 'class' ? classBars(report) : report.rows.map(({ label, sums, span }) => ({ label, sums, running: span?.running ?? false }));
  const style = styleFor(ctx.env, ctx.stdout.isTTY);
  if (rows.length > 0) ctx.stdout.write(`${chartLines(rows, { columns: ctx.stdout.columns, style }).join('\n')}\n`);
}

/** Each class as a bar of its own. */
function classBars({ total }: UsageReport): ChartRow[] {
  return classRows(total).map(({ tokenClass, name, charge }) => {
    const sums = { ...NO_USAGE, charge, ...(tokenClass === null ? { webSearchCharge: charge } : { chargeByClass: { ...NO_USAGE.chargeByClass, [tokenClass]: charge } }) };
    return { label: name, sums, running: false };
  });
}
