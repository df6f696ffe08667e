/** `ainogap top`: a frame as text, documents as JSON, or the live view on a terminal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { didYouMean } from '../nearest.ts';
import { renderFrame } from '../tui/frame.ts';
import { initialState } from '../tui/initial-state.ts';
import { styleFor } from '../tui/style-for.ts';
import { VIEWS, type View } from '../tui/view-state.ts';
import { printableLines } from '../printable.ts';
import type { GlobalOptions } from './add-command.ts';
import { usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { createOperatorActions } from './operator-actions.ts';
import { originOf } from './origin.ts';
import { createOperatorReads, type OperatorReads } from './operator-reads.ts';
import { readConfig } from './open-store.ts';
import { printJson } from './print-json.ts';
import type { TopOptions } from './top.ts';
import { liveJson } from '../documents/live-json.ts';

/** The options as they are meant. */
interface TopPlan {
  readonly view: View;
  readonly intervalMs: number;
  readonly columns: number | null;
  readonly rows: number | null;
  readonly ascii: boolean;
}

export async function runTop(ctx: CliContext, options: TopOptions, global: GlobalOptions): Promise<void> {
  const plan = planOf(options, global);
  const config = readConfig(ctx, global);
  const origin = config.publicUrl ?? originOf(config, config.listen);
  const reads = createOperatorReads({ database: config.database, timezone: config.timezone, origin, upstreams: [...config.upstreams.keys()], ctx });
  try {
    if (options.watch === true) return await watch(ctx, reads, plan.intervalMs);
    if (global.json) return printJson(ctx, liveJson(reads.read()));
    if (options.once === true || !ctx.stdout.isTTY || process.stdin.isTTY !== true) return printFrame(ctx, reads, plan);
    // What is wrong from the start is told before the screen is taken.
    reads.read();
    const { openTui } = await import('../tui/open-tui.ts');
    const operator = { ...reads, ...createOperatorActions(config.database, () => ctx.now()) };
    const initial = initialState({ view: plan.view, intervalMs: plan.intervalMs });
    await openTui({ operator, stdin: process.stdin, stdout: process.stdout, initial, style: styleFor(ctx.env, true, plan) });
  } finally {
    reads.close();
  }
}

const INTERVAL_DEFAULT = '0.5';

function planOf(options: TopOptions, global: GlobalOptions): TopPlan {
  if (options.watch === true && !global.json) throw usageError('--watch prints documents and needs --json; without both, `ainogap top` is live on a terminal.');
  if (options.watch === true && options.once === true) throw usageError('give --once or --watch, not both.');
  const interval = options.interval ?? INTERVAL_DEFAULT;
  const seconds = /^\d{1,2}(\.\d{1,3})?$/.test(interval) ? Number(interval) : 0;
  if (seconds < 0.2 || seconds > 60) throw usageError(`--interval takes seconds from 0.2 to 60, not "${interval}".`);
  return {
    view: viewOf(options.view ?? 'overview'),
    intervalMs: Math.round(seconds * 1000),
    columns: sizeOf(options.width, { option: '--width', least: 20, most: 400 }),
    rows: sizeOf(options.height, { option: '--height', least: 5, most: 120 }),
    ascii: options.ascii === true,
  };
}

function viewOf(name: string): View {
  const found = VIEWS.find((view) => view === name);
  if (found === undefined) throw usageError(`there is no view "${name}".${didYouMean(name, VIEWS)} The views are ${VIEWS.join(', ')}.`);
  return found;
}

function sizeOf(text: string | undefined, { option, least, most }: { option: string; least: number; most: number }): number | null {
  if (text === undefined) return null;
  const size = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (size < least || size > most) throw usageError(`${option} takes a whole number from ${least} to ${most}, not "${text}".`);
  return size;
}

/** One frame, without the blanks at the ends of its lines and below the last one. */
function printFrame(ctx: CliContext, reads: OperatorReads, plan: TopPlan): void {
  const { isTTY, columns, rows } = ctx.stdout;
  const size = { columns: plan.columns ?? (isTTY ? columns : 80), rows: plan.rows ?? (isTTY ? (rows ?? 24) : 24) };
  const state = initialState({ view: plan.view, intervalMs: plan.intervalMs });
  const frame = renderFrame({ snapshot: reads.read(), state, ...size }, styleFor(ctx.env, isTTY, plan));
  ctx.stdout.write(`${frame.map(trimmed).join('\n')}\n`);
}

/** Without trailing blanks, also where a colour ends behind them. */
const trimmed = (line: string): string => line.replace(TRAILING, '$<codes>');
// eslint-disable-next-line no-control-regex
const TRAILING = / +(?<codes>(?:\u001b\[[\d;]*m)*)$/u;

/** A line per interval until a signal ends it. A read that fails is told on stderr and tried again; the first one must not. */
async function watch(ctx: CliContext, reads: OperatorReads, intervalMs: number): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let last: string | null = null;
  try {
    printLine(ctx, reads);
    while (await slept(intervalMs, stop.signal)) {
      last = tryLine(ctx, reads, last);
      await ctx.stdout.drained?.();
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** Returns the failure's words, which are told once while they stay the same. */
function tryLine(ctx: CliContext, reads: OperatorReads, last: string | null): string | null {
  try {
    printLine(ctx, reads);
    return null;
  } catch (error) {
    const words = printableLines((error as Error).message);
    if (words !== last) ctx.stderr.write(`! ${words}\n`);
    return words;
  }
}

function printLine(ctx: CliContext, reads: OperatorReads): void {
  ctx.stdout.write(printableLines(`${JSON.stringify(liveJson(reads.read()))}\n`));
}

/** False: it was stopped. */
async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false);
}
