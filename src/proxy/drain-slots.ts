/** Bounds how many upstream responses are read to their end for clients that have left. */
export class DrainSlots {
  max: number;
  #taken = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** True if there was a free slot, which is now the caller's to give back. */
  take(): boolean {
    if (this.#taken >= this.max) return false;
    this.#taken++;
    return true;
  }

  giveBack(): void {
    this.#taken--;
  }
}
