/** Numbers that look random and are the same in every run: a picture should change only with what it shows. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number, both ends included. */
  whole(from: number, to: number): number;
  /** One of a list. */
  pick<T>(list: readonly [T, ...T[]]): T;
}

export function createRandom(seed: number): Random {
  // A linear congruential generator, its upper bits taken (Knuth, TAOCP 2, 3.3.4: the modulus 2^48 of drand48).
  let state = (BigInt(seed) << 16n) | 0x330en;
  const next = (): number => {
    state = (state * 0x5deece66dn + 0xbn) & 0xffffffffffffn;
    return Number(state >> 16n) / 2 ** 32;
  };
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return { next, whole, pick: <T>(list: readonly [T, ...T[]]): T => list[whole(0, list.length - 1)] as T };
}
