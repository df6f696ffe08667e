/** One small request to an upstream, answered whole: for what is free of charge and needs no relay. */
import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamFailure } from '../upstreams/upstream.ts';
import { decodingReceiver, isEncoded } from './decode-response.ts';
import type { UpstreamEntry } from './deps.ts';
import type { Relay } from './relay.ts';

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

export interface SmallRequest {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly timeoutMs: number;
  /** Drops the request, for nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

export interface SmallAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Why a small request was not answered. */
export class UpstreamUnanswered extends Error {
  readonly failure: UpstreamFailure;
  constructor(failure: UpstreamFailure) {
    super(failure.error.message, { cause: failure.error });
    this.failure = failure;
  }
}

/** Rejects with `UpstreamUnanswered`. The body comes decoded, whatever its encoding was. */
export function request(entry: UpstreamEntry, small: SmallRequest): Promise<SmallAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    const whole: Relay = {
      onData(chunk) {
        size += chunk.length;
        if (size > ANSWER_BYTES_MAX) abort(new Error('the answer is too large'));
        else chunks.push(chunk);
      },
      onEnd: () => resolve({ status, headers, body: Buffer.concat(chunks) }),
      onFailure: (failure) => reject(new UpstreamUnanswered(failure)),
      onClientGone: () => undefined,
    };
    let relay = whole;
    const abort = entry.upstream.dispatch(
      {
        method: 'POST',
        path: small.path,
        headers: small.headers,
        body: small.body,
        firstByteTimeoutMs: small.timeoutMs,
        idleTimeoutMs: small.timeoutMs,
      },
      {
        onStart(startStatus, startHeaders) {
          status = startStatus;
          headers = startHeaders;
          if (isEncoded(headers)) relay = decodingReceiver(headers, whole, reject);
        },
        onData: (chunk) => relay.onData(chunk),
        onEnd: () => relay.onEnd(),
        onFailure: (failure) => relay.onFailure(failure),
      },
    );
    small.signal?.addEventListener('abort', () => abort(new Error('nobody waits for the answer')), { once: true });
  });
}
