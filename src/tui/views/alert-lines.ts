/** Alerts: those that fire stand out, those that cleared stay for a while. */
import { cellWidth, padded, shortened, shortenedAtWord } from '../cell-width.ts';
import { clockText, dayClockText, dayText, durationText } from '../figures.ts';
import type { Line } from '../line.ts';
import { span } from '../line.ts';
import { printable } from '../../printable.ts';
import type { LiveAlert } from '../../reports/live/snapshot.ts';

const SUBJECT_MOST = 16;

/** One line each, at most `most`. */
export function alertLines(alerts: readonly LiveAlert[], { now, width, most }: { readonly now: number; readonly width: number; readonly most: number }): Line[] {
  const shown = alerts.slice(0, Math.max(0, most)).map((alert) => ({ alert, subject: shortened(printable(alert.subject), SUBJECT_MOST) }));
  const subjects = Math.max(0, ...shown.map(({ subject }) => cellWidth(subject)));
  return shown.map(({ alert, subject }) => alertLine(alert, { start: `${timeText(alert.firedAt, now)}  ${padded(subject, subjects)}  `, width }));
}

/** The day too, where it is another one. */
const timeText = (ms: number, now: number): string => (dayText(ms) === dayText(now) ? clockText(ms) : dayClockText(ms));

function alertLine(alert: LiveAlert, { start, width }: { readonly start: string; readonly width: number }): Line {
  const ended = alert.clearedAt === null ? '' : `, cleared after ${durationText(alert.clearedAt - alert.firedAt)}`;
  const text = `${start}${shortenedAtWord(`${printable(alert.message)}${ended}`, Math.max(1, width - 3 - cellWidth(start)))}`;
  return alert.clearedAt === null ? [span('! ', 'warning'), span(text, 'strong')] : [span('  '), span(text, 'faint')];
}
