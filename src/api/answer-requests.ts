/** The API thread's end of the bridge: requests in, responses out, no faster than their clients read. */
import type { ApiApp } from './api-app.ts';
import { ApiError } from './api-error.ts';
import { RESPONSE_WINDOW_BYTES, type BridgedRequest, type FromApiWorker } from './bridge-messages.ts';
import { errorDocumentOf } from './error-answer.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

const CHUNK_BYTES = 64 * 1024;
/** Of the connection, not of the message; the bridge makes its own. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'content-length']);

export type Post = (message: FromApiWorker, transfer?: readonly ArrayBuffer[]) => void;

interface Running {
  readonly left: AbortController;
  inFlight: number;
  wake: () => void;
}

export class RequestAnswers {
  readonly #app: ApiApp;
  readonly #post: Post;
  readonly #running = new Map<number, Running>();

  constructor(app: ApiApp, post: Post) {
    this.#app = app;
    this.#post = post;
  }

  start(bridged: BridgedRequest): void {
    const running: Running = { left: new AbortController(), inFlight: 0, wake: () => undefined };
    const { id } = bridged;
    this.#running.set(id, running);
    this.#answer(bridged, running)
      .catch(() => this.#post({ kind: 'broken', id }))
      .finally(() => this.#running.delete(id));
  }

  sent(id: number, bytes: number): void {
    const running = this.#running.get(id);
    if (!running) return;
    running.inFlight -= bytes;
    running.wake();
  }

  left(id: number): void {
    const running = this.#running.get(id);
    running?.left.abort();
    running?.wake();
  }

  async #answer(bridged: BridgedRequest, running: Running): Promise<void> {
    const request = toRequest(bridged, running.left.signal);
    const { remoteAddress, encrypted } = bridged;
    const response = request instanceof Response ? request : await this.#app.fetch(request, { remoteAddress, encrypted });
    await this.#send(bridged, response, running);
  }

  async #send({ id, method }: BridgedRequest, response: Response, running: Running): Promise<void> {
    const head = { id, status: response.status, headers: [...response.headers].flat() };
    const { body } = response;
    if (body === null || method === 'HEAD') {
      await body?.cancel();
      return this.#post({ kind: 'whole', ...head, body: null });
    }
    const reader = body.getReader();
    // Whoever waits for the client must hear that it has left, and so must the source of what is sent.
    running.left.signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined), { once: true });
    const streams = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const begun: Uint8Array[] = [];
    let size = 0;
    let ended = false;
    while (!streams && size <= CHUNK_BYTES && !ended) {
      const { done, value } = await reader.read();
      ended = done;
      if (value) size += begun.push(value) && value.byteLength;
    }
    if (ended) {
      const whole = joined(begun, size);
      return this.#post({ kind: 'whole', ...head, body: whole }, [whole]);
    }
    this.#post({ kind: 'head', ...head });
    for (const chunk of begun) await this.#sendChunk(id, chunk, running);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return this.#post({ kind: 'end', id });
      await this.#sendChunk(id, value, running);
    }
  }

  async #sendChunk(id: number, chunk: Uint8Array, running: Running): Promise<void> {
    for (let at = 0; at < chunk.byteLength; at += CHUNK_BYTES) {
      // A copy in a buffer of its own: a Buffer's own slice would share Node's pool, which cannot be handed over.
      const part = new Uint8Array(chunk.subarray(at, at + CHUNK_BYTES));
      while (running.inFlight + part.byteLength > RESPONSE_WINDOW_BYTES && !running.left.signal.aborted) await new Promise<void>((resolve) => (running.wake = resolve));
      if (running.left.signal.aborted) return;
      running.inFlight += part.byteLength;
      const { buffer } = part;
      this.#post({ kind: 'chunk', id, bytes: buffer }, [buffer]);
    }
  }
}

function joined(parts: readonly Uint8Array[], size: number): ArrayBuffer {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole.buffer;
}

/** The request as the web's interfaces have it; or the answer to one that they cannot hold. */
function toRequest({ method, target, headers: raw, encrypted, body }: BridgedRequest, signal: AbortSignal): Request | Response {
  try {
    const headers = new Headers();
    for (let i = 0; i < raw.length; i += 2) {
      const name = (raw[i] as string).toLowerCase();
      if (!HOP_BY_HOP.has(name)) headers.append(name, raw[i + 1] as string);
    }
    const url = new URL(`${encrypted ? 'https' : 'http'}://${headers.get('host') ?? 'localhost'}${target}`);
    // A parser that resolves dots and backslashes finds another path than who stood in front of us and looked at this one.
    if (url.pathname !== target.split('?')[0]) return refusal(new ApiError('not_found', 'There is nothing here.'));
    const hasBody = body !== null && method !== 'GET' && method !== 'HEAD';
    return new Request(url, { method, headers, signal, ...(hasBody ? { body } : {}) });
  } catch {
    return refusal(new ApiError('invalid_request', 'This request has a method, host or header that cannot be understood.'));
  }
}

function refusal(error: ApiError): Response {
  return Response.json(errorDocumentOf(error), { status: error.code === 'not_found' ? 404 : 400, headers: { ...SECURITY_HEADERS, 'cache-control': 'no-store' } });
}
