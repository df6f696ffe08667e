/**
 * Deadlines that hardly ever pass, kept in a set that is looked through twice a second: a timer for each would cost
 * every request about a microsecond to make and clear, and none of these needs to be punctual.
 */
const LOOK_EVERY_MS = 500;

export interface Deadline {
  /** On the clock of `performance.now()`. May be moved while it is kept. */
  at: number;
  readonly passed: () => void;
}

export class Deadlines {
  #kept = new Set<Deadline>();
  #timer: NodeJS.Timeout | null = null;

  keep(deadline: Deadline): void {
    this.#kept.add(deadline);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  drop(deadline: Deadline): void {
    this.#kept.delete(deadline);
  }

  #look(): void {
    const now = performance.now();
    for (const deadline of this.#kept) {
      if (deadline.at > now) continue;
      this.#kept.delete(deadline);
      deadline.passed();
    }
    if (this.#kept.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
