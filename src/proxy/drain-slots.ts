/** Bounds how many upstream responses are read to their end for clients that have left. */
export class DrainSlots {
  max: number;
  #taken = 0;
  #total = 0;
  #refused = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** True if there was a free slot, which is now the caller's to give back. */
  take(): boolean {
    if (this.#taken >= this.max) {
      this.#refused++;
      return false;
    }
    this.#taken++;
    this.#total++;
    return true;
  }

  giveBack(): void {
    this.#taken--;
  }

  /** How many are taken now, were taken in all, and were asked for while none was free. */
  get figures(): { readonly taken: number; readonly total: number; readonly refused: number } {
    return { taken: this.#taken, total: this.#total, refused: this.#refused };
  }
}
