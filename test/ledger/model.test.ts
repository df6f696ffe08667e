import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId, InstanceId, RequestId } from '../../src/ids.ts';
import { createEngine, type Engine } from '../../src/ledger/engine.ts';
import { requestRowOf, type Operation, type Outcome } from '../../src/ledger/operations.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { addBuyers, generationOf, holdOf, postOf, voidOf } from './fixtures.ts';
import { LedgerModel } from './model.ts';

const SEQUENCES = 10_000;
const REQUESTS = 6;

type Command =
  | { readonly do: 'hold'; readonly request: number; readonly amount: bigint; readonly model: string; readonly stale: boolean }
  | { readonly do: 'post'; readonly request: number; readonly charge: bigint }
  | { readonly do: 'void'; readonly request: number }
  | { readonly do: 'progress'; readonly request: number }
  | { readonly do: 'deposit'; readonly amount: bigint; readonly reference: string | null };

// Few ids, few amounts: replays, conflicts, excess and shortfall must be common.
const request = fc.nat(REQUESTS - 1);
const amount = fc.constantFrom(0n, 1n, 40n, 100n, 101n, 2_500n);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('hold' as const), request, amount, model: fc.constantFrom('a', 'a', 'a', 'b'), stale: fc.nat(9).map((n) => n === 0) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('post' as const), request, charge: amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('void' as const), request }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('progress' as const), request }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('deposit' as const),
      amount: fc.constantFrom(1n, 100n, 150n, 5_000n, -1n, -100n),
      reference: fc.constantFrom(null, 'x', 'y'),
    }),
  },
);
/** Batches of commands: those of one batch share a transaction. */
const sequence = fc.array(fc.array(command, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });

class Run {
  readonly #db: Db;
  readonly #buyer: BuyerId;
  readonly #number: number;
  readonly #generation: number;
  readonly #model = new LedgerModel();

  constructor(db: Db, number: number) {
    this.#db = db;
    this.#number = number;
    this.#buyer = addBuyers(db, [`buyer ${number}`])[0] as BuyerId;
    this.#generation = generationOf(db);
  }

  check(engine: Engine, batches: readonly (readonly Command[])[]): void {
    for (const batch of batches) {
      const outcomes = engine.apply(batch.map((c) => this.#operation(c)));
      expect(outcomes.map((outcome, i) => words(batch[i] as Command, outcome))).toEqual(batch.map((c) => this.#expected(c)));
    }
    const row = this.#db
      .prepare('SELECT credits_posted - debits_posted, debits_pending FROM accounts WHERE id = ?')
      .raw()
      .safeIntegers()
      .get(this.#buyer);
    expect(row).toEqual([this.#model.balance, this.#model.held]);
    const requests = this.#db
      .prepare('SELECT count(*), coalesce(sum(charge - shortfall), 0), coalesce(sum(shortfall), 0) FROM requests WHERE buyer_id = ?')
      .raw()
      .safeIntegers()
      .get(this.#buyer);
    expect(requests).toEqual([BigInt(this.#model.ended.size), this.#model.charges, this.#model.shortfall]);
  }

  /** Odd runs use ids below all others, so that both the quick and the careful look-up are met. */
  #id(n: number): RequestId {
    const base = this.#number % 2 === 0 ? (1n << 50n) + BigInt(this.#number) * 64n : (1n << 50n) - BigInt(this.#number) * 64n;
    return (base + BigInt(n * 4)) as RequestId;
  }

  #operation(c: Command): Operation {
    switch (c.do) {
      case 'hold': {
        const generation = c.stale ? this.#generation - 1 : this.#generation;
        return { op: 'hold', hold: holdOf(this.#id(c.request), this.#buyer, c.amount, { generation, model: c.model }) };
      }
      case 'post':
        return settlement(postOf(this.#id(c.request), this.#buyer, c.charge));
      case 'void':
        return settlement(voidOf(this.#id(c.request), this.#buyer));
      case 'progress':
        return { op: 'progress', progress: { requestId: this.#id(c.request), model: 'a', tokens: postOf(this.#id(0), this.#buyer, 0n).record.tokens, deltaBytes: 1, webSearchRequests: 0, inferenceGeo: null, serviceTier: null } };
      case 'deposit':
        return {
          op: 'deposit',
          deposit: {
            buyerId: this.#buyer,
            amount: micro(c.amount),
            kind: 'adjust',
            reference: c.reference === null ? null : `${c.reference} ${this.#number}`,
            reason: 'test',
          },
        };
    }
  }

  #expected(c: Command): string {
    if (c.do === 'hold') return this.#model.hold(c.request, { amount: c.amount, model: c.model }, c.stale);
    if (c.do === 'post') return this.#model.post(c.request, c.charge);
    if (c.do === 'void') return this.#model.void(c.request);
    if (c.do === 'deposit') return this.#model.deposit(c.amount, c.reference);
    return 'done';
  }
}

function settlement({ record, ...rest }: ReturnType<typeof postOf>): Operation {
  return { op: 'settle', settlement: { ...rest, record: requestRowOf(record) } };
}

function words(c: Command, outcome: Outcome): string {
  const parts: (string | bigint)[] = [outcome.kind];
  if (outcome.kind === 'conflict') parts.push(outcome.field);
  if (outcome.kind === 'posted') parts.push(outcome.debited, outcome.excess, outcome.shortfall);
  if ('balance' in outcome && c.do !== 'progress') parts.push(`${outcome.balance.balance}/${outcome.balance.held}`);
  return parts.join(' ');
}

it(`agrees with the model in ${SEQUENCES} sequences of batches`, () => {
  const db = openMemoryDatabase();
  addBuyers(db, ['someone else']);
  const engine = createEngine(db, { instance: 1 as InstanceId });
  let run = 0;
  fc.assert(
    fc.property(sequence, (batches) => {
      new Run(db, ++run).check(engine, batches);
    }),
    { numRuns: SEQUENCES },
  );
  expect(verifyDatabase(db).firstDifference).toBeNull();
  db.close();
});
