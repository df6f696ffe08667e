/** The event streams that are open: bounded for the process, where nobody crowds out others, and for each session; all ended when the gateway stops. */

export interface StreamLimits {
  readonly inAll: number;
  readonly perSession: number;
}

/** Whose a stream is. An account may have many sessions. */
export interface StreamOwner {
  readonly account: string;
  readonly session: string;
}

interface Open extends StreamOwner {
  end(): void;
}

const LIMITS: StreamLimits = { inAll: 200, perSession: 8 };

export class EventStreams {
  /** The oldest first. */
  readonly #open = new Set<Open>();
  readonly #limits: StreamLimits;
  #ended = false;

  constructor(limits: StreamLimits = LIMITS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** The same response, which ends when a newer stream needs its place. Its source hears of it by `cancel`. */
  admit({ account, session }: StreamOwner, response: Response): Response {
    const { body } = response;
    if (body === null) return response;
    const source = body.getReader();
    const open: Open = { account, session, end: () => undefined };
    const close = (): void => void this.#open.delete(open);
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        open.end = () => {
          close();
          controller.close();
          void source.cancel().catch(() => undefined);
        };
      },
      pull: async (controller) => {
        const { done, value } = await source.read().catch((error: unknown) => {
          close();
          throw error;
        });
        if (!this.#open.has(open)) return;
        if (!done) return controller.enqueue(value);
        close();
        controller.close();
      },
      cancel: (reason) => {
        close();
        return source.cancel(reason);
      },
    });
    this.#open.add(open);
    this.#makeRoom(session);
    if (this.#ended) open.end();
    return new Response(stream, response);
  }

  /** Now and from now on. */
  endAll(): void {
    this.#ended = true;
    for (const open of this.#open) open.end();
  }

  #makeRoom(session: string): void {
    const own = [...this.#open].filter((open) => open.session === session);
    if (own.length > this.#limits.perSession) own[0]?.end();
    if (this.#open.size > this.#limits.inAll) this.#oldestOfTheLargest()?.end();
  }

  #oldestOfTheLargest(): Open | undefined {
    const counts = new Map<string, number>();
    for (const { account } of this.#open) counts.set(account, (counts.get(account) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return [...this.#open].find(({ account }) => counts.get(account) === most);
  }
}
