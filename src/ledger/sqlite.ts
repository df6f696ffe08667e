/** The ledger on SQLite: the main thread's side. Writing is the worker's; balances are read here. */
import { randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { openDatabase, refuseDamaged, type Db } from '../db/open.ts';
import { upgradeWords, type UpgradeEvent } from '../db/upgrade.ts';
import type { BuyerId, InstanceId } from '../ids.ts';
import type { Log } from '../log.ts';
import { createChannelMemory } from './channel.ts';
import { createBalanceReader } from './direct.ts';
import { findDeadInstances, removeLocksOf } from './instances.ts';
import type { Balance, Deposit, DepositOutcome, Hold, HoldOutcome, Ledger, LedgerFigures, OpenRequest, Progress, RequestRecord, Settlement, SettleOutcome } from './ledger.ts';
import { assertDeposit, assertHold, assertProgress, assertRecord, assertSettlement, requestRowOf } from './operations.ts';
import { OperationQueue } from './operation-queue.ts';
import { createRefusalLimit } from './refusal-limit.ts';
import { startWorker } from '../program-files.ts';
import { WORKER_FILE } from './worker-file.ts';
import type { WorkerMessage, WorkerStart } from './worker.ts';

/** For how long a write that reached the disk shows that the next one would. */
const WRITABLE_FOR_MS = 1000;

export interface OpenLedgerOptions {
  /** An existing database (see `openDatabase`). */
  readonly file: string;
  readonly log?: Log;
  /** False: usage is not summed. Only for measuring what the sums cost. */
  readonly rollups?: boolean;
}

/** Migrates the database if need be, registers this process as an instance and starts the writer. */
export async function openLedger({ file, log, rollups = true }: OpenLedgerOptions): Promise<Ledger> {
  // Opened for writing once, on this thread, so that a database that cannot be used is refused in words.
  const database = openDatabase(file, { mode: 'write', ...(log ? { onUpgrade: (event) => logUpgrade(log, event) } : {}) });
  try {
    refuseDamaged(database);
  } catch (error) {
    database.close();
    throw error;
  }
  const path = database.name;
  const memory = createChannelMemory();
  const start: WorkerStart = { file: path, token: randomBytes(12).toString('hex'), memory, rollups };
  const worker = startWorker(WORKER_FILE, { workerData: start });
  try {
    const instance = await readiness(worker);
    database.close();
    log?.debug('ledger open', { instance, database: path });
    return new SqliteLedger({ worker, queue: new OperationQueue(memory), reader: openDatabase(path, { mode: 'read' }), instance, ...(log ? { log } : {}) });
  } catch (error) {
    database.close();
    await worker.terminate();
    throw error;
  }
}

function logUpgrade(log: Log, event: UpgradeEvent): void {
  const file = 'file' in event ? { file: event.file } : {};
  log[event.kind === 'waiting' ? 'warn' : 'info'](`database_${event.kind}`, { message: upgradeWords(event), ...file });
}

function readiness(worker: Worker): Promise<InstanceId> {
  return new Promise((resolve, reject) => {
    const leave = (code: number): void => reject(new Error(`the ledger's worker left with code ${code} before it was ready`));
    worker.once('error', reject);
    worker.once('exit', leave);
    worker.once('message', (message: WorkerMessage) => {
      worker.off('error', reject);
      worker.off('exit', leave);
      if (typeof message === 'object' && message.kind === 'ready') resolve(message.instance as InstanceId);
      else reject(new Error("the ledger's worker sent something else before it was ready"));
    });
  });
}

interface Parts {
  readonly worker: Worker;
  readonly queue: OperationQueue;
  readonly reader: Db;
  readonly instance: InstanceId;
  readonly log?: Log;
}

class SqliteLedger implements Ledger {
  readonly instance: InstanceId;
  readonly died: Promise<Error>;
  readonly #queue: OperationQueue;
  readonly #reader: Db;
  readonly #readBalance: (buyerId: BuyerId) => Balance | null;
  readonly #exited: Promise<void>;
  readonly #admitRefusal = createRefusalLimit();
  #closing: Promise<void> | null = null;
  #probe: Promise<boolean> | null = null;
  #writtenAt = -Infinity;
  #commits = 0;
  #dead = false;

  constructor({ worker, queue, reader, instance, log }: Parts) {
    this.instance = instance;
    this.#queue = queue;
    this.#reader = reader;
    this.#readBalance = createBalanceReader(reader);
    worker.on('message', (message: WorkerMessage) => {
      this.#commits++;
      queue.receive(typeof message === 'object' && message.kind === 'answers' ? message.answers : []);
    });
    this.died = new Promise((resolve) => {
      const die = (error: Error): void => {
        if (!queue.fail(error)) return;
        this.#dead = true;
        log?.error('ledger died', { reason: error.message });
        resolve(error);
      };
      worker.on('error', (error) => die(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', (code) => {
        if (code !== 0 || this.#closing === null) die(new Error(`the ledger's worker left with code ${code}`));
      });
    });
    this.#exited = new Promise((resolve) => void worker.once('exit', () => resolve()));
  }

  async hold(hold: Hold): Promise<HoldOutcome> {
    assertHold(hold);
    if (this.#closing) return { kind: 'unavailable', reason: 'the gateway is shutting down' };
    return (await this.#queue.send({ op: 'hold', hold })) as HoldOutcome;
  }

  async settle(settlement: Settlement): Promise<SettleOutcome> {
    assertSettlement(settlement);
    const { action, charge, split, record } = settlement;
    return (await this.#queue.send({ op: 'settle', settlement: { action, charge, split, record: requestRowOf(record) } })) as SettleOutcome;
  }

  progress(progress: Progress): void {
    assertProgress(progress);
    this.#queue.sendLater({ op: 'progress', progress });
  }

  recordRefusal(record: RequestRecord): void {
    assertRecord(record);
    if (!this.#admitRefusal(record.keyId)) return;
    this.#queue.sendLater({ op: 'refusal', record: requestRowOf(record) }, { droppable: true });
  }

  async deposit(deposit: Deposit): Promise<DepositOutcome> {
    assertDeposit(deposit);
    if (this.#closing) return { kind: 'unavailable', reason: 'the gateway is shutting down' };
    return (await this.#queue.send({ op: 'deposit', deposit })) as DepositOutcome;
  }

  balance(buyerId: BuyerId): Balance | null {
    return this.#readBalance(buyerId);
  }

  async orphans(): Promise<readonly OpenRequest[]> {
    const { orphans, finished } = findDeadInstances(this.#reader, this.instance);
    if (finished.length > 0 && !this.#closing) {
      await Promise.all(finished.map((instance) => this.#queue.send({ op: 'endInstance', instance })));
      if (!this.#closing) removeLocksOf(this.#reader, finished);
    }
    return orphans;
  }

  figures(): LedgerFigures {
    return { commits: this.#commits, pending: this.#queue.pending };
  }

  /** Asked often and by anyone, so one commit answers all who ask within a second. */
  async writable(): Promise<boolean> {
    if (this.#closing || this.#dead) return false;
    if (performance.now() - this.#writtenAt < WRITABLE_FOR_MS) return true;
    this.#probe ??= this.#touch().finally(() => (this.#probe = null));
    return await this.#probe;
  }

  async #touch(): Promise<boolean> {
    try {
      const { kind } = await this.#queue.send({ op: 'touch', instance: this.instance });
      if (kind === 'done') this.#writtenAt = performance.now();
      return kind === 'done';
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#queue.close();
    // Before the writer, so that the last connection to close can remove the write-ahead log.
    this.#reader.close();
    await this.#exited;
  }
}
