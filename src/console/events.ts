/** Live figures by server-sent events: says whether they come, and since when they do not. */
import { useEffect, useRef, useState } from 'react';
import { ApiFailure, get } from './api-client.ts';

export interface Live {
  readonly state: 'connecting' | 'live' | 'stale';
  /** Unix milliseconds of the last event; null before the first. */
  readonly asOf: number | null;
}

/** Each gets the parsed data of the events that have its name. */
export type EventHandlers = Readonly<Record<string, (data: unknown) => void>>;

const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 30_000;

/** Null as `path`: no connection. `event: signed-out` leads to the sign-in page, unless this browser has another session by then. */
export function useEvents(path: string | null, handlers: EventHandlers): Live {
  const [live, setLive] = useState<Live>({ state: 'connecting', asOf: null });
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  // The names are asked once: the handlers may change, their names do not.
  const names = Object.keys(handlers).join(' ');

  useEffect(() => {
    if (path === null) return;
    return connect(path, names.split(' '), {
      heard: (name, data) => latest.current[name]?.(data),
      live: () => setLive({ state: 'live', asOf: Date.now() }),
      stale: () => setLive((before) => (before.state === 'stale' ? before : { ...before, state: 'stale' })),
    });
  }, [path, names]);
  return live;
}

interface Ears {
  readonly heard: (name: string, data: unknown) => void;
  readonly live: () => void;
  readonly stale: () => void;
}

/** Goes on by itself after every break, later and later, until closed. */
function connect(path: string, names: readonly string[], ears: Ears): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay = RETRY_FIRST_MS;
  let closed = false;
  const open = (): void => {
    source = new EventSource(path);
    source.addEventListener('open', () => {
      delay = RETRY_FIRST_MS;
      ears.live();
    });
    for (const name of names)
      source.addEventListener(name, (event) => {
        ears.live();
        ears.heard(name, JSON.parse((event as MessageEvent<string>).data));
      });
    source.addEventListener('signed-out', () => {
      source?.close();
      // A change of the password ends this session and begins another, which the stream then goes on with.
      void signedIn(path).then((still) => still && !closed && open());
    });
    source.addEventListener('error', () => {
      ears.stale();
      // The browser tries again by itself, except after a refusal: then it is done, and we are not.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, delay);
      delay = Math.min(delay * 2, RETRY_MOST_MS);
    });
  };
  open();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}

/** Asks with the cookie as it is now. A refusal has led to the sign-in page already; any other failure says nothing. */
async function signedIn(path: string): Promise<boolean> {
  try {
    await get(path.replace(/\/events$/, '/me'));
    return true;
  } catch (error) {
    return !(error instanceof ApiFailure && error.status === 401);
  }
}
