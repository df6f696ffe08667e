/** The side of the process that takes over: it was started by the one that serves, with its listening sockets. */
import type { FromPredecessor, FromSuccessor } from './messages.ts';

export interface Predecessor {
  readonly pid: number;
  /** Says that this process needs longer, for the database is upgraded first. */
  upgrading(): void;
  /** Says that this process serves. Resolves when the predecessor takes nothing new any more, or is gone. */
  ready(version: string): Promise<void>;
  /** Says why this process does not serve; it is to end then. */
  refuse(message: string, next?: string): Promise<void>;
  /** Asks it to stop as at SIGTERM. */
  stop(): void;
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
}

/** What of `process` is needed here. */
export type Channelled = Pick<NodeJS.Process, 'ppid' | 'connected' | 'channel' | 'on' | 'once' | 'off' | 'send'>;

/** Null when this process was started in another way. */
export function findPredecessor(own: Channelled, passed: boolean): Predecessor | null {
  if (!passed || own.send === undefined || !own.connected) return null;
  const pid = own.ppid;
  const gone = new Promise<void>((resolve) => void own.once('disconnect', resolve));
  const say = (message: FromSuccessor): Promise<void> =>
    // Resolves when it is on its way, and also when nobody is there to hear it.
    new Promise((resolve) => (own.connected && own.send ? void own.send(message, undefined, undefined, () => resolve()) : resolve()));
  return {
    pid,
    gone,
    upgrading: () => void say({ kind: 'upgrading' }),
    async ready(version) {
      const goOn = new Promise<void>((resolve) => {
        const listener = (message: FromPredecessor): void => {
          if (message.kind !== 'goOn') return;
          own.off('message', listener);
          resolve();
        };
        own.on('message', listener);
      });
      await say({ kind: 'ready', version });
      await Promise.race([goOn, gone]);
      // The channel stays open for what follows, but keeps nobody from ending.
      own.channel?.unref();
    },
    refuse: (message, next) => say({ kind: 'refused', message, ...(next === undefined ? {} : { next }) }),
    stop: () => void say({ kind: 'stop' }),
  };
}
