import { GatewayError } from '../errors.ts';
import type { BuyerId } from '../ids.ts';

/** Bounds the bytes of request bodies in memory: in all, and a quarter of that per buyer. */
export class BodyMemory {
  #max: number;
  #total = 0;
  #byBuyer = new Map<BuyerId, number>();

  constructor(bytesMax: number) {
    this.#max = bytesMax;
  }

  /** Throws `overloaded` when the bytes do not fit now. */
  reserve(buyer: BuyerId, bytes: number): void {
    const mine = (this.#byBuyer.get(buyer) ?? 0) + bytes;
    if (this.#total + bytes > this.#max || mine > this.#max / 4)
      throw new GatewayError('overloaded', 'Too many request bytes are in flight; try again in a moment.', { retryAfterSeconds: 1 });
    this.#total += bytes;
    this.#byBuyer.set(buyer, mine);
  }

  release(buyer: BuyerId, bytes: number): void {
    this.#total -= bytes;
    const rest = (this.#byBuyer.get(buyer) ?? 0) - bytes;
    if (rest > 0) this.#byBuyer.set(buyer, rest);
    else this.#byBuyer.delete(buyer);
  }

  get bytes(): number {
    return this.#total;
  }
}
