/** A database with a buyer whose balance goes up and down, engines on it that share a clock, and a webhook's receiver. */
import * as path from 'node:path';
import { startAlertEngine, type AlertEngine } from '../../src/alerts/engine.ts';
import type { AlertPlan } from '../../src/alerts/plan.ts';
import type { AlertRule } from '../../src/config.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import type { LogFields } from '../../src/log.ts';
import { micro } from '../../src/money.ts';
import { listAlerts, type AlertEntry } from '../../src/reports/alerts.ts';
import { createDatabase, temporaryFolder } from '../ledger/fixtures.ts';
import { openReceiver, SECRET, type Receiver } from './receiver.ts';

export const LOW: AlertRule = { name: 'low', when: 'balance_below', amount: micro(10_000_000), buyers: null };

export interface LogLine extends LogFields {
  readonly level: string;
  readonly event: string;
}

export interface AlertWorld {
  readonly file: string;
  readonly db: Db;
  readonly buyerId: BuyerId;
  readonly receiver: Receiver;
  readonly log: readonly LogLine[];
  /** Brings acme's balance to so many USDC. */
  balance(usdc: number): void;
  /** Moves the engines' clock, which otherwise runs as the wall's does. */
  later(ms: number): void;
  readonly now: () => number;
  /** Has the receiver told of low balances, and after it each of `others`. */
  plan(...others: readonly Receiver[]): AlertPlan;
  engine(plan: AlertPlan, options?: { timeoutMs?: number }): AlertEngine;
  alerts(): AlertEntry[];
  /** Resolves when `test` holds. */
  until(test: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function openAlertWorld(): Promise<AlertWorld> {
  const receiver = await openReceiver();
  const folder = temporaryFolder(true);
  const file = path.join(folder.path, 'ainogap.db');
  const [buyerId] = createDatabase(file) as [BuyerId];
  const db = openDatabase(file, { mode: 'write' });
  const engines: { engine: AlertEngine; db: Db }[] = [];
  const log: LogLine[] = [];
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}): void =>
      void log.push({ level, event, ...fields });
  const world: AlertWorld = {
    file,
    db,
    buyerId,
    receiver,
    log,
    balance(usdc) {
      const ledger = openDirectLedger(db);
      const amount = micro(BigInt(Math.round(usdc * 1e6)) - (ledger.balance(buyerId)?.balance ?? 0n));
      const outcome = ledger.deposit({ buyerId, amount, kind: 'adjust', reference: null, reason: 'a test' });
      if (outcome.kind !== 'created') throw new Error(outcome.kind);
    },
    later: (ms) => void (ahead += ms),
    now,
    plan: (...others) => ({ rules: [LOW], webhooks: [receiver, ...others].map(({ url }, index) => ({ name: index === 0 ? 'ops' : `ops${index + 1}`, url, secret: SECRET })) }),
    engine(plan, options = {}) {
      const own = openDatabase(file, { mode: 'write' });
      const engine = startAlertEngine({ db: own, plan, now, intervalMs: 5, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, ...options });
      engines.push({ engine, db: own });
      return engine;
    },
    alerts: () => listAlerts(db, { all: true, limit: 100 }),
    async until(test) {
      while (!test()) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async close() {
      for (const { engine, db: own } of engines) {
        await engine.stop();
        own.close();
      }
      await receiver.close();
      db.close();
      folder.remove();
    },
  };
  world.balance(100);
  return world;
}
