import { expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { combineObservers } from '../../src/proxy/combine-observers.ts';
import { NO_OBSERVER, type RequestEnd } from '../../src/proxy/observer.ts';

const END = { requestId: 'req_1' } as RequestEnd;

test('an observer that throws harms no other, and the log hears of it once a minute with how often it happened', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ format: 'json', write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  let now = 0;
  const heard: string[] = [];
  const broken = { requestEnded: () => { throw new Error('out of order'); } };
  const combined = combineObservers([broken, { requestEnded: ({ requestId }) => void heard.push(requestId) }], log, () => now);
  for (now of [0, 10, 59_999, 60_000, 60_001]) combined.requestEnded(END);
  expect(heard).toHaveLength(5);
  expect(lines).toMatchObject([
    { level: 'error', event: 'alert_observer_failed', failures: 1, error: expect.stringContaining('out of order') },
    { level: 'error', event: 'alert_observer_failed', failures: 3 },
  ]);
});

test('without observers nothing is called', () => {
  expect(combineObservers([], createLog())).toBe(NO_OBSERVER);
});
