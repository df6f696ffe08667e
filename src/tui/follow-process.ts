/** What concerns a terminal program from outside of its keys: signals that end, stop and continue it, and its own faults. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessHandlers {
  /** A signal, or an error that nobody caught. */
  readonly onEnd: () => void;
  /** SIGTSTP: the terminal must be given back first, then `pause` called. */
  readonly onStop: () => void;
  /** SIGCONT: another program may have drawn over the screen. */
  readonly onContinue: () => void;
}

export interface FollowedProcess {
  /** Stops the process and whatever was started along with it, and resolves when it has been continued. */
  readonly pause: () => Promise<void>;
  /** The error that nobody caught. */
  readonly failure: () => Error | null;
  readonly unfollow: () => void;
}

const ENDING = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/** A process without job control (its shell is gone) is not stopped at all: the pause is then over after this long. */
const SETTLE_MS = 50;

export function followProcess({ onEnd, onStop, onContinue }: ProcessHandlers): FollowedProcess {
  let failed: Error | null = null;
  const end = (signal: NodeJS.Signals): void => {
    raiseAtExit(signal);
    onEnd();
  };
  const fail = (error: Error): void => {
    failed ??= error;
    onEnd();
  };
  for (const signal of ENDING) process.on(signal, end);
  process.on('uncaughtException', fail);
  process.on('SIGCONT', onContinue);
  process.on('SIGTSTP', onStop);
  return {
    pause: async () => {
      // Without a listener the signal does what it does by default.
      process.off('SIGTSTP', onStop);
      if (process.platform !== 'win32') process.kill(0, 'SIGTSTP');
      await sleep(SETTLE_MS);
      process.on('SIGTSTP', onStop);
    },
    failure: () => failed,
    unfollow: () => {
      for (const signal of ENDING) process.off(signal, end);
      process.off('uncaughtException', fail).off('SIGCONT', onContinue).off('SIGTSTP', onStop);
    },
  };
}

/** Its parent learns what ended it, as if it had not been caught: others that listen (Ink's do for good) would swallow it. */
function raiseAtExit(signal: NodeJS.Signals): void {
  process.once('exit', () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
