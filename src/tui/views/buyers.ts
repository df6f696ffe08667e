/** Buyers: what they have, how fast it goes, and what of each class they used today. */
import { formatBuyerId } from '../../ids.ts';
import { tagged } from '../cell-width.ts';
import { printable } from '../../printable.ts';
import type { LiveBuyer, LiveSnapshot } from '../../reports/live/snapshot.ts';
import { balanceText, emptyInText } from '../figures.ts';
import { figure } from '../flow.ts';
import type { Line } from '../line.ts';
import { lineOf, span } from '../line.ts';
import { compareValues } from '../list-model.ts';
import type { Column, ListModel } from '../list-model.ts';
import { sharesOf, sparkCells, sparkLine } from '../spark-line.ts';
import { classColumns, countColumn, hitColumn, moneyColumn } from './usage-columns.ts';

/** Below an hour it is time to call. */
const URGENT_MINUTES = 60;
const MINUTE_MS = 60_000;
const SPARK_LEAST = 18;
const MINUTES = 60;

export const isUrgent = (buyer: LiveBuyer): boolean => buyer.emptyInMinutes !== null && buyer.emptyInMinutes < URGENT_MINUTES;

/** `50m !`, with room for the sign where there is none, so that the figures stay in line. */
function emptyInCell(buyer: LiveBuyer): Line {
  const text = emptyInText(buyer.emptyInMinutes);
  return isUrgent(buyer) ? [span(`${text} !`, 'warning')] : [span(`${text}  `)];
}

const name: Column<LiveBuyer> = {
  letter: 'b',
  title: 'buyer',
  align: 'left',
  cell: (buyer, { width }) => (buyer.disabled ? span(tagged(printable(buyer.name), 'disabled', width), 'faint') : printable(buyer.name)),
  sortsBy: (buyer) => buyer.name,
  descendingFirst: false,
  drop: 0,
  least: 10,
  shrinksTo: 10,
};
const balance = moneyColumn<LiveBuyer>({ letter: 'a', title: 'balance', drop: 1, least: 12 }, (buyer) => buyer.balance);
const held = moneyColumn<LiveBuyer>({ letter: 'h', title: 'held', drop: 4, least: 8 }, (buyer) => buyer.held);
const burn = moneyColumn<LiveBuyer>({ letter: 'u', title: 'burn/h', drop: 3, least: 8 }, (buyer) => buyer.burnPerHour);
const emptyIn: Column<LiveBuyer> = {
  letter: 'e',
  title: 'empty in  ',
  align: 'right',
  cell: emptyInCell,
  sortsBy: (buyer) => buyer.emptyInMinutes,
  descendingFirst: false,
  drop: 2,
};
const today = moneyColumn<LiveBuyer>({ letter: 't', title: 'today', drop: 7, least: 8 }, (buyer) => buyer.today.charge);
const saved = moneyColumn<LiveBuyer>({ letter: 's', title: 'caching saved', drop: 6, least: 8 }, (buyer) => buyer.today.cacheSaved);
const keys = countColumn<LiveBuyer>({ letter: 'k', title: 'keys', drop: 10 }, (buyer) => buyer.keys);

const spend: Column<LiveBuyer> = {
  letter: 'p',
  title: 'spend, last 60 min',
  align: 'left',
  cell: (buyer, { style, now, width }) => span(sparkLine(sharesOf(buyer.chargeSeries), { cells: width, slot: Math.floor(now / MINUTE_MS) }, style), 'faint'),
  descendingFirst: true,
  drop: 9,
  least: SPARK_LEAST,
  fills: (room) => Math.min(MINUTES, sparkCells(room, MINUTES)),
};

const byUrgency = (a: LiveBuyer, b: LiveBuyer): number => compareValues(a.emptyInMinutes, b.emptyInMinutes) || compareValues(a.name, b.name);

const LIST = {
  items: (snapshot) => snapshot.buyers,
  idOf: (buyer) => formatBuyerId(buyer.buyerId),
  words: (buyer) => [buyer.name, formatBuyerId(buyer.buyerId), buyer.disabled ? 'disabled' : null],
  byDefault: byUrgency,
  defaultSort: { column: 'e', descending: false },
} satisfies Omit<ListModel<LiveBuyer>, 'columns'>;

/** With every class: the view of its own. */
export const BUYERS: ListModel<LiveBuyer> = {
  ...LIST,
  columns: [name, balance, held, burn, emptyIn, ...classColumns<LiveBuyer>((buyer) => buyer.today, 5), saved, hitColumn({ letter: 'c', title: 'hits', drop: 11, least: 7 }, (buyer) => buyer.today), today, keys, { ...spend, drop: 12 }],
};

/** With how the spending went: below the overview. */
export const OVERVIEW_BUYERS: ListModel<LiveBuyer> = { ...LIST, columns: [name, balance, held, burn, emptyIn, today, { ...spend, drop: 5 }] };

export function buyersSummary({ buyers }: LiveSnapshot): Line[] {
  const sum = (of: (buyer: LiveBuyer) => bigint): string => balanceText(buyers.reduce((total, buyer) => total + of(buyer), 0n));
  return [
    lineOf(`${buyers.length} ${buyers.length === 1 ? 'buyer' : 'buyers'}`),
    figure('balance', sum((buyer) => buyer.balance)),
    figure('held', sum((buyer) => buyer.held)),
    figure('burn', `${sum((buyer) => buyer.burnPerHour)}/h`),
    figure('today', sum((buyer) => buyer.today.charge)),
    figure('caching saved', sum((buyer) => buyer.today.cacheSaved)),
  ];
}
