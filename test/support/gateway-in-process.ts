/**
 * The whole gateway inside the test's process: a real database in a folder of its own, real sockets, a scripted
 * upstream. After every test `checkInvariants` must hold.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect } from 'vitest';
import type { Config } from '../../src/config.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { openGateway, type Gateway } from '../../src/gateway.ts';
import { parseRouteAlias, type BuyerId, type KeyId, type RouteAlias } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { createLog } from '../../src/log.ts';
import { serializeCard } from '../../src/metering/price-card.ts';
import { createPriceBook, PRICE_BOOK_DATE } from '../../src/metering/price-book.ts';
import { micro, parseUsdc } from '../../src/money.ts';
import { createBuyer } from '../../src/registry/buyers.ts';
import type { CardDraft } from '../../src/registry/cards.ts';
import { reportChecks } from '../../src/reports/report-checks.ts';
import { createKey } from '../../src/registry/keys.ts';
import { createRoute } from '../../src/registry/routes.ts';
import { openScriptedUpstream, type ScriptedUpstream } from './scripted-upstream.ts';
import { testConfig, type TestGatewayOptions } from './test-config.ts';

/** What the gateway says to the upstream, and what nobody else may ever see. */
export const UPSTREAM_SECRET = 'sk-upstream-secret-7c1f';
/** Routes, each with the upstream of its name: `main` is patient, `hasty` has short time limits, `gone` leads to a port that nobody listens on. */
export const ROUTES = ['main', 'hasty', 'gone'] as const;

export interface TestBuyer {
  readonly id: BuyerId;
  readonly keyId: KeyId;
  readonly key: string;
}

/** A row of `requests`, as SQLite gives it. */
export type RequestRow = Readonly<Record<string, string | number | null>>;

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly upstream: ScriptedUpstream;
  readonly config: Config;
  readonly port: number;
  /** A second connection, as the command line has it. */
  readonly db: Db;
  readonly logs: LogLine[];
  /** A buyer with that many USDC and a key. */
  buyer(usdc?: string): TestBuyer;
  balance(buyer: TestBuyer): { balance: bigint; held: bigint };
  /** Waits until no hold is open, then for exactly `count` rows of the buyer. */
  rows(buyer: TestBuyer, count?: number): Promise<RequestRow[]>;
  openHolds(): number;
  /** For `afterEach`: the books balance, nothing is held, nothing leaked, every script was asked for. */
  checkInvariants(): Promise<void>;
  /** Drains and closes; the folder goes too. */
  close(): Promise<void>;
}

/** List prices of every built-in model. */
export function listCard(): CardDraft {
  return { body: serializeCard(createPriceBook([])), origin: { kind: 'multiplier', multiplier: '1', bookDate: PRICE_BOOK_DATE } };
}

export function aliasOf(text: string): RouteAlias {
  const parsed = parseRouteAlias(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.alias;
}

export function addRoute(db: Db, alias: string, upstream = alias): void {
  createRoute(db, { alias: aliasOf(alias), upstream, card: listCard() });
}

export async function openTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-faults-'));
  const upstream = await openScriptedUpstream();
  const database = path.join(folder, 'ainogap.db');
  fs.writeFileSync(path.join(folder, 'credential'), `${UPSTREAM_SECRET}\n`, { mode: 0o600 });
  const db = openDatabase(database, { mode: 'create' });
  for (const alias of ROUTES) addRoute(db, alias);
  const config = testConfig({ database, origin: upstream.origin, options });
  const logs: LogLine[] = [];
  const log = createLog({ level: 'debug', format: 'json', write: (line) => void logs.push(JSON.parse(line) as LogLine) });
  const gateway = await openGateway(config, { log });
  return new InProcess({ folder, upstream, db, config, logs, gateway });
}

interface Parts {
  readonly folder: string;
  readonly upstream: ScriptedUpstream;
  readonly db: Db;
  readonly config: Config;
  readonly logs: LogLine[];
  readonly gateway: Gateway;
}

class InProcess implements TestGateway {
  readonly gateway: Gateway;
  readonly upstream: ScriptedUpstream;
  readonly config: Config;
  readonly db: Db;
  readonly logs: LogLine[];
  readonly #folder: string;
  readonly #buyers: TestBuyer[] = [];

  constructor(parts: Parts) {
    this.gateway = parts.gateway;
    this.upstream = parts.upstream;
    this.config = parts.config;
    this.db = parts.db;
    this.logs = parts.logs;
    this.#folder = parts.folder;
  }

  get port(): number {
    return this.gateway.address.port;
  }

  buyer(usdc = '1'): TestBuyer {
    const created = createBuyer(this.db, `buyer ${this.#buyers.length + 1}`);
    const { id } = created.buyer;
    const amount = parseUsdc(usdc);
    if (!amount.ok) throw new Error(amount.reason);
    if (amount.amount > 0n)
      openDirectLedger(this.db).deposit({ buyerId: id, amount: micro(amount.amount), kind: 'deposit', reference: null, reason: null });
    const { key, secret } = createKey(this.db, { buyerId: id });
    const buyer = { id, keyId: key.id, key: secret };
    this.#buyers.push(buyer);
    return buyer;
  }

  balance(buyer: TestBuyer): { balance: bigint; held: bigint } {
    const balance = openDirectLedger(this.db).balance(buyer.id);
    if (!balance) throw new Error(`buyer ${buyer.id} has no account`);
    return balance;
  }

  openHolds(): number {
    return this.db.prepare('SELECT count(*) FROM open_requests').pluck().get() as number;
  }

  async rows(buyer: TestBuyer, count = 1): Promise<RequestRow[]> {
    const read = this.db.prepare('SELECT * FROM requests WHERE buyer_id = ? ORDER BY id');
    await expect.poll(() => [this.openHolds(), read.all(buyer.id).length], { timeout: 20_000, interval: 10 }).toEqual([0, count]);
    return read.all(buyer.id) as RequestRow[];
  }

  async checkInvariants(): Promise<void> {
    // Taken before anything can fail, so that a failure does not fail the tests that follow.
    const errors = [...this.upstream.errors];
    const unasked = this.upstream.forget();
    const text = JSON.stringify(this.logs);
    const bugs = this.logs.filter(({ event }) => event === 'alert_exchange_failed');
    this.logs.length = 0;
    await expect.poll(() => this.openHolds(), { timeout: 20_000, interval: 10 }).toBe(0);
    expect(verifyDatabase(this.db, reportChecks()).firstDifference).toBeNull();
    this.#checkBooks();
    for (const secret of [UPSTREAM_SECRET, ...this.#buyers.map(({ key }) => key)]) expect(text).not.toContain(secret);
    expect(bugs).toEqual([]);
    expect(errors).toEqual([]);
    expect(unasked).toBe(0);
  }

  /** Credits = balances + charges + held; no balance below zero; as many ends of holds as rows with a hold. */
  #checkBooks(): void {
    const read = (sql: string): unknown => this.db.prepare(sql).pluck().safeIntegers().get();
    const credits = read('SELECT coalesce(sum(amount), 0) FROM transfers WHERE kind IN (1, 2)');
    const balances = read('SELECT sum(credits_posted - debits_posted - debits_pending) FROM accounts WHERE id > 0');
    const held = read('SELECT sum(debits_pending) FROM accounts WHERE id > 0');
    const charged = read('SELECT coalesce(sum(charge - shortfall), 0) FROM requests');
    expect(credits).toBe((balances as bigint) + (held as bigint) + (charged as bigint));
    expect(held).toBe(0n);
    expect(read('SELECT count(*) FROM accounts WHERE id > 0 AND credits_posted - debits_posted - debits_pending < 0')).toBe(0n);
    expect(read('SELECT count(*) FROM requests WHERE hold IS NOT NULL')).toBe(read('SELECT count(*) FROM transfers WHERE kind IN (3, 4)'));
  }

  async close(): Promise<void> {
    const drained = this.gateway.drain();
    await this.gateway.abort();
    await drained;
    await this.upstream.close();
    this.db.close();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
