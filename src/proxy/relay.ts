/** One way to pass a response on. The delivery hands it the upstream's events; it hands back how the request ended. */
import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamFailure, UpstreamFlow } from '../upstreams/upstream.ts';

export interface Relay {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFailure(failure: UpstreamFailure): void;
  /** The client has left: nothing is written any more, the meter goes on. */
  onClientGone(): void;
}

/** What came back of an upstream, up to its head, and whom to tell when the relay has ended. */
export interface RelayStart {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly flow: UpstreamFlow;
  readonly done: () => void;
}
