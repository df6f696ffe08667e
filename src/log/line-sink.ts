/**
 * Lines on their way to standard error. A pipe or socket there is made non-blocking, so a write takes what the reader
 * has room for and never waits: what does not fit is kept up to a bound, and beyond that lines are dropped and counted.
 */
import * as fs from 'node:fs';

/** How long a line may wait for others to go with it: what a `kill -9` can lose. */
const GATHER_MS = 100;
/** So much goes out at once, however short it waited. */
const GATHER_CHARS = 16 * 1024;
/** What is kept for a reader that takes nothing. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** At the process's end a slow reader is given so much time. */
const LAST_WRITE_MS = 500;
const LAST_WRITE_STEP_MS = 10;

export interface LineSink {
  /** Takes a line with its line feed; it goes out within `GATHER_MS`. */
  write(line: string): void;
  /** Writes what there is, as far as the reader takes it. */
  flush(): void;
}

export interface LineSinkOptions {
  /** A file descriptor. Default: standard error. */
  readonly fd?: number;
  /** The reader takes lines again after so many were dropped. */
  readonly onLost?: (lines: number) => void;
}

export function createLineSink({ fd = 2, onLost = () => undefined }: LineSinkOptions = {}): LineSink {
  const sink = new DescriptorSink(fd, onLost);
  // Also at `process.exit` and after an uncaught exception.
  process.once('exit', () => sink.end());
  return sink;
}

class DescriptorSink implements LineSink {
  readonly #fd: number;
  readonly #onLost: (lines: number) => void;
  #gathered = '';
  /** What was begun and not taken whole; goes before `#gathered`. */
  #rest: Buffer | null = null;
  #lost = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(fd: number, onLost: (lines: number) => void) {
    this.#fd = fd;
    this.#onLost = onLost;
  }

  write(line: string): void {
    if (this.#gathered.length + (this.#rest?.length ?? 0) + line.length > KEPT_BYTES_MAX) {
      this.#lost++;
      return;
    }
    this.#gathered += line;
    // A reader that has not taken what was begun is asked again by the timer only.
    if (this.#gathered.length >= GATHER_CHARS && this.#rest === null) this.flush();
    else this.#wake();
  }

  flush(): void {
    if (!this.#writeOut()) return this.#wake();
    if (this.#lost === 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#onLost(lost);
  }

  /** The last words: a reader that is slow is waited for, but not for long. */
  end(): void {
    for (let waited = 0; !this.#writeOut() && waited < LAST_WRITE_MS; waited += LAST_WRITE_STEP_MS) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WRITE_STEP_MS);
    }
  }

  #wake(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.flush();
    }, GATHER_MS).unref();
  }

  /** Whether nothing is left. */
  #writeOut(): boolean {
    for (;;) {
      this.#rest ??= this.#takeGathered();
      if (this.#rest === null) return true;
      try {
        if (this.#fd === 2) keepFromBlocking();
        const taken = fs.writeSync(this.#fd, this.#rest);
        this.#rest = taken === this.#rest.length ? null : this.#rest.subarray(taken);
      } catch {
        // Full (EAGAIN, ENOSPC) or gone (EPIPE): what cannot be said is left unsaid, and the gateway goes on.
        return false;
      }
    }
  }

  #takeGathered(): Buffer | null {
    if (this.#gathered === '') return null;
    const bytes = Buffer.from(this.#gathered);
    this.#gathered = '';
    return bytes;
  }
}

/**
 * What makes a write wait belongs to the pipe, not to the process: any other that shares it may change that at any time. A
 * Node process does so when it ends, which a predecessor in a hand-over does; so it is said before every write. Node has
 * no public name for it.
 */
function keepFromBlocking(): void {
  const { _handle: handle, isTTY } = process.stderr as typeof process.stderr & { readonly _handle?: { setBlocking?(blocking: boolean): number } | null };
  if (!isTTY) handle?.setBlocking?.(false);
}
