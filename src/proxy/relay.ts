/** One way to pass a response on. The delivery hands it the upstream's events; it hands back how the request ended. */
import type { UpstreamFailure } from '../upstreams/upstream.ts';

export interface Relay {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFailure(failure: UpstreamFailure): void;
  /** The client has left: nothing is written any more, the meter goes on. */
  onClientGone(): void;
}
