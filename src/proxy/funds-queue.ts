/**
 * Requests that wait for money which only the buyer's own holds keep: first come, first served per buyer. The head
 * tries again when one of the buyer's requests settles here, and every 200 ms, for another process may settle too.
 */
import type { BuyerId } from '../ids.ts';

const POLL_MS = 200;

interface Ticket {
  wake: () => void;
}

export interface WaitOptions<T> {
  readonly buyer: BuyerId;
  readonly waitMs: number;
  /** Tried when it is this request's turn; `null` means: still not enough. */
  readonly attempt: () => Promise<T | null>;
  /** True when nobody waits for the answer any more. */
  readonly abandoned: () => boolean;
}

export class FundsQueue {
  #queues = new Map<BuyerId, Ticket[]>();

  /** True when others wait before: a new request must not overtake them. */
  isWaiting(buyer: BuyerId): boolean {
    return this.#queues.has(buyer);
  }

  /** Requests that wait, of all buyers. */
  get waiting(): number {
    let waiting = 0;
    for (const queue of this.#queues.values()) waiting += queue.length;
    return waiting;
  }

  /** One of the buyer's requests was settled: the first in the queue may try. */
  released(buyer: BuyerId): void {
    this.#queues.get(buyer)?.[0]?.wake();
  }

  /** What `attempt` answered, or null when the time is up or the request was abandoned. */
  async wait<T>(options: WaitOptions<T>): Promise<T | null> {
    const queue = this.#queues.get(options.buyer) ?? [];
    this.#queues.set(options.buyer, queue);
    const ticket: Ticket = { wake: () => undefined };
    queue.push(ticket);
    const deadline = performance.now() + options.waitMs;
    try {
      while (!options.abandoned()) {
        if (queue[0] === ticket) {
          const result = await options.attempt();
          if (result !== null) return result;
        }
        const rest = deadline - performance.now();
        if (rest <= 0) return null;
        await nap(ticket, Math.min(rest, POLL_MS));
      }
      return null;
    } finally {
      queue.splice(queue.indexOf(ticket), 1);
      if (queue.length === 0) this.#queues.delete(options.buyer);
      else queue[0]?.wake();
    }
  }
}

function nap(ticket: Ticket, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    ticket.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
