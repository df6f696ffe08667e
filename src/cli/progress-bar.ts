/** One line on stderr that is drawn over and over while something long runs; nothing where stderr is no terminal. */
import { durationText } from '../tui/figures.ts';
import { styleFor } from '../tui/style-for.ts';
import type { CliContext } from './context.ts';

export interface ProgressBar {
  readonly update: (done: number, expected: number) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

const DRAW_EVERY_MS = 100;
const BAR_CELLS_MAX = 30;
const CLEAR_LINE = '\r\u001b[K';

export function createProgressBar(ctx: CliContext, unit = 'rows'): ProgressBar {
  if (!ctx.stderr.isTTY) return { update: () => undefined, clear: () => undefined };
  const began = ctx.now();
  let drawn = -Infinity;
  return {
    update: (done, expected) => {
      const now = ctx.now();
      if (now - drawn < DRAW_EVERY_MS) return;
      drawn = now;
      ctx.stderr.write(CLEAR_LINE + progressLine(ctx, { done, expected, elapsedMs: now - began, unit }));
    },
    clear: () => {
      if (drawn !== -Infinity) ctx.stderr.write(CLEAR_LINE);
    },
  };
}

interface Progress {
  readonly done: number;
  readonly expected: number;
  readonly elapsedMs: number;
  readonly unit: string;
}

/** `████░░░░  42 %  420,000 of 1,000,000 rows  61,000/s  9s left` */
function progressLine(ctx: CliContext, { done, expected, elapsedMs, unit }: Progress): string {
  const share = expected === 0 ? 1 : Math.min(1, done / expected);
  const figures = [`${Math.floor(share * 100)} %`, `${done.toLocaleString('en-US')} of ${expected.toLocaleString('en-US')} ${unit}`];
  if (elapsedMs > 500 && done > 0) {
    const perMs = done / elapsedMs;
    figures.push(`${Math.round(perMs * 1000).toLocaleString('en-US')}/s`, `${durationText(Math.max(0, expected - done) / perMs)} left`);
  }
  const [full, empty] = styleFor(ctx.env, ctx.stderr.isTTY).unicode ? ['█', '░'] : ['#', '.'];
  let text = figures.join('  ');
  while (text.length > ctx.stderr.columns - 1 && figures.length > 1) {
    figures.pop();
    text = figures.join('  ');
  }
  const cells = Math.min(BAR_CELLS_MAX, ctx.stderr.columns - 1 - text.length - 2);
  if (cells < 5) return text;
  const filled = Math.round(cells * share);
  return `${full.repeat(filled)}${empty.repeat(cells - filled)}  ${text}`;
}
