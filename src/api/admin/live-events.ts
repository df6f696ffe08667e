/** The event stream of one who watches: a snapshot at once, then each that the feed reads, until the session ends. */
import type { LiveFeed } from './live-feed.ts';

export interface Watched {
  readonly feed: LiveFeed;
  /** The first snapshot, as JSON. */
  readonly first: string;
  /** Whether whoever began the stream may still have it. */
  readonly stands: () => boolean;
}

export function liveEvents({ feed, first, stands }: Watched): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = (): void => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => controller.enqueue(encoder.encode(text));
      // Whoever has not read what came before is given the next snapshot instead: nothing piles up.
      const keepsUp = (): boolean => (controller.desiredSize ?? 0) > 0;
      const sendOn = (text: string): void => {
        if (stands()) return keepsUp() ? send(text) : undefined;
        send('event: signed-out\ndata: {}\n\n');
        stop();
        controller.close();
      };
      // Whatever ends a session is a change too, after which a snapshot is read: so its stream ends then.
      const unsubscribe = feed.subscribe((text) => sendOn(`event: snapshot\ndata: ${text}\n\n`));
      const ping = setInterval(() => sendOn(': still there\n\n'), feed.pace.pingEveryMs).unref();
      stop = () => {
        unsubscribe();
        clearInterval(ping);
      };
      send(`event: snapshot\ndata: ${first}\n\n`);
    },
    cancel: () => stop(),
  });
}
