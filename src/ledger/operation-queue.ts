/** The main thread's queue of operations: tags, promises, and what waits while the ring is full. */
import { ChannelSender, NO_ANSWER, TAGS, type ChannelMemory } from './channel.ts';
import type { Operation, Outcome } from './operations.ts';

/** What nobody waits for gets a commit of its own after this, unless another takes it along. */
const LATER_MS = 100;

interface Waiter {
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

interface Delayed {
  readonly operation: Operation;
  readonly waiter: Waiter | null;
}

export class OperationQueue {
  readonly #sender: ChannelSender;
  readonly #waiters: (Waiter | undefined)[] = Array.from({ length: TAGS });
  readonly #freeTags: number[] = Array.from({ length: TAGS }, (_, i) => TAGS - 1 - i);
  /** In order, for when the ring or the tags are used up. */
  #delayed: Delayed[] = [];
  #publishing = false;
  #later: NodeJS.Timeout | null = null;
  #closing = false;
  #closeSent = false;
  #failure: Error | null = null;

  constructor(memory: ChannelMemory) {
    this.#sender = new ChannelSender(memory);
  }

  /** Operations that somebody waits for. */
  get pending(): number {
    return TAGS - this.#freeTags.length + this.#delayed.length;
  }

  /** Rejects when the ledger is dead or closed. */
  send(operation: Operation): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      if (this.#closing) return reject(new Error('the ledger is closed'));
      const waiter = { resolve, reject };
      if (this.#delayed.length > 0 || !this.#write(operation, waiter)) this.#delayed.push({ operation, waiter });
      this.#publishSoon();
    });
  }

  /** Nobody waits for it. `droppable`: rather than wait for room, it is forgotten. */
  sendLater(operation: Operation, { droppable = false }: { droppable?: boolean } = {}): void {
    if (this.#failure || this.#closing) return;
    if (this.#delayed.length > 0 || !this.#write(operation, null)) {
      if (droppable) return;
      this.#delayed.push({ operation, waiter: null });
    }
    this.#later ??= setTimeout(() => {
      this.#later = null;
      this.#sender.publish();
    }, LATER_MS);
  }

  /** Takes in the answers of a commit. */
  receive(others: readonly (readonly [tag: number, outcome: Outcome])[]): void {
    this.#sender.answers((tag, outcome) => this.#answer(tag, outcome));
    for (const [tag, outcome] of others) this.#answer(tag, outcome);
    if (this.#delayed.length > 0) this.#writeDelayed();
    if (this.#closing) this.#writeClose();
  }

  /** Whatever was sent before still goes to disk; the worker leaves after it. */
  close(): void {
    if (this.#failure || this.#closing) return;
    this.#closing = true;
    this.#stopTimer();
    this.#writeClose();
  }

  /** Everything pending is rejected. False when it had failed before. */
  fail(error: Error): boolean {
    if (this.#failure) return false;
    this.#failure = error;
    this.#stopTimer();
    const delayed = this.#delayed;
    this.#delayed = [];
    for (const waiter of this.#waiters) waiter?.reject(error);
    for (const { waiter } of delayed) waiter?.reject(error);
    this.#waiters.fill(undefined);
    return true;
  }

  #write(operation: Operation, waiter: Waiter | null): boolean {
    if (waiter === null) return this.#sender.write(NO_ANSWER, operation);
    const tag = this.#freeTags.at(-1);
    if (tag === undefined || !this.#sender.write(tag, operation)) return false;
    this.#freeTags.pop();
    this.#waiters[tag] = waiter;
    return true;
  }

  #answer(tag: number, outcome: Outcome): void {
    const waiter = this.#waiters[tag];
    if (!waiter) throw new Error(`the ledger answered ${tag}, which nobody asked`);
    this.#waiters[tag] = undefined;
    this.#freeTags.push(tag);
    waiter.resolve(outcome);
  }

  #writeDelayed(): void {
    let sent = 0;
    for (const { operation, waiter } of this.#delayed) {
      if (!this.#write(operation, waiter)) break;
      sent++;
    }
    this.#delayed.splice(0, sent);
    this.#publishSoon();
  }

  #writeClose(): void {
    if (this.#closeSent || this.#delayed.length > 0 || !this.#sender.writeClose()) return;
    this.#closeSent = true;
    this.#sender.publish();
  }

  /** One wake-up for all that one turn of the event loop sends: they share a commit. */
  #publishSoon(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    setImmediate(() => {
      this.#publishing = false;
      this.#sender.publish();
    });
  }

  #stopTimer(): void {
    if (this.#later) clearTimeout(this.#later);
    this.#later = null;
  }
}
