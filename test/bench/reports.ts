/**
 * How long every report takes on a database with a quarter's requests, and what an export of all of them needs.
 * `node test/bench/reports.ts [requests]` prints the figures.
 */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { readBalances } from '../../src/reports/balances.ts';
import { createLiveReader } from '../../src/reports/live/live-reader.ts';
import { readStatement } from '../../src/reports/statement.ts';
import { unreadWrites } from '../../src/reports/unread-writes.ts';
import { readUsage, USAGE_DIMENSIONS } from '../../src/reports/usage.ts';
import { startOfDay, startOfMonth } from '../../src/reports/zone.ts';
import { temporaryFolder } from '../ledger/fixtures.ts';
import { createReportDatabase, NOW } from './report-database.ts';
import { quantile } from './spread.ts';

const LAUNCHER = path.resolve(import.meta.dirname, '../../bin/ainogap.js');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const TARGET_MS = 50;
const TIMES = 7;
const BUYER = 7 as BuyerId;

export interface ReportFigures {
  readonly name: string;
  readonly medianMs: number;
  readonly worstMs: number;
}

export interface ReportsFigures {
  readonly requests: number;
  /** How long the rows took to make, and then their sums, s. */
  readonly insertSeconds: number;
  readonly sumSeconds: number;
  /** Of those that wrote the sums: as long others could not write, ms. */
  readonly longestWriteMs: number;
  readonly reports: readonly ReportFigures[];
  readonly exported: { readonly rows: number; readonly rowsPerSecond: number; readonly peakMegabytes: number };
  readonly verifySeconds: number;
}

/** Throws when `ainogap verify` does not pass, or a report is empty. */
export async function benchReports(requests: number): Promise<ReportsFigures> {
  const folder = temporaryFolder();
  try {
    const file = path.join(folder.path, 'ainogap.db');
    fs.writeFileSync(path.join(folder.path, 'config.yaml'), 'database: ./ainogap.db\nupstreams:\n  sim: { kind: simulator }\n', { mode: 0o600 });
    const { insertMs, sumMs, longestWriteMs } = createReportDatabase(file, requests);
    const db = openDatabase(file, { mode: 'read' });
    const reports = measureReports(db);
    db.close();
    const exporting = await run(folder.path, ['export', '--format', 'jsonl', '--since', '2026-01-01', '--until', '2027-01-01']);
    const verifying = await run(folder.path, ['verify']);
    if (exporting.lines !== requests) throw new Error(`exported ${exporting.lines} of ${requests} requests`);
    return {
      requests,
      insertSeconds: insertMs / 1000,
      sumSeconds: sumMs / 1000,
      longestWriteMs,
      reports,
      exported: { rows: exporting.lines, rowsPerSecond: exporting.lines / exporting.seconds, peakMegabytes: exporting.peakMegabytes },
      verifySeconds: verifying.seconds,
    };
  } finally {
    folder.remove();
  }
}

function measureReports(db: Db): ReportFigures[] {
  const timezone = 'UTC';
  const until = Math.ceil(NOW / MINUTE_MS) * MINUTE_MS;
  const windows = { today: startOfDay(NOW, timezone), '7d': until - 7 * DAY_MS, '30d': until - 30 * DAY_MS, '90d': until - 90 * DAY_MS };
  const usage = (['none', ...USAGE_DIMENSIONS, 'day', 'hour'] as const).flatMap((by) =>
    Object.entries(windows).flatMap(([window, since]) =>
      [undefined, BUYER].map((buyerId) => {
        const query = { since, until, by, timezone, ...(buyerId === undefined ? {} : { buyerId }) };
        return timed(`usage by ${by}, ${window}${buyerId === undefined ? '' : ', one buyer'}`, () => readUsage(db, query).length);
      }),
    ),
  );
  // Its hours begin at a quarter of UTC's.
  const offHour = [undefined, BUYER].map((buyerId) => {
    const query = { since: windows['90d'], until, by: 'hour', timezone: 'Asia/Kathmandu', ...(buyerId === undefined ? {} : { buyerId }) } as const;
    return timed(`usage by hour, 90d in ${query.timezone}${buyerId === undefined ? '' : ', one buyer'}`, () => readUsage(db, query).length);
  });
  const live = createLiveReader(db, { timezone, now: () => NOW });
  const start = startOfMonth(NOW, timezone, -1);
  return [
    ...usage,
    ...offHour,
    timed('cache writes of today never read', () => unreadWrites(db, { since: windows.today, until, now: NOW }).byBuyer.size + 1),
    timed('balances', () => readBalances(db, { buyerId: null, now: NOW }).length),
    timed('statement of a month', () => readStatement(db, { buyerId: BUYER, start, end: startOfMonth(NOW, timezone), timezone }).days.length),
    timed('first frame of top', () => createLiveReader(db, { timezone, now: () => NOW }).read().buyers.length, 5),
    timed('frame of top', () => live.read().buyers.length),
  ];
}

/** `read` says how much it found: nothing means that the measurement measures nothing. */
function timed(name: string, read: () => number, times = TIMES): ReportFigures {
  const took: number[] = [];
  for (let i = 0; i <= times; i++) {
    const began = performance.now();
    if (read() === 0) throw new Error(`${name}: the report is empty`);
    // The first one compiles, and reads pages from disk.
    if (i > 0) took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  return { name, medianMs: quantile(took, 0.5), worstMs: took.at(-1) as number };
}

/** A command of the built product; its output is counted and thrown away. */
async function run(folder: string, args: readonly string[]): Promise<{ lines: number; seconds: number; peakMegabytes: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [LAUNCHER, ...args], { cwd: folder, env: { ...process.env, AINOGAP_CONFIG: path.join(folder, 'config.yaml') } });
  let lines = 0;
  let peakMegabytes = 0;
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines++;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const watch = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid as number))), 20);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`\`ainogap ${args.join(' ')}\` ended with ${String(code)}: ${errors.slice(-500)}`);
  return { lines, seconds: (performance.now() - began) / 1000, peakMegabytes };
}

/** The most memory that it has had so far, as Linux counts it; 0 elsewhere. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

/** One line for the slowest of each kind; all of them where it misses the target. */
export function reportsLines(figures: ReportsFigures | null): string[] {
  if (figures === null) return [];
  const { requests, reports, exported, insertSeconds, sumSeconds, longestWriteMs, verifySeconds } = figures;
  const kinds = Map.groupBy(reports, ({ name }) => name.split(',')[0] as string);
  const slowest = [...kinds].map(([kind, of]) => `${kind} ${Math.max(...of.map(({ medianMs }) => medianMs)).toFixed(1)} (${Math.max(...of.map(({ worstMs }) => worstMs)).toFixed(1)})`);
  const missed = reports.filter(({ medianMs }) => medianMs >= TARGET_MS);
  return [
    `Reports over ${requests} requests of 90 days, 200 keys, 4 routes: slowest median (worst) of each, ms; < ${TARGET_MS} ${missed.length === 0 ? 'pass' : 'MISS'}`,
    ...pairs(slowest).map((line) => `  ${line}`),
    ...missed.map(({ name, medianMs }) => `  MISS ${name}: ${medianMs.toFixed(1)} ms`),
    `Export of ${exported.rows} requests: ${exported.rowsPerSecond.toFixed(0)} rows/s, at most ${exported.peakMegabytes.toFixed(0)} MB; their rows inserted in ${insertSeconds.toFixed(1)} s, summed anew in ${sumSeconds.toFixed(1)} s, by writes of at most ${longestWriteMs.toFixed(0)} ms each; verify passed in ${verifySeconds.toFixed(1)} s`,
  ];
}

function pairs(texts: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += 4) lines.push(texts.slice(i, i + 4).join(' · '));
  return lines;
}

if (import.meta.main) {
  const figures = await benchReports(Number(process.argv[2] ?? 1_000_000));
  console.table(figures.reports.map(({ name, medianMs, worstMs }) => ({ name, medianMs: medianMs.toFixed(1), worstMs: worstMs.toFixed(1) })));
  console.log(reportsLines(figures).join('\n'));
}
