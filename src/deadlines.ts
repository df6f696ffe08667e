/**
 * Deadlines that hardly ever pass, kept in a roster that is looked through twice a second: a timer for each would cost
 * every request about a microsecond to make and clear, and none of these needs to be punctual.
 */
import { Roster, type Seated } from './roster.ts';

const LOOK_EVERY_MS = 500;

export interface Deadline extends Seated {
  /** On the clock of `performance.now()`. May be moved while it is kept. */
  at: number;
  passed(): void;
}

export class Deadlines {
  #kept = new Roster<Deadline>();
  #timer: NodeJS.Timeout | null = null;

  keep(deadline: Deadline): void {
    this.#kept.add(deadline);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  drop(deadline: Deadline): void {
    this.#kept.remove(deadline);
  }

  #look(): void {
    const now = performance.now();
    for (const deadline of this.#kept.members()) {
      if (deadline.at > now) continue;
      this.#kept.remove(deadline);
      deadline.passed();
    }
    if (this.#kept.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
