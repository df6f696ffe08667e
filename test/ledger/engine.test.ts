import { expect, it } from 'vitest';
import { openMemoryDatabase } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { micro } from '../../src/money.ts';
import { addBuyers, generationOf, holdOf, postOf } from './fixtures.ts';

it('never lets the time of the ledger run backwards, however the clock jumps', () => {
  const db = openMemoryDatabase();
  const buyer = addBuyers(db, ['acme'])[0] as BuyerId;
  const nextId = createRequestIds(1 as InstanceId);
  const clock = [65_000, 69_000, 62_000, 69_500];
  const times: unknown[] = [];
  for (const now of clock) {
    // A new engine each time, as after a restart: the last time is the database's.
    const engine = createEngine(db, { instance: 1 as InstanceId, now: () => now });
    const id = nextId();
    const { record, ...rest } = postOf(id, buyer, 0n);
    engine.apply([
      { op: 'hold', hold: holdOf(id, buyer, 0n, { generation: generationOf(db) }) },
      { op: 'settle', settlement: { ...rest, record: requestRowOf(record) } },
    ]);
    times.push(db.prepare('SELECT settled_at FROM requests WHERE id = ?').pluck().get(id));
  }
  expect(times).toEqual([65_000, 69_000, 69_000, 69_500]);
});

it('applies nothing of a batch that fails, and can be used again', () => {
  const db = openMemoryDatabase();
  const buyer = addBuyers(db, ['acme'])[0] as BuyerId;
  const engine = createEngine(db, { instance: 1 as InstanceId });
  const deposit = { op: 'deposit', deposit: { buyerId: buyer, amount: micro(5n), kind: 'deposit', reference: null, reason: null } } as const;
  const id = createRequestIds(1 as InstanceId)();
  engine.apply([{ op: 'hold', hold: holdOf(id, buyer, 0n, { generation: generationOf(db) }) }]);
  const { record, ...rest } = postOf(id, (buyer + 1) as BuyerId, 0n);
  expect(() => engine.apply([deposit, { op: 'settle', settlement: { ...rest, record: requestRowOf(record) } }])).toThrow(
    expect.objectContaining({ name: 'ApplyFailure', stage: 'work', kind: 'fatal' }),
  );
  expect(engine.apply([deposit])[0]).toMatchObject({ kind: 'created', before: { balance: 0n } });
});

it('writes batches of every size whole', () => {
  const db = openMemoryDatabase();
  const buyer = addBuyers(db, ['acme'])[0] as BuyerId;
  const engine = createEngine(db, { instance: 1 as InstanceId });
  const nextId = createRequestIds(1 as InstanceId);
  const generation = generationOf(db);
  for (const size of [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 149, 300]) {
    const ids = Array.from({ length: size }, () => nextId());
    engine.apply(ids.map((id) => ({ op: 'hold', hold: holdOf(id, buyer, 0n, { generation }) })));
    expect(db.prepare('SELECT count(*) FROM open_requests').pluck().get()).toBe(size);
    const outcomes = engine.apply(
      ids.map((id) => {
        const { record, ...rest } = postOf(id, buyer, 0n);
        return { op: 'settle', settlement: { ...rest, record: requestRowOf(record) } };
      }),
    );
    expect(outcomes.every(({ kind }) => kind === 'posted')).toBe(true);
    expect(db.prepare('SELECT count(*) FROM open_requests').pluck().get()).toBe(0);
  }
});
