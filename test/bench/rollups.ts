/**
 * What summing usage costs the ledger: durable hold+settle pairs per second with the sums and without, turn by turn on
 * fresh databases, by many keys on several routes. `node test/bench/rollups.ts [seconds]` prints the figures.
 */
import * as path from 'node:path';
import { openDatabase } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type KeyId, type RequestId, type RouteId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { micro } from '../../src/money.ts';
import { createDatabase, generationOf, holdOf, postOf, temporaryFolder } from '../ledger/fixtures.ts';
import { requirePassing } from './ledger.ts';
import { spreadOf, type Spread } from './spread.ts';

export interface RollupFigures {
  readonly inFlight: number;
  /** Pairs per second. */
  readonly withSums: Spread;
  readonly without: Spread;
  /** With ÷ without, of neighbours in time. */
  readonly ratio: Spread;
  /** CPU per pair, all threads, with ÷ without: what a machine that others use disturbs less. */
  readonly cpuRatio: Spread;
}

interface Measured {
  readonly rate: number;
  readonly cpuMicros: number;
}

/** One key each. */
const BUYERS = 200;
const ROUTES = 4;
const ROUNDS = 7;

export interface BenchRollupsOptions {
  readonly inFlight?: readonly number[];
  /** Of measuring each side, in all. */
  readonly seconds?: number;
}

/** Each database ends with a passing `verify` and with all its requests summed, else this throws. */
export async function benchRollups({ inFlight = [64, 256], seconds = 5 }: BenchRollupsOptions = {}): Promise<RollupFigures[]> {
  const figures: RollupFigures[] = [];
  for (const concurrent of inFlight) {
    const withSums: Measured[] = [];
    const without: Measured[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Who comes first changes, for a machine that gets slower within a round must not favour one side.
      for (const rollups of round % 2 === 0 ? [true, false] : [false, true])
        (rollups ? withSums : without).push(await measure(concurrent, seconds / ROUNDS, rollups));
    }
    const rates = (of: readonly Measured[]): Spread => spreadOf(of.map(({ rate }) => rate));
    const ratio = (figure: keyof Measured): Spread => spreadOf(withSums.map((one, i) => one[figure] / without[i]![figure]));
    figures.push({ inFlight: concurrent, withSums: rates(withSums), without: rates(without), ratio: ratio('rate'), cpuRatio: ratio('cpuMicros') });
  }
  return figures;
}

async function measure(inFlight: number, seconds: number, rollups: boolean): Promise<Measured> {
  const folder = temporaryFolder();
  try {
    const file = path.join(folder.path, 'rollups.db');
    const { buyers, generation } = prepare(file);
    const ledger = await openLedger({ file, rollups });
    const nextId = createRequestIds(ledger.instance);
    const run = async (forSeconds: number): Promise<number> => {
      const end = performance.now() + forSeconds * 1000;
      const clients = Array.from({ length: inFlight }, (_, lane) => client({ ledger, buyers, generation, nextId, end, lane }));
      return (await Promise.all(clients)).reduce((a, b) => a + b, 0);
    };
    const warm = await run(0.3);
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    const pairs = await run(seconds);
    const elapsed = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    await ledger.close();
    requirePassing(file);
    requireSummed(file, rollups ? warm + pairs : 0);
    return { rate: pairs / elapsed, cpuMicros: (user + system) / pairs };
  } finally {
    folder.remove();
  }
}

function prepare(file: string): { buyers: readonly BuyerId[]; generation: number } {
  const buyers = createDatabase(file, Array.from({ length: BUYERS }, (_, i) => `buyer ${i}`));
  const db = openDatabase(file, { mode: 'write' });
  const direct = openDirectLedger(db);
  for (const buyerId of buyers) direct.deposit({ buyerId, amount: micro(1_000_000_000_000n), kind: 'deposit', reference: null, reason: null });
  const generation = generationOf(db);
  db.close();
  return { buyers, generation };
}

interface Client {
  readonly ledger: Ledger;
  readonly buyers: readonly BuyerId[];
  readonly generation: number;
  readonly nextId: () => RequestId;
  readonly end: number;
  readonly lane: number;
}

/** Requests of changing keys and routes, so that those of a batch differ as they would in life. */
async function client({ ledger, buyers, generation, nextId, end, lane }: Client): Promise<number> {
  let pairs = 0;
  for (let turn = lane * 37; performance.now() < end; turn += 61) {
    const id = nextId();
    const buyer = buyers[turn % BUYERS] as BuyerId;
    const of = { keyId: Number(buyer) as KeyId, routeId: ((Math.floor(turn / BUYERS) % ROUTES) + 1) as RouteId };
    const held = await ledger.hold(holdOf(id, buyer, 5000n, { generation, ...of }));
    if (held.kind !== 'created') throw new Error(`the hold was answered ${held.kind}`);
    const settlement = postOf(id, buyer, 4200n);
    const settled = await ledger.settle({ ...settlement, record: { ...settlement.record, ...of } });
    if (settled.kind !== 'posted') throw new Error(`the settlement was answered ${settled.kind}`);
    pairs++;
  }
  return pairs;
}

function requireSummed(file: string, requests: number): void {
  const db = openDatabase(file, { mode: 'read' });
  const days = 'SELECT coalesce(sum(requests), 0) FROM usage_days';
  const open = 'SELECT coalesce(sum(requests), 0) FROM usage_minutes WHERE minute > (SELECT folded FROM usage_state)';
  const summed = Number(db.prepare(`SELECT (${days}) + (${open})`).pluck().get());
  db.close();
  if (summed !== requests) throw new Error(`${requests} requests ended, and ${summed} are summed`);
}

if (import.meta.main) {
  for (const { inFlight, withSums, without, ratio, cpuRatio } of await benchRollups({ seconds: Number(process.argv[2] ?? 5) }))
    console.log(
      `${inFlight} in flight: ${withSums.median.toFixed(0)} pairs/s with sums, ${without.median.toFixed(0)} without: ` +
        `${ratio.median.toFixed(3)} [${ratio.min.toFixed(3)}–${ratio.max.toFixed(3)}]; CPU ${cpuRatio.median.toFixed(3)}`,
    );
}
