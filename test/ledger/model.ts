/** The ledger's rules once more, one operation at a time over plain maps, for comparison. */
export interface ModelHold {
  readonly amount: bigint;
  readonly model: string;
}

export class LedgerModel {
  balance = 0n;
  held = 0n;
  charges = 0n;
  shortfall = 0n;
  readonly open = new Map<number, ModelHold>();
  readonly ended = new Map<number, 'alreadyPosted' | 'alreadyVoided'>();
  readonly references = new Map<string, bigint>();

  hold(request: number, hold: ModelHold, stale: boolean): string {
    if (this.ended.has(request)) return 'conflict requestId';
    const earlier = this.open.get(request);
    if (earlier && earlier.model !== hold.model) return 'conflict model';
    if (earlier) return earlier.amount === hold.amount ? 'exists' : 'conflict amount';
    if (stale) return 'stale';
    if (hold.amount > this.balance - this.held) return `insufficientFunds ${this.#state()}`;
    this.held += hold.amount;
    this.open.set(request, hold);
    return `created ${this.#state()}`;
  }

  post(request: number, charge: bigint): string {
    const hold = this.#end(request, 'alreadyPosted');
    if (typeof hold === 'string') return hold;
    const payable = this.balance - this.held;
    const fromBuyer = charge <= payable ? charge : payable;
    const excess = fromBuyer > hold.amount ? fromBuyer - hold.amount : 0n;
    this.balance -= fromBuyer;
    this.charges += fromBuyer;
    this.shortfall += charge - fromBuyer;
    return `posted ${fromBuyer} ${excess} ${charge - fromBuyer} ${this.#state()}`;
  }

  void(request: number): string {
    const hold = this.#end(request, 'alreadyVoided');
    return typeof hold === 'string' ? hold : `voided ${this.#state()}`;
  }

  deposit(amount: bigint, reference: string | null): string {
    if (reference !== null && this.references.has(reference))
      return this.references.get(reference) === amount ? `exists ${this.#state()}` : 'conflict amount';
    if (this.balance + amount < this.held) return `insufficientFunds ${this.#state()}`;
    this.balance += amount;
    if (reference !== null) this.references.set(reference, amount);
    return `created ${this.#state()}`;
  }

  #end(request: number, as: 'alreadyPosted' | 'alreadyVoided'): ModelHold | string {
    const hold = this.open.get(request);
    if (!hold) return this.ended.get(request) ?? 'noHold';
    this.open.delete(request);
    this.ended.set(request, as);
    this.held -= hold.amount;
    return hold;
  }

  #state(): string {
    return `${this.balance}/${this.held}`;
  }
}
