/**
 * The members of something that changes with every request. Not a `Set`: a set that grows and shrinks is rehashed every
 * few dozen changes, V8 links each old table to the next, and once one is in the old generation all later tables, with
 * the finished requests in them, live until the next full collection (measured: 14 ms per scavenge against 2).
 */
export interface Seated {
  /** The member's place, kept by the roster; -1 outside. */
  seat: number;
}

export class Roster<T extends Seated> {
  readonly #members: T[] = [];

  add(member: T): void {
    member.seat = this.#members.push(member) - 1;
  }

  /** Nothing happens when it is not a member. */
  remove(member: T): void {
    const { seat } = member;
    if (seat < 0) return;
    member.seat = -1;
    const last = this.#members.pop() as T;
    if (last === member) return;
    this.#members[seat] = last;
    last.seat = seat;
  }

  get size(): number {
    return this.#members.length;
  }

  /** A copy, so that members may leave while it is gone through. */
  members(): T[] {
    return [...this.#members];
  }
}
