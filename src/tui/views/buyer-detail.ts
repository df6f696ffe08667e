/** One buyer: what it has, what it used today, its deposits, its last requests. */
import { formatBuyerId } from '../../ids.ts';
import { chargeText, balanceText, compactText, countText, dayClockText, emptyInText, errorShareOf, NONE, shareText } from '../figures.ts';
import { shortened, shortenedAtWord } from '../cell-width.ts';
import { figure, flowLines } from '../flow.ts';
import type { Line } from '../line.ts';
import { BLANK, lineOf, span } from '../line.ts';
import { printable } from '../../printable.ts';
import type { LiveBuyer } from '../../reports/live/snapshot.ts';
import { hitShare } from '../../reports/usage-json.ts';
import { COMPACT_BELOW, topFor } from '../screen.ts';
import type { Screen } from '../screen.ts';
import { sharesOf, sparkLine } from '../spark-line.ts';
import { CLASS_MARKS, CLASS_NAMES } from '../style.ts';
import { drawTable } from '../table.ts';
import type { BuyerDetail } from '../operator.ts';
import type { Detail } from '../view-state.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';
import { isUrgent } from './buyers.ts';
import { REQUEST_COLUMNS } from './live.ts';

const MINUTE_MS = 60_000;
const DEPOSITS_FROM = 18;

export function drawBuyerDetail(screen: Screen, detail: Extract<Detail, { kind: 'buyer' }>): Line[] {
  const { snapshot, height } = screen;
  const buyer = snapshot?.buyers.find(({ buyerId }) => buyerId === detail.buyerId) ?? null;
  const head = buyer === null ? [lineOf(`  ${formatBuyerId(detail.buyerId)}`, 'strong')] : buyerLines(screen, buyer);
  const shownHead = head.slice(0, Math.max(1, height - 4));
  const deposits = height < DEPOSITS_FROM ? [] : depositLines(detail.content, { width: screen.width, most: Math.max(2, Math.floor(height / 8)) });
  const room = height - shownHead.length - deposits.length;
  return [...shownHead, ...deposits, ...requestLines(screen, detail, room)];
}

function buyerLines(screen: Screen, buyer: LiveBuyer): Line[] {
  const { width, height } = screen;
  const { today } = buyer;
  const name = shortened(printable(buyer.name), Math.max(4, width - 30));
  const have = [
    figure('balance', balanceText(buyer.balance)),
    figure('held', balanceText(buyer.held)),
    figure('available', balanceText(buyer.available)),
    figure('burn', `${balanceText(buyer.burnPerHour)}/h`),
    figure('empty in', span(`${emptyInText(buyer.emptyInMinutes)}${isUrgent(buyer) ? ' !' : ''}`, isUrgent(buyer) ? 'warning' : 'plain')),
  ];
  const used = [
    figure('today', balanceText(today.charge)),
    figure('requests', countText(today.requests)),
    figure('errors', shareText(errorShareOf(today))),
    figure('hit share', shareText(hitShare(today))),
    figure('caching saved', balanceText(today.cacheSaved)),
    figure('keys', String(buyer.keys)),
  ];
  const title: Line = [span(`  Buyer ${name}`, 'strong'), span(`  ${formatBuyerId(buyer.buyerId)}`, 'faint'), ...(buyer.disabled ? [span('  disabled', 'warning')] : [])];
  const money = buyer.balance <= 0n ? [lineOf('  Requests are refused until it is topped up.', 'warning')] : [];
  return [title, ...flowLines(have, width), ...money, ...flowLines(used, width), ...classLines(screen, buyer), ...(height >= DEPOSITS_FROM ? [BLANK] : [])];
}

/** The five classes of today: a row each in a tall window, else as figures. */
function classLines({ snapshot, width, height, style }: Screen, { today, chargeSeries }: LiveBuyer): Line[] {
  const spark: Line = [span('  last 60 min ', 'faint'), span(sparkLine(sharesOf(chargeSeries), { cells: Math.max(1, width - 16), slot: Math.floor((snapshot?.at ?? 0) / MINUTE_MS) }, style), 'faint')];
  if (height < TALL) return flowLines(TOKEN_CLASSES.map((tokenClass) => [span(`${CLASS_MARKS[tokenClass]} `, tokenClass), span(compactText(today.tokens[tokenClass]))]), width);
  const rows = drawTable({
    columns: [
      { letter: 'class', title: 'today', align: 'left', cell: (tokenClass) => CLASS_NAMES[tokenClass], descendingFirst: false, drop: 0, least: 10 },
      { letter: 'tokens', title: 'tokens', align: 'right', cell: (tokenClass) => countText(today.tokens[tokenClass]), descendingFirst: true, drop: 2, least: 12 },
      { letter: 'charge', title: 'USDC', align: 'right', cell: (tokenClass) => chargeText(today.chargeByClass[tokenClass]), descendingFirst: true, drop: 1, least: 12 },
    ],
    items: TOKEN_CLASSES,
    cursor: null,
    top: 0,
    sort: null,
    choosingSort: false,
    width,
    rows: TOKEN_CLASSES.length + 1,
    place: { style, now: 0, compact: false },
    mark: (tokenClass) => span(`${CLASS_MARKS[tokenClass]} `, tokenClass),
  });
  return [BLANK, ...rows, spark];
}
const TALL = 28;

function depositLines(content: BuyerDetail | null, { width, most }: { readonly width: number; readonly most: number }): Line[] {
  const deposits = content?.deposits.slice(0, most) ?? [];
  if (deposits.length === 0) return [];
  const lines = deposits.map(({ at, amount, words }): Line => {
    const start = `  ${dayClockText(at)}  ${amount < 0n ? '' : '+'}${chargeText(amount)}`;
    return lineOf(shortenedAtWord(`${start}  ${printable(words)}`, width - 1));
  });
  return [lineOf('  deposits, UTC', 'faint'), ...lines, BLANK];
}

function requestLines(screen: Screen, { content, cursor }: Extract<Detail, { kind: 'buyer' }>, room: number): Line[] {
  const { snapshot, width, style } = screen;
  if (room < 2) return [];
  if (content === null) return [lineOf('  last requests', 'faint'), lineOf(`  ${NONE}`, 'faint')].slice(0, room);
  if (content.requests.length === 0) return [lineOf('  No requests yet.')];
  return drawTable({
    columns: REQUEST_COLUMNS.filter(({ title }) => title !== 'buyer'),
    items: content.requests,
    cursor,
    top: topFor({ count: content.requests.length, cursor, height: room - 1 }),
    sort: null,
    choosingSort: false,
    width,
    rows: room,
    place: { style, now: snapshot?.at ?? 0, compact: width < COMPACT_BELOW },
  });
}
