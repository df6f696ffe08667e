/** Signs of life, sent by the main event loop after the ledger has answered: when either hangs there are none, and the service is started anew. */

export interface WatchdogOptions {
  /** Resolves when what must live has answered, whatever it said; a full disk is no reason to end a process. */
  readonly answers: () => Promise<unknown>;
  /** A third of the time after which silence means death, in milliseconds. */
  readonly everyMs: number;
  readonly ping: () => Promise<unknown>;
}

/** The first sign comes at once. Returns what stops it. */
export function startWatchdog({ answers, everyMs, ping }: WatchdogOptions): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    await answers();
    if (stopped) return;
    await ping();
    if (!stopped) timer = setTimeout(() => void look(), everyMs).unref();
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
