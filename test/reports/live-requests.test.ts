import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPEN_MAX, type LiveSnapshot } from '../../src/reports/live/snapshot.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { openScene, type Scene } from './live-scene.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23, 12);

let scene: Scene;
beforeEach(async () => {
  scene = await openScene(START);
});
afterEach(() => scene.close());

const snapshot = (): LiveSnapshot => scene.reader().read();

describe('time to first byte', () => {
  it('counts the newest thousand of the last five minutes', () => {
    scene.end({ record: { timeToFirstByteMs: 9_000 } });
    scene.now += 5 * MINUTE + 1;
    expect(snapshot().overview).toMatchObject({ timeToFirstByteP50Ms: null, timeToFirstByteP95Ms: null });
    for (let i = 0; i < 10; i++) scene.end({ record: { timeToFirstByteMs: 5_000 } });
    for (let i = 1; i <= 1_000; i++) scene.end({ record: { timeToFirstByteMs: i } });
    expect(snapshot().overview).toMatchObject({ timeToFirstByteP50Ms: 500, timeToFirstByteP95Ms: 950 });
  });
});

describe('requests', () => {
  it('that run wait until they report; then they have cost what recovery would bill', () => {
    const reader = scene.reader();
    const first = scene.open({ hold: 900_000n });
    scene.now += 1_000;
    const second = scene.open({ key: 2, route: 2, hold: 100_000n });
    scene.progress(first, { tokens: { ...NO_TOKENS, input: 1_000, output: 1 }, deltaBytes: 300 });
    scene.now += 2_000;
    const { requests } = reader.read();
    // 1,000 × 5 + ⌈300 ÷ 3⌉ × 25 USDC per million.
    expect(requests).toMatchObject({ openCount: 2, held: 1_000_000n, chargedSoFar: 7_500n });
    expect(requests.open).toMatchObject([
      { requestId: second, state: 'waiting', ageMs: 2_000, buyerName: 'globex', route: 'slow', tokens: null, charge: null, held: 100_000n },
      { requestId: first, state: 'streaming', ageMs: 3_000, buyerName: 'acme', route: 'fast', tokens: { input: 1_000, output: 100 }, charge: 7_500n },
    ]);
    scene.now += 5_000;
    scene.progress(first, { tokens: { ...NO_TOKENS, input: 1_000, output: 1 }, deltaBytes: 600 });
    expect(reader.read().requests.chargedSoFar).toBe(10_000n);
  });

  it('that ended come newest first with their status, and only so many are shown', () => {
    scene.end({ tokens: { input: 7 }, charges: { input: 35 } });
    scene.end({ record: { status: 'upstream_error', httpStatus: 529, errorCode: 'overloaded_error' } });
    scene.refuse();
    const { ended } = snapshot().requests;
    expect(ended).toMatchObject([
      { state: 'refused', failed: true, route: null },
      { state: 'upstream_error', failed: true },
      { state: 'completed', failed: false, tokens: { input: 7 }, charge: 35n, held: null, ageMs: 12 },
    ]);
    for (let i = 0; i < OPEN_MAX + 3; i++) scene.open();
    const { requests } = snapshot();
    expect([requests.openCount, requests.open.length, requests.ended.length]).toEqual([OPEN_MAX + 3, OPEN_MAX, 3]);
    for (let i = 0; i < 60; i++) scene.end();
    expect(snapshot().requests.ended).toHaveLength(50);
  });

  it("of one buyer are those that run and the last that ended, and nobody else's", () => {
    const reader = scene.reader();
    const running = scene.open();
    const done = scene.end({ key: 4 });
    scene.end({ key: 2 });
    expect(reader.requestsOf(1 as never, 10).map(({ requestId, state }) => [requestId, state])).toEqual([
      [done.requestId, 'completed'],
      [running, 'waiting'],
    ]);
  });
});
