/**
 * What people's open pages cost the data plane: p99 of small JSON requests with 20 buyers' pages and 5 admins' open,
 * which stream and poll as the console's overviews do, and with none, turn by turn; at a steady rate and under full load.
 * All buyers' pages are of the buyer whose requests these are, so that each hears of every request. A third part adds
 * programs that poll far more often than any page.
 *
 * p99 of a few seconds varies by more than what is looked for. So each ratio is of two neighbours in time, there are
 * many, and the figure is their median with the interval of that median; beside it stands the same of neighbours that
 * both had no pages, which would be 1 if nothing but the pages differed.
 */
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { insertLogin, loginOfBuyer, type LoginKind } from '../../src/auth/logins.ts';
import { beginSession } from '../../src/auth/sessions.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { findBuyer } from '../../src/registry/buyers.ts';
import { startBenchChild, type BenchChild } from './bench-child.ts';
import { createCells } from './cells.ts';
import { clientRequest } from './client-request.ts';
import type { ClosePages, OpenPages, PagesResult } from './console-clients.ts';
import type { WindowOrder, WindowResult } from './load-generator.ts';
import type { Product } from './product.ts';
import { medianWithin, quantile, spreadOf, type Spread } from './spread.ts';

export interface ConsoleFigures {
  readonly load: string;
  readonly requestsPerSecond: number;
  /** Milliseconds without the pages. */
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** With ÷ without. */
  readonly p50Ratio: Ratio;
  readonly p99Ratio: Ratio;
  /** Of neighbours without pages. */
  readonly p99Noise: Ratio;
  readonly pairs: number;
  /** Whether the aim is about it. */
  readonly judged: boolean;
  /** CPU of the whole server that the pages cost, of one core. */
  readonly cpu: Spread;
  readonly pollsPerSecond: number;
  readonly eventsPerSecond: number;
}

/** A median, and between which values that median lies 95 times in 100. */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface ConsolePlan {
  readonly stub: BenchChild;
  readonly load: BenchChild;
  readonly product: Product;
  /** At the steady rate; of the other parts half as many. */
  readonly pairs: number;
  readonly windowMs: number;
}

interface Load {
  readonly name: string;
  readonly connections: number;
  /** Null: each connection sends its next request when the last one was answered. */
  readonly everyMs: number | null;
  /** Beside the pages; null: none. */
  readonly programsEveryMs: number | null;
}

const BUYER_PAGES = 20;
const ADMIN_PAGES = 5;
const LOADS: readonly Load[] = [
  // 200 requests a second leave two cores idle for more than half of the time: what is measured is what gets in the way of one request.
  { name: 'at a steady rate', connections: 32, everyMs: 160, programsEveryMs: null },
  { name: 'under full load, 32 in flight', connections: 32, everyMs: null, programsEveryMs: null },
  { name: 'at a steady rate, each buyer also running a program that asks for three documents each second', connections: 32, everyMs: 160, programsEveryMs: 1_000 },
];
/** After the pages have their first figures; waited for without pages too, so that both begin alike. */
const SETTLE_MS = 1_000;
const WARM_MS = 500;

export async function benchConsole(plan: ConsolePlan): Promise<ConsoleFigures[]> {
  const { stub, product, pairs } = plan;
  await stub.ask({ mode: 'json', tickMs: 0 });
  const tokens = signIn(path.join(product.folder, 'ainogap.db'));
  const pages = await startBenchChild('console-clients.ts');
  try {
    const figures: ConsoleFigures[] = [];
    for (const [i, load] of LOADS.entries()) figures.push(await besideLoad({ ...plan, pairs: i === 0 ? pairs : Math.ceil(pairs / 2) }, { load, pages, tokens }));
    return figures;
  } finally {
    await pages.stop();
  }
}

interface Beside {
  readonly load: Load;
  readonly pages: BenchChild;
  readonly tokens: Pick<OpenPages, 'buyers' | 'admins'>;
}

async function besideLoad({ load, product, pairs, windowMs }: ConsolePlan, { load: { name, connections, everyMs, programsEveryMs }, pages, tokens }: Beside): Promise<ConsoleFigures> {
  const cell = createCells()[0]!;
  const order = { kind: 'window', port: product.port, request: clientRequest({ ...product, body: cell.body }), connections, staggerMs: everyMs ?? 0, pid: product.pid } as const;
  const measure = async (ms: number): Promise<Round> => {
    const result = await load.ask<WindowResult>({ ...order, warmMs: WARM_MS, windowMs: ms, ...(everyMs === null ? {} : { everyMs }) } satisfies WindowOrder);
    if (result.failure !== null) throw new Error(`${result.failures} requests failed: ${result.failure}`);
    return roundOf(result);
  };
  const [alone, beside]: [Round[], Round[]] = [[], []];
  const without = async (ms: number): Promise<Round> => {
    await sleep(SETTLE_MS);
    return measure(ms);
  };
  const heard: { polls: number; events: number; ms: number }[] = [];
  const withPages = async (ms: number): Promise<Round> => {
    const begun = await pages.ask<PagesResult>({ kind: 'open', port: product.port, programsEveryMs, ...tokens } satisfies OpenPages);
    const startedAt = performance.now();
    await sleep(SETTLE_MS);
    const round = await measure(ms);
    const ended = await pages.ask<PagesResult>({ kind: 'close' } satisfies ClosePages);
    const failure = begun.failure ?? ended.failure;
    if (failure !== null) throw new Error(`a page failed: ${failure}`);
    heard.push({ polls: ended.polls, events: ended.events, ms: performance.now() - startedAt });
    return round;
  };
  // Compilation is no part of it, on neither thread.
  await measure(2_000);
  await withPages(2_000);
  heard.length = 0;
  for (let pair = 0; pair < pairs; pair++) {
    // Which comes first changes from pair to pair, for a drift of the machine to favour neither.
    const turns = [async () => void alone.push(await without(windowMs)), async () => void beside.push(await withPages(windowMs))];
    for (const turn of pair % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const ratio = (of: (round: Round) => number): Ratio => ratioOf(beside.map((round, i) => of(round) / of(alone[i]!)));
  // A pair that ends without pages is followed by one that begins so.
  const neighbours = alone.slice(1).flatMap((round, i) => (i % 2 === 1 ? [round.p99Ms / alone[i]!.p99Ms] : []));
  const paired = (of: (beside: Round, alone: Round) => number) => spreadOf(beside.map((round, i) => of(round, alone[i]!)));
  const perSecond = (of: (one: (typeof heard)[number]) => number): number => spreadOf(heard.map((one) => (of(one) * 1000) / one.ms)).median;
  return {
    load: name,
    requestsPerSecond: spreadOf(alone.map((round) => round.requestsPerSecond)).median,
    p50Ms: spreadOf(alone.map((round) => round.p50Ms)),
    p99Ms: spreadOf(alone.map((round) => round.p99Ms)),
    p50Ratio: ratio(({ p50Ms }) => p50Ms),
    p99Ratio: ratio(({ p99Ms }) => p99Ms),
    p99Noise: ratioOf(neighbours),
    pairs,
    judged: programsEveryMs === null,
    cpu: paired((p, a) => p.cores - a.cores),
    pollsPerSecond: perSecond(({ polls }) => polls),
    eventsPerSecond: perSecond(({ events }) => events),
  };
}

const ratioOf = (values: readonly number[]): Ratio => ({ median: spreadOf(values).median, ...medianWithin(values) });

interface Round {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cores: number;
}

function roundOf({ samples, completed, elapsedMs, cpuNanoseconds }: WindowResult): Round {
  const latencies = samples.map(({ totalMs }) => totalMs).sort((a, b) => a - b);
  return { requestsPerSecond: (completed * 1000) / elapsedMs, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), cores: cpuNanoseconds / 1e6 / elapsedMs };
}

/** Sessions as signing in makes them, without the work of the passwords. */
function signIn(database: string): Pick<OpenPages, 'buyers' | 'admins'> {
  const db = openDatabase(database, { mode: 'write' });
  try {
    const buyer = findBuyer(db, 'bench');
    if (buyer === null) throw new Error('the product has no buyer "bench"');
    return db.transaction(() => ({
      buyers: sessions(db, loginOfBuyer(db, buyer.id)?.id ?? addLogin(db, 'buyer', buyer.id), BUYER_PAGES),
      admins: sessions(db, addLogin(db, 'admin', null), ADMIN_PAGES),
    }))();
  } finally {
    db.close();
  }
}

function addLogin(db: Db, kind: LoginKind, buyerId: Parameters<typeof insertLogin>[1]['buyerId']): number {
  return insertLogin(db, { kind, buyerId, name: kind === 'admin' ? 'bench' : null, now: Date.now() }).id;
}

function sessions(db: Db, loginId: number, count: number): string[] {
  const begin = { loginId, transport: 'token', method: 'password', address: null, userAgent: null, now: Date.now(), maxMs: 3_600_000 } as const;
  return Array.from({ length: count }, () => beginSession(db, begin).token);
}

export function consoleLines(all: readonly ConsoleFigures[]): string[] {
  return all.flatMap(loadLines);
}

function loadLines(figures: ConsoleFigures): string[] {
  const spread = ({ median, min, max }: Spread): string => `${median.toFixed(2)} [${min.toFixed(2)}–${max.toFixed(2)}]`;
  const within = ({ median, low, high }: Ratio): string => `${median.toFixed(2)} (95 %: ${low.toFixed(2)}–${high.toFixed(2)})`;
  const { load, p99Ratio, p99Noise, p50Ratio, p50Ms, p99Ms, cpu, requestsPerSecond, pollsPerSecond, eventsPerSecond, pairs, judged } = figures;
  return [
    `Console beside ${requestsPerSecond.toFixed(0)} requests/s ${load}: ${BUYER_PAGES} buyers' pages and ${ADMIN_PAGES} admins' open, ${pollsPerSecond.toFixed(1)} polls/s, ${eventsPerSecond.toFixed(0)} events/s`,
    `  p99 with ÷ without ${within(p99Ratio)} of ${pairs} pairs${judged ? `; ≤ 1.1 ${p99Ratio.median <= 1.1 ? 'pass' : 'MISS'}` : ''}; neighbours without ${within(p99Noise)}; p50 ${within(p50Ratio)}`,
    `  without: p99 ${spread(p99Ms)} ms, p50 ${spread(p50Ms)} ms; server CPU for it ${spread(cpu)} of a core`,
  ];
}
