import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveUpstream } from '../../src/reports/live/snapshot.ts';
import { upstreamVerdict } from '../../src/reports/upstream-fault.ts';
import { openScene, type Scene } from './live-scene.ts';

const START = Date.UTC(2026, 10, 23, 12);
const OVERLOADED = { status: 'upstream_error', httpStatus: 529, errorCode: 'overloaded_error', usageSource: 'none', timeToFirstByteMs: null } as const;

describe('whose fault an end was', () => {
  it.each([
    ['completed', 200, null, 'answered'],
    ['upstream_error', 529, 'overloaded_error', 'fault'],
    ['upstream_error', 500, 'api_error', 'fault'],
    ['upstream_error', 429, 'rate_limit_error', 'fault'],
    ['upstream_error', 502, 'upstream_credential', 'fault'],
    ['upstream_error', 400, 'invalid_request_error', 'answered'],
    ['upstream_error', 413, 'request_too_large', 'answered'],
    ['failed', 504, 'upstream_timeout', 'fault'],
    ['failed', 502, 'upstream_unreachable', 'fault'],
    ['failed', 500, 'internal', 'open'],
    ['failed', 503, 'shutting_down', 'open'],
    ['failed', 503, 'overloaded', 'open'],
    ['interrupted', 200, 'upstream_broken', 'fault'],
    ['interrupted', 200, 'overloaded_error', 'fault'],
    ['interrupted', 200, 'shutting_down', 'open'],
    ['interrupted', 200, null, 'open'],
    ['interrupted', 200, 'constructor', 'open'],
    ['client_left', 0, 'client_closed', 'open'],
    ['recovered', 0, 'process_died', 'open'],
    ['refused', 402, 'insufficient_funds', 'open'],
  ])('%s with %i %s: %s', (status, httpStatus, errorCode, verdict) => {
    expect(upstreamVerdict({ status, httpStatus, errorCode })).toBe(verdict);
  });
});

describe('the live view of upstreams', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await openScene(START);
  });
  afterEach(() => scene.close());
  const upstreams = (): readonly LiveUpstream[] => scene.reader().read().upstreams;
  const one = (): LiveUpstream => upstreams().find(({ name }) => name === 'one') as LiveUpstream;
  const end = (count: number, record: Parameters<Scene['end']>[0] = {}): void => {
    for (let i = 0; i < count; i++) {
      scene.now += 1_000;
      scene.end(record);
    }
  };

  it('is idle without requests, and again five minutes later', () => {
    expect(one()).toMatchObject({ health: 'idle', requestsPerMinute: 0, errorShare: 0, lastError: null, routes: ['fast'] });
    end(1);
    expect(one()).toMatchObject({ health: 'up', requestsPerMinute: 1 });
    scene.now += 300_001;
    expect(one().health).toBe('idle');
  });

  it('one failure in twenty is up, more are degraded', () => {
    end(19);
    end(1, { record: OVERLOADED });
    expect(one()).toMatchObject({ health: 'up', errorShare: 0.05, lastError: { at: scene.now, code: 'overloaded_error' } });
    end(1, { record: OVERLOADED });
    expect(one()).toMatchObject({ health: 'degraded', errorShare: 2 / 21 });
    expect(upstreams().find(({ name }) => name === 'two')?.health).toBe('idle');
  });

  it("is down when the last three failed by its fault; the client's mistakes count as answers, and who left counts as nothing", () => {
    end(30);
    scene.now += 90_000;
    end(2, { record: OVERLOADED });
    expect(one().health).toBe('degraded');
    end(1, { record: OVERLOADED });
    expect(one().health).toBe('down');
    end(1, { record: { status: 'client_left', httpStatus: 0, errorCode: 'client_closed' } });
    expect(one().health).toBe('down');
    end(1, { record: { ...OVERLOADED, httpStatus: 400, errorCode: 'invalid_request_error' } });
    expect(one().health).toBe('degraded');
  });

  it('is not down while anything that ended within a minute was answered', () => {
    end(1);
    end(20, { record: OVERLOADED });
    expect(one().health).toBe('degraded');
    end(41, { record: OVERLOADED });
    expect(one().health).toBe('down');
  });

  it('is down when requests that had waited long for their first byte fail', () => {
    const waiting = [scene.open(), scene.open(), scene.open()];
    scene.now += 15 * 60_000;
    for (const running of waiting)
      scene.end({ running, record: { status: 'failed', httpStatus: 504, errorCode: 'upstream_timeout', timeToFirstByteMs: null, startedAt: START, durationMs: 900_000 } });
    expect(one()).toMatchObject({ health: 'down', timeToFirstByteP50Ms: null, lastError: { code: 'upstream_timeout' } });
  });

  it('has its rate from what it saw, also when it saw less than a minute of it', () => {
    for (let i = 0; i < 2_400; i++) {
      scene.now += 10;
      scene.end(i % 2 === 0 ? { route: 2, record: { attempts: 2, timeToFirstByteMs: 40 } } : {});
    }
    const [first, second] = upstreams();
    // 2,000 rows of 20 seconds, half of them each: 100 a second.
    expect(first?.requestsPerMinute).toBeCloseTo(3_000, -1);
    expect(second).toMatchObject({ name: 'two', retriedShare: 1, timeToFirstByteP50Ms: 40, timeToFirstByteP95Ms: 40 });
    expect(first).toMatchObject({ retriedShare: 0, timeToFirstByteP50Ms: 3 });
  });
});

describe('the live view of alerts', () => {
  it('has those that fire and those that cleared today, named by whom they concern', async () => {
    const scene = await openScene(START);
    const alert = scene.db.prepare("INSERT INTO alerts(rule, subject, message, detail, fired_at, cleared_at) VALUES ('r', ?, ?, '{}', ?, ?)");
    const day = 86_400_000;
    alert.run('buyer_2', 'cleared yesterday', START - 2 * day, START - day);
    alert.run('buyer_2', 'fires since long', START - 3 * day, null);
    alert.run('upstream:one', 'cleared today', START - 2 * day, START - 1_000);
    alert.run('gateway', 'fires', START - 5_000, null);
    alert.run('buyer_99', 'cleared just now', START - 3_000, START);
    const { alerts } = scene.reader().read();
    expect(alerts.map(({ subject, message, clearedAt }) => [subject, message, clearedAt])).toEqual([
      ['gateway', 'fires', null],
      ['globex', 'fires since long', null],
      ['buyer_99', 'cleared just now', START],
      ['one', 'cleared today', START - 1_000],
    ]);
    scene.close();
  });
});
