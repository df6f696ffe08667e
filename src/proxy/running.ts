import type { Delivery } from './delivery.ts';
import { Roster } from '../roster.ts';

/** The deliveries under way, so that a stop can cut them; after it nothing more goes upstream. */
export class Running {
  readonly #deliveries = new Roster<Delivery>();
  #cut: Error | null = null;
  #whenNone: (() => void)[] = [];

  get size(): number {
    return this.#deliveries.size;
  }

  /** Resolves when the delivery is settled and its response has ended. */
  async run(delivery: Delivery): Promise<void> {
    this.#deliveries.add(delivery);
    if (this.#cut) delivery.interrupt(this.#cut);
    await delivery.run().finally(() => this.#deliveries.remove(delivery));
    if (this.#deliveries.size > 0) return;
    for (const resolve of this.#whenNone.splice(0)) resolve();
  }

  /** Resolves when all of them are settled. */
  cut(reason: Error): Promise<void> {
    this.#cut = reason;
    for (const delivery of this.#deliveries.members()) delivery.interrupt(reason);
    return this.#deliveries.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenNone.push(resolve));
  }
}
