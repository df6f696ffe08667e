/** The overview: classes, money, requests, caching; the buyers that need somebody first; alerts; what runs. */
import type { LiveRequest } from '../../reports/live/snapshot.ts';
import type { Line } from '../line.ts';
import { BLANK, lineOf, span } from '../line.ts';
import { drawRows } from '../list-screen.ts';
import { buyerRows } from '../lists.ts';
import { COMPACT_BELOW } from '../screen.ts';
import type { Screen } from '../screen.ts';
import { stackedBar } from '../stacked-bar.ts';
import { drawTable } from '../table.ts';
import { NO_USAGE } from '../../reports/usage-sums.ts';
import { alertLines } from './alert-lines.ts';
import { OVERVIEW_BUYERS } from './buyers.ts';
import { classTable } from './class-table.ts';
import { LIVE } from './live.ts';
import { overviewFigures } from './overview-figures.ts';

/** A line, and how long it stays when rows are few: the lowest goes first. */
interface Kept {
  readonly line: Line;
  readonly stays: number;
}

const RULE_AND_TWO_BUYERS = 4;
/** From here the least important figures make room for some buyers. */
const BUYERS_FROM = 13;
const RULE_AND_FOUR_BUYERS = 6;

export function drawOverview(screen: Screen): Line[] {
  const { height } = screen;
  const whole = headLines(screen);
  const wanted = height - whole.length >= RULE_AND_TWO_BUYERS || height < BUYERS_FROM ? height : height - RULE_AND_FOUR_BUYERS;
  const head = fitted(whole, wanted);
  const room = height - head.length;
  return room < RULE_AND_TWO_BUYERS ? head : [...head, ruleOf(screen.width), ...belowRule(screen, room - 1)];
}

export const ruleOf = (width: number): Line => lineOf('─'.repeat(Math.max(0, width)), 'faint');

/** The classes and the figures: what an overview is, whatever the size. */
function headLines(screen: Screen): Kept[] {
  const { snapshot, width, style } = screen;
  const table = classTable(screen);
  const bar: Line = [span('  '), ...stackedBar(snapshot?.overview.chargePerMinute ?? NO_USAGE.chargeByClass, Math.max(0, width - 4), style)];
  const figures = overviewFigures(snapshot, width);
  return [
    ...table.map((line, index) => ({ line, stays: index === 0 ? 75 : index === table.length - 1 ? 80 : 90 })),
    { line: bar, stays: 30 },
    { line: BLANK, stays: 10 },
    ...figures.map((line, index) => ({ line, stays: index === 0 ? 100 : 70 - index })),
  ];
}

function fitted(lines: readonly Kept[], height: number): Line[] {
  const order = lines.map((_, index) => index).sort((a, b) => (lines[b]?.stays ?? 0) - (lines[a]?.stays ?? 0) || a - b);
  const kept = new Set(order.slice(0, Math.max(0, height)));
  return lines.filter((_, index) => kept.has(index)).map(({ line }) => line);
}

/** Buyers get what they need, of the rest first the alerts, then what runs. */
function belowRule(screen: Screen, height: number): Line[] {
  const { snapshot, state } = screen;
  const alerts = snapshot?.alerts ?? [];
  const firing = alerts.filter(({ clearedAt }) => clearedAt === null).length;
  const reserved = alerts.length === 0 || height < 6 ? 0 : height < 14 ? 1 + Math.min(firing, 2, alerts.length) : 2 + Math.min(alerts.length, Math.floor(height / 5));
  const rows = snapshot === null ? null : buyerRows(snapshot, state);
  const buyers = drawRows(screen, { model: OVERVIEW_BUYERS, rows, tableRows: height - (reserved > 1 ? reserved : 0) });
  const lines = [...buyers, ...alertSection(screen, height - buyers.length)];
  return [...lines, ...requestSection(screen, height - lines.length)];
}

/** With a title where there is room for one. */
function alertSection({ snapshot, width }: Screen, room: number): Line[] {
  if (snapshot === null || snapshot.alerts.length === 0 || room < 2) return [];
  const titled = room >= 4;
  const lines = alertLines(snapshot.alerts, { now: snapshot.at, width, most: Math.min(room - (titled ? 2 : 1), ALERTS_MOST) });
  return titled ? [BLANK, lineOf('  alerts', 'faint'), ...lines] : [BLANK, ...lines];
}
const ALERTS_MOST = 8;

const REQUESTS_LEAST = 4;

function requestSection({ snapshot, width, style }: Screen, room: number): Line[] {
  const requests: readonly LiveRequest[] = snapshot === null ? [] : [...snapshot.requests.open, ...snapshot.requests.ended];
  if (snapshot === null || requests.length === 0 || room < REQUESTS_LEAST) return [];
  const place = { style, now: snapshot.at, compact: width < COMPACT_BELOW };
  return [
    BLANK,
    ...drawTable({ columns: LIVE.columns, items: requests.slice(0, room - 2), cursor: null, top: 0, sort: null, choosingSort: false, width, rows: room - 1, place }),
  ];
}
