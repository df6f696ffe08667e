/** An upstream that speaks the Messages API over HTTP/1.1, reached through undici's `dispatch` on pools kept open. */
import type { IncomingHttpHeaders } from 'node:http';
import { Client, Pool, type Dispatcher } from 'undici';
import { Deadlines, type Deadline } from '../deadlines.ts';
import type { Upstream, UpstreamFailure, UpstreamFailureKind, UpstreamReceiver, UpstreamRequest } from './upstream.ts';

export interface AnthropicUpstreamOptions {
  readonly name: string;
  readonly kind: string;
  /** Origin and an optional path prefix, e.g. `https://api.anthropic.com`. */
  readonly baseUrl: string;
  readonly credential: string;
  readonly credentialHeader: 'x-api-key' | 'authorization';
  readonly connectTimeoutMs: number;
}

export function openAnthropicUpstream(options: AnthropicUpstreamOptions): Upstream {
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  // HTTP/1.1 only: one request owns one connection, so that a reset concerns exactly one request.
  const pool = new Pool(base.origin, {
    connectTimeout: options.connectTimeoutMs,
    allowH2: false,
    pipelining: 1,
    factory: (origin, poolOptions) => new CountingClient(origin, poolOptions as Client.Options),
  });
  const deadlines = new Deadlines();
  const credential = options.credentialHeader === 'authorization' ? `Bearer ${options.credential}` : options.credential;

  return {
    name: options.name,
    kind: options.kind,
    dispatch(request, receiver) {
      request.headers[options.credentialHeader] = credential;
      const handler = new Handler(receiver, request, deadlines);
      try {
        pool.dispatch(dispatchOptions(request, prefix), handler);
      } catch (error) {
        handler.fail(error as Error);
      }
      return (reason) => handler.abort(reason);
    },
    close: (how) => (how?.whenIdle ? pool.close() : pool.destroy()),
  };
}

function dispatchOptions(request: UpstreamRequest, prefix: string): Dispatcher.DispatchOptions {
  return {
    path: prefix + request.path,
    method: request.method,
    headers: request.headers,
    body: request.body,
    // Kept as deadlines of ours: undici makes two timers and a weak reference per request when these two differ.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

/**
 * One connection of the pool, which counts the responses it has brought since it was opened: only a connection that
 * served before can have been closed by the other side in the moment that we used it.
 */
class CountingClient extends Client {
  served = 0;

  constructor(origin: string | URL, options: Client.Options) {
    super(origin, options);
    this.on('connect', () => {
      this.served = 0;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Handler) handler.connection = this;
    return super.dispatch(options, handler);
  }
}

/** Not an arrow or a closure per request: V8 keeps one hidden class for all requests. */
class Handler implements Dispatcher.DispatchHandler, Deadline {
  connection: CountingClient | null = null;
  seat = -1;
  at = 0;
  readonly #receiver: UpstreamReceiver;
  readonly #deadlines: Deadlines;
  readonly #firstByteTimeoutMs: number;
  readonly #idleTimeoutMs: number;
  #controller: Dispatcher.DispatchController | null = null;
  #abortReason: Error | null = null;
  #timedOut: UpstreamFailureKind | null = null;
  #sent = false;
  #responded = false;
  #responding = false;
  #done = false;

  constructor(receiver: UpstreamReceiver, request: UpstreamRequest, deadlines: Deadlines) {
    this.#receiver = receiver;
    this.#deadlines = deadlines;
    this.#firstByteTimeoutMs = request.firstByteTimeoutMs;
    this.#idleTimeoutMs = request.idleTimeoutMs;
  }

  /** Too long a silence. While the client holds the upstream back, the silence is none of the upstream's. */
  passed(): void {
    if (this.#controller?.paused) {
      this.at = performance.now() + this.#idleTimeoutMs;
      return this.#deadlines.keep(this);
    }
    this.#timedOut = this.#responding ? 'idle_timeout' : 'first_byte_timeout';
    this.#controller?.abort(new Error(`the upstream was silent for ${(this.#responding ? this.#idleTimeoutMs : this.#firstByteTimeoutMs) / 1000} s`));
  }

  abort(reason: Error): void {
    if (this.#done || this.#abortReason) return;
    this.#abortReason = reason;
    // Before a socket is found undici has no way to drop a queued request; it is dropped in onRequestStart.
    if (this.#controller) this.#controller.abort(reason);
    else this.fail(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortReason) return controller.abort(this.#abortReason);
    this.#sent = true;
    this.at = performance.now() + this.#firstByteTimeoutMs;
    this.#deadlines.keep(this);
  }

  /** The first byte of the response's head has come: from here on the request was processed. */
  onResponseStarted(): void {
    this.#responded = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#done) return;
    this.#responding = true;
    this.at = performance.now() + this.#idleTimeoutMs;
    // The same once more as a list of buffers: 4 kB that would live as long as the stream.
    controller.rawHeaders = null;
    this.#receiver.onStart(status, headers, controller);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return;
    this.at = performance.now() + this.#idleTimeoutMs;
    this.#receiver.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#done) return;
    this.#done = true;
    this.#deadlines.drop(this);
    if (this.connection) this.connection.served++;
    this.#receiver.onEnd();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#deadlines.drop(this);
    this.#receiver.onFailure(this.#classify(error));
  }

  #classify(error: Error): UpstreamFailure {
    if (this.#abortReason) return { kind: 'aborted', retryable: false, error: this.#abortReason };
    if (this.#timedOut) return { kind: this.#timedOut, retryable: false, error };
    const kind = failureKind(error, this.#sent);
    const reused = (this.connection?.served ?? 0) > 0;
    const retryable = kind === 'unreachable' || (kind === 'reset' && !this.#responded && reused);
    return { kind, retryable, error };
  }
}

function failureKind(error: Error & { code?: string }, sent: boolean): UpstreamFailureKind {
  const code = error.code ?? '';
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return 'protocol';
  return sent ? 'reset' : 'unreachable';
}
