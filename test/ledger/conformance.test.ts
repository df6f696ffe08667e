import * as path from 'node:path';
import { openDatabase, openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId } from '../../src/ids.ts';
import { createBalanceReader } from '../../src/ledger/direct.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { assertDeposit, assertHold, assertSettlement, requestRowOf } from '../../src/ledger/operations.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { describeLedger, type LedgerUnderTest } from './conformance.ts';
import { addBuyers, createDatabase, generationOf, temporaryFolder } from './fixtures.ts';

const NAMES = ['acme', 'other'];

function registryOf(db: Db) {
  return {
    changeRegistry: () => void db.prepare('UPDATE buyers SET name = name').run(),
    generation: () => generationOf(db),
    verify: () => verifyDatabase(db),
  };
}

function openEngine(): Promise<LedgerUnderTest> {
  const db = openMemoryDatabase();
  const buyers = addBuyers(db, NAMES) as [BuyerId, BuyerId];
  const engine = createEngine(db, { instance: 1 as InstanceId });
  const apply = (operation: Parameters<typeof engine.apply>[0][number]) => engine.apply([operation])[0];
  return Promise.resolve({
    ...registryOf(db),
    buyers,
    nextId: createRequestIds(1 as InstanceId),
    balance: createBalanceReader(db),
    hold: async (hold) => {
      assertHold(hold);
      return (await Promise.resolve(apply({ op: 'hold', hold }))) as never;
    },
    settle: async (settlement) => {
      assertSettlement(settlement);
      const row = { ...settlement, record: requestRowOf(settlement.record) };
      return (await Promise.resolve(apply({ op: 'settle', settlement: row }))) as never;
    },
    deposit: async (deposit) => {
      assertDeposit(deposit);
      return (await Promise.resolve(apply({ op: 'deposit', deposit }))) as never;
    },
    close: async () => {
      db.close();
      await Promise.resolve();
    },
  });
}

async function openWorker(): Promise<LedgerUnderTest> {
  const folder = temporaryFolder();
  const file = path.join(folder.path, 'ledger.db');
  const buyers = createDatabase(file, NAMES) as [BuyerId, BuyerId];
  const ledger = await openLedger({ file });
  const db = openDatabase(file, { mode: 'write' });
  return {
    ...registryOf(db),
    buyers,
    nextId: createRequestIds(ledger.instance),
    balance: (buyer) => ledger.balance(buyer),
    hold: (hold) => ledger.hold(hold),
    settle: (settlement) => ledger.settle(settlement),
    deposit: (deposit) => ledger.deposit(deposit),
    close: async () => {
      db.close();
      await ledger.close();
      folder.remove();
    },
  };
}

describeLedger('the engine on a database in memory', openEngine);
describeLedger('the ledger through its worker, on disk', openWorker);
