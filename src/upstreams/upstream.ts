/** A place that answers Messages requests. One file per kind implements it. */
import type { IncomingHttpHeaders } from 'node:http';

export interface UpstreamRequest {
  readonly method: 'POST' | 'GET';
  /** A constant of ours such as `/v1/messages`, plus the client's query string; never a path from outside. */
  readonly path: string;
  /** Already allow-listed; the upstream adds its credential. */
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
  /** Milliseconds from dispatch to the response's headers. */
  readonly firstByteTimeoutMs: number;
  /** Milliseconds of silence in the body. */
  readonly idleTimeoutMs: number;
}

/** Lets the receiver slow the upstream down or cut it. */
export interface UpstreamFlow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

export type UpstreamFailureKind =
  /** DNS, TCP or TLS failed, or the reused socket was dead: nothing of the request was processed. */
  | 'unreachable'
  /** The connection broke after the request was sent. */
  | 'reset'
  | 'first_byte_timeout'
  | 'idle_timeout'
  /** The upstream's HTTP cannot be parsed, its headers are too large, … */
  | 'protocol'
  /** The body's content-encoding is unknown, broken, or decodes to too much. */
  | 'encoding'
  /** We aborted it. */
  | 'aborted';

export interface UpstreamFailure {
  readonly kind: UpstreamFailureKind;
  /** Safe to try again: nothing was sent, or a reset of a *reused* socket before any byte of the response. */
  readonly retryable: boolean;
  readonly error: Error;
}

/** Callbacks, not streams: the hot path. Exactly one of `onEnd` and `onFailure` is called, last. */
export interface UpstreamReceiver {
  onStart(status: number, headers: IncomingHttpHeaders, flow: UpstreamFlow): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFailure(failure: UpstreamFailure): void;
}

export interface Upstream {
  readonly name: string;
  readonly kind: string;
  /** Returns the way to cut it short; after that `onFailure` with kind `aborted` is called. */
  dispatch(request: UpstreamRequest, receiver: UpstreamReceiver): (reason: Error) => void;
  /** Cuts what runs, or, `whenIdle`, lets it end first. */
  close(options?: { whenIdle?: boolean }): Promise<void>;
}
