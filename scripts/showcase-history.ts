/** Days of requests before the pictures, through the ledger's own engine, which sums them up as it does for a server. */
import type { Db } from '../src/db/open.ts';
import { createRequestIds, type InstanceId, type RequestId } from '../src/ids.ts';
import { createEngine, type Engine } from '../src/ledger/engine.ts';
import type { Hold } from '../src/ledger/ledger.ts';
import { requestRowOf, type Operation } from '../src/ledger/operations.ts';
import { createPriceBook } from '../src/metering/price-book.ts';
import { settlementAmounts } from '../src/metering/settlement-amounts.ts';
import { micro, type MicroUsdc } from '../src/money.ts';
import { findRoute, type RouteRecord } from '../src/registry/routes.ts';
import { NO_TOKENS, type TokenCounts } from '../src/tokens.ts';
import { createRandom, type Random } from './showcase-random.ts';
import type { Habit, ShowcaseBuyer } from './showcase-world.ts';

const INSTANCE = 1 as InstanceId;
const HOUR_MS = 3_600_000;

export interface HistoryOptions {
  readonly buyers: readonly ShowcaseBuyer[];
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
}

export function writeHistory(db: Db, options: HistoryOptions): void {
  new History(db, options).write();
}

class History {
  readonly #db: Db;
  readonly #options: HistoryOptions;
  readonly #random = createRandom(7);
  readonly #book = createPriceBook([]);
  readonly #routes = new Map<string, RouteRecord>();
  readonly #left = new Map<number, bigint>();
  readonly #engine: Engine;
  readonly #newId: () => RequestId;
  readonly #generation: number;
  #now: number;
  #batch: Operation[] = [];

  constructor(db: Db, options: HistoryOptions) {
    this.#db = db;
    this.#options = options;
    this.#now = options.from;
    this.#engine = createEngine(db, { instance: INSTANCE, now: () => this.#now });
    this.#newId = createRequestIds(INSTANCE, () => this.#now);
    this.#generation = Number(db.prepare('SELECT value FROM registry_generation').pluck().get());
  }

  write(): void {
    const { from, to } = this.#options;
    for (let at = from; at < to; at += (1_000 / rateAt(at, to)) * (0.3 + 1.4 * this.#random.next())) {
      // A batch is settled at one time, so it must not span more than the reports tell apart.
      const stepMs = to - at < 10 * 60_000 ? 1_000 : to - at < 2 * HOUR_MS ? 60_000 : 600_000;
      if (Math.floor(at / stepMs) !== Math.floor(this.#now / stepMs)) this.#flush();
      this.#now = Math.floor(at);
      this.#request(chosen(this.#options.buyers, this.#random));
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const odd = this.#engine.apply(this.#batch).find(({ kind }) => kind !== 'created' && kind !== 'posted');
    if (odd) throw new Error(`the history does not go through: ${odd.kind}`);
    this.#batch = [];
  }

  #request(buyer: ShowcaseBuyer): void {
    const { habit } = buyer;
    const route = this.#routeOf(this.#random.pick(habit.routes));
    const model = this.#random.pick(habit.models);
    const requestedModel = route.card.card.byName.get(model);
    if (requestedModel === undefined) throw new Error(`${route.alias} lacks ${model}`);
    const tokens = tokensOf(habit, this.#random);
    const usage = { parts: [{ model, tokens }], webSearchRequests: 0, inferenceGeo: null, serviceTier: null };
    const { total, split, listCost } = settlementAmounts({ usage, card: route.card.card, requestedModel }, this.#book);
    const hold = micro(total * 3n);
    this.#pay(buyer, hold, total);
    const key = buyer.keys[this.#random.whole(0, buyer.keys.length - 1)] as ShowcaseBuyer['keys'][number];
    const ids = { requestId: this.#newId(), buyerId: buyer.id, keyId: key.id, routeId: route.id, cardVersion: route.card.card.version };
    const common = { ...ids, model, quoteBasis: 'bytes', outputTokensMax: 4096, upstream: route.upstream, startedAt: this.#now } as const;
    const held: Hold = { ...common, generation: this.#generation, amount: hold, worstCase: hold };
    const timeToFirstByteMs = this.#random.whole(280, 900);
    const record = requestRowOf({
      ...common,
      responseModel: model,
      status: 'completed',
      httpStatus: 200,
      errorCode: null,
      tokens,
      listCost,
      usageSource: 'reported',
      flags: [],
      detail: null,
      upstreamRequestId: null,
      attempts: 1,
      durationMs: timeToFirstByteMs + tokens.output * 12,
      timeToFirstByteMs,
    });
    this.#batch.push({ op: 'hold', hold: held }, { op: 'settle', settlement: { action: 'post', charge: total, split, record } });
  }

  /** Tops up before the money is short. */
  #pay({ id, name, habit }: ShowcaseBuyer, hold: bigint, charge: bigint): void {
    const full = BigInt(habit.topUp) * 1_000_000n;
    let left = this.#left.get(id) ?? 0n;
    if (left < full / 3n + hold) {
      const reference = `inv-${name}-${Math.floor(this.#now / 1_000)}`;
      this.#batch.push({ op: 'deposit', deposit: { buyerId: id, amount: full as MicroUsdc, kind: 'deposit', reference, reason: null } });
      left += full;
    }
    this.#left.set(id, left - charge);
  }

  #routeOf(alias: string): RouteRecord {
    const known = this.#routes.get(alias) ?? findRoute(this.#db, alias);
    if (known === null) throw new Error(`no route ${alias}`);
    this.#routes.set(alias, known);
    return known;
  }
}

/** Requests a second: few days ago, by office hours; many in the last minutes, as on a gateway that is watched. */
function rateAt(at: number, end: number): number {
  if (end - at < 6 * 60_000) return 1.6;
  const hour = new Date(at).getUTCHours();
  const weekend = [0, 6].includes(new Date(at).getUTCDay()) ? 0.45 : 1;
  const office = 0.25 + 0.75 * Math.max(0, Math.sin(((hour - 5) / 16) * Math.PI));
  return end - at < 2 * HOUR_MS ? 0.3 : 0.14 * weekend * office;
}

function chosen(buyers: readonly ShowcaseBuyer[], random: Random): ShowcaseBuyer {
  let left = random.next() * buyers.reduce((sum, { habit }) => sum + habit.share, 0);
  for (const buyer of buyers) {
    left -= buyer.habit.share;
    if (left < 0) return buyer;
  }
  throw new Error('nobody asks for anything');
}

function tokensOf({ style }: Habit, random: Random): TokenCounts {
  const base = { ...NO_TOKENS, input: random.whole(80, 900), output: random.whole(90, 900) };
  if (style === 'chat') return { ...base, input: random.whole(300, 6_000) };
  if (style === 'writer') return { ...base, cacheWrite5m: random.whole(4_000, 14_000), cacheRead: random.whole(0, 3) === 0 ? random.whole(4_000, 9_000) : 0 };
  const begins = random.whole(0, 11) === 0;
  return { ...base, cacheWrite5m: random.whole(600, 4_000), cacheWrite1h: begins ? random.whole(6_000, 12_000) : 0, cacheRead: begins ? 0 : random.whole(8_000, 60_000) };
}
