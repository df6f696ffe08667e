/** The main thread's end of the bridge: responses that are being written, each no faster than its client reads. */
import type { ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { RESPONSE_WINDOW_BYTES, type FromApiWorker } from './bridge-messages.ts';
import { writeRefusal } from './write-refusal.ts';

/** Longer than any answer takes; the API's thread does not answer any more, or not for a while. */
const HEAD_WITHIN_MS = 120_000;
/** A client that takes nothing for so long is taken for gone. */
const TAKEN_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 5_000;
/** Told of in one go: far below the window, so that what waits is never all of it; most events are smaller by far. */
const TOLD_FROM_BYTES = RESPONSE_WINDOW_BYTES / 4;

interface Open {
  readonly res: ServerResponse;
  readonly onSent: (bytes: number) => void;
  unsent: number;
  /** Sent, and not told of. */
  untold: number;
  /** Monotonic milliseconds of what happened last. */
  movedAt: number;
}

export class OpenResponses {
  readonly #open = new Map<number, Open>();
  readonly #watch: NodeJS.Timeout;
  #lastId = 0;

  constructor() {
    this.#watch = setInterval(() => this.#endStalled(performance.now()), LOOK_EVERY_MS).unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** `onSent`: bytes went on their way. `onLeft`: the client left before the end. The promise resolves when it is over. */
  add(res: ServerResponse, { onSent, onLeft }: { readonly onSent: (id: number, bytes: number) => void; readonly onLeft: (id: number) => void }): { readonly id: number; readonly over: Promise<void> } {
    const id = ++this.#lastId;
    this.#open.set(id, { res, onSent: (bytes) => onSent(id, bytes), unsent: 0, untold: 0, movedAt: performance.now() });
    const over = new Promise<void>((resolve) =>
      res.once('close', () => {
        this.#open.delete(id);
        if (!res.writableFinished) onLeft(id);
        resolve();
      }),
    );
    return { id, over };
  }

  take(message: Exclude<FromApiWorker, { readonly kind: 'log' }>): void {
    const open = this.#open.get(message.id);
    if (!open || open.res.destroyed) return;
    const { res } = open;
    open.movedAt = performance.now();
    switch (message.kind) {
      case 'whole':
        return writeWhole(res, message);
      case 'head':
        res.writeHead(message.status, [...message.headers]);
        return res.flushHeaders();
      case 'chunk':
        return this.#write(open, Buffer.from(message.bytes));
      case 'end':
        return void res.end();
      case 'broken':
        if (res.headersSent) return void res.destroy();
        return writeRefusal(res, new ApiError('internal', 'The gateway failed to answer this; its log says why.'));
    }
  }

  /** The API's thread has died: what has not begun is refused, what has begun breaks off. */
  fail(error: ApiError): void {
    for (const { res } of this.#open.values())
      if (res.headersSent) res.destroy();
      else writeRefusal(res, error);
  }

  close(): void {
    clearInterval(this.#watch);
  }

  #write(open: Open, bytes: Buffer): void {
    open.unsent += bytes.length;
    open.res.write(bytes, () => {
      open.unsent -= bytes.length;
      open.movedAt = performance.now();
      open.untold += bytes.length;
      if (open.untold < TOLD_FROM_BYTES) return;
      open.onSent(open.untold);
      open.untold = 0;
    });
  }

  #endStalled(now: number): void {
    for (const { res, unsent, movedAt } of this.#open.values()) {
      if (!res.headersSent && now - movedAt > HEAD_WITHIN_MS) writeRefusal(res, new ApiError('unavailable', 'The console does not answer; try again in a moment.', { retryAfterSeconds: 5 }));
      if ((unsent > 0 || res.writableEnded) && now - movedAt > TAKEN_WITHIN_MS) res.destroy();
    }
  }
}

function writeWhole(res: ServerResponse, { status, headers, body }: Extract<FromApiWorker, { readonly kind: 'whole' }>): void {
  // Of a HEAD's answer, and of those without content, no length is told.
  const silent = body === null && (res.req.method === 'HEAD' || status === 204 || status === 304);
  const length = silent ? [] : ['content-length', String(body?.byteLength ?? 0)];
  res.writeHead(status, [...headers.filter((_, i) => headers[i - (i % 2)]?.toLowerCase() !== 'content-length'), ...length]);
  if (body === null) res.end();
  else res.end(Buffer.from(body));
}
