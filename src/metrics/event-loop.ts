/**
 * How late the data plane's thread is. A timer of our own, for perf_hooks' histogram holds the interval itself in each
 * value and cannot be read by two readers; at 20 ms it also took twice what this takes (0.4 against 0.2 % of a core, idle).
 */
import { performance } from 'node:perf_hooks';
import { single, type Family } from './exposition.ts';
import { Histogram, LAG_BOUNDS } from './histogram.ts';

const LOOK_EVERY_MS = 100;

export interface EventLoopWatch {
  families(): Family[];
  stop(): void;
}

const active = single('counter', 'ainogap_event_loop_active_seconds_total', 'How long the main thread had something to do.');
const idle = single('counter', 'ainogap_event_loop_idle_seconds_total', 'How long the main thread waited for something to do.');

export function watchEventLoop(): EventLoopWatch {
  const lag = new Histogram(LAG_BOUNDS);
  let due = performance.now() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lag.observe(Math.max(0, now - due) / 1000);
    due = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS).unref();
  return {
    families() {
      const loop = performance.eventLoopUtilization();
      return [
        {
          name: 'ainogap_event_loop_lag_seconds',
          type: 'histogram',
          help: 'How late a timer of the main thread came, looked at ten times a second.',
          samples: lag.samples({}),
        },
        active(loop.active / 1000),
        idle(loop.idle / 1000),
      ];
    },
    stop: () => clearInterval(timer),
  };
}
