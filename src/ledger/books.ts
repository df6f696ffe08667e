/**
 * The ledger's rules, without I/O: counters and an amount in, new counters out. In the manner of TigerBeetle's
 * accounts and two-phase transfers (https://docs.tigerbeetle.com/coding/two-phase-transfers/).
 */
import type { MicroUsdc } from '../money.ts';

/** An account's four counters, in micro-USDC; never negative. */
export interface Counters {
  readonly debitsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPending: bigint;
  readonly creditsPosted: bigint;
}

export const NO_COUNTERS: Counters = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };

/** The operator's accounts. A buyer's account has the buyer's own id, which is above zero. */
export const FUNDING = -1;
export const REVENUE = -2;
export const SHORTFALL = -3;

export const balanceOf = (a: Counters): MicroUsdc => (a.creditsPosted - a.debitsPosted) as MicroUsdc;
export const heldOf = (a: Counters): MicroUsdc => a.debitsPending as MicroUsdc;
export const availableIn = (a: Counters): bigint => a.creditsPosted - a.debitsPosted - a.debitsPending;

/** The buyer's counters with `amount` reserved, or null when that much is not available. */
export function reserve(buyer: Counters, amount: bigint): Counters | null {
  if (amount > availableIn(buyer)) return null;
  return { ...buyer, debitsPending: buyer.debitsPending + amount };
}

/** The buyer's counters with a hold given back. */
export function release(buyer: Counters, hold: bigint): Counters {
  if (hold > buyer.debitsPending) throw new Error(`a hold of ${hold} is released, but only ${buyer.debitsPending} are held`);
  return { ...buyer, debitsPending: buyer.debitsPending - hold };
}

/** How a charge is paid. The three parts add up to the charge. */
export interface Payment {
  /** Out of the hold: min(charge, hold). */
  readonly posted: bigint;
  /** Beyond the hold, out of what was available. */
  readonly excess: bigint;
  /** Beyond that: the operator's loss. */
  readonly shortfall: bigint;
  readonly buyer: Counters;
}

/** Ends a hold by a charge. What other requests hold is never touched. */
export function pay(buyer: Counters, hold: bigint, charge: bigint): Payment {
  const freed = release(buyer, hold);
  const posted = charge < hold ? charge : hold;
  const beyond = charge - posted;
  const available = availableIn(freed) - posted;
  const excess = beyond < available ? beyond : available;
  return {
    posted,
    excess,
    shortfall: beyond - excess,
    buyer: { ...freed, debitsPosted: freed.debitsPosted + posted + excess },
  };
}

/** The buyer's counters after a top-up (above zero) or an adjustment; null when it would cut into what is held. */
export function fund(buyer: Counters, amount: bigint): Counters | null {
  if (amount >= 0n) return { ...buyer, creditsPosted: buyer.creditsPosted + amount };
  if (-amount > availableIn(buyer)) return null;
  return { ...buyer, debitsPosted: buyer.debitsPosted - amount };
}
