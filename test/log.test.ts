import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLineSink } from '../src/log/line-sink.ts';
import { createLog } from '../src/log.ts';
import { createRequestLog } from '../src/request-log/request-log.ts';
import { temporaryFolder } from './support/product.ts';

const lineOf = (format: 'json' | 'text', fields: Record<string, string>): string => {
  let line = '';
  createLog({ format, write: (text) => (line += text) }).warn('host_refused', fields);
  return line;
};

/** One-byte control sequences, marks that turn the direction of writing, and other line ends among them. */
const STEERING = 'x\u001b[31m\u009b31m\u202e\u0085\u2028\u{e0041}\ny';

describe('a line of the log', () => {
  it.each(['json', 'text'] as const)('as %s cannot steer a terminal or be two lines', (format) => {
    const line = lineOf(format, { host: STEERING });
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    expect(line).toContain('\\u001b[31m\\u009b31m\\u202e\\u0085\\u2028\\udb40\\udc41\\ny');
  });

  it('as JSON is still the same value', () => {
    expect(JSON.parse(lineOf('json', { host: STEERING }))).toMatchObject({ level: 'warn', event: 'host_refused', host: STEERING });
  });

  it('as text shows plain words as they are, and letters of all writings', () => {
    expect(lineOf('text', { host: 'a.example', name: 'Ångström 日本' })).toContain(' host=a.example name="Ångström 日本"\n');
  });
});

const parsedLine = (fields: Parameters<ReturnType<typeof createLog>['info']>[1], secrets: readonly string[] = []): Record<string, unknown> => {
  let line = '';
  const log = createLog({ format: 'json', write: (text) => (line += text) });
  log.hide(secrets);
  log.info('event', fields);
  return JSON.parse(line) as Record<string, unknown>;
};

describe('an event', () => {
  it('hides a secret that is cut by the length of a line, too', () => {
    const lines: string[] = [];
    const log = createLog({ format: 'json', write: (line) => void lines.push(line) });
    log.hide(['a-webhook-secret-of-some-length']);
    log.error('failed', { error: `${'x'.repeat(7_985)}a-webhook-secret-of-some-length and more` });
    expect(lines[0]).not.toContain('a-webhook');
    expect(lines[0]).toContain('x[hidden]');
  });

  it('keeps money exact, beyond what JSON readers hold too', () => {
    expect(parsedLine({ small: 9_000_000_000_000_000n, large: 9_007_199_254_740_993n, left: undefined, none: null })).toMatchObject({ small: 9_000_000_000_000_000, large: '9007199254740993', none: null });
  });

  it('is written when its level is in force, which may change', () => {
    const seen: string[] = [];
    const log = createLog({ format: 'text', level: 'warn', write: (line) => seen.push(line) });
    log.info('first');
    log.warn('second');
    log.configure({ level: 'debug', format: 'json' });
    log.debug('third');
    expect(seen).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d warn {2}second\n$/), expect.stringMatching(/^\{"level":"debug","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","event":"third"\}\n$/)]);
  });

  it.each([
    ['a key', `x-api-key: rk_${'aB3'.repeat(12)}`, 'x-api-key: rk_[hidden]'],
    ['the beginning of a key', 'rk_aB3aB3aB3aB3', 'rk_[hidden]'],
    ['a credential', 'sk-ant-api03-abc_def-123,', 'sk-[hidden],'],
    ['an admin token', 'ainogap_admin_Abcdefghijklmnop', 'ainogap_admin_[hidden]'],
    ["an invitation's link", `https://gw.example/console/invite#iv_${'a-_9'.repeat(10)}abc`, 'https://gw.example/console/invite#iv_[hidden]'],
    ['a session', `st_${'a-_9'.repeat(10)}abc`, 'st_[hidden]'],
    ['a Bearer token', 'Authorization: Bearer abc.def-123456', 'Authorization: Bearer [hidden]'],
    ['the password of a URL', 'at https://me:pass@example.com/x', 'at https://[hidden]@example.com/x'],
    ['a secret in force', 'it said s3cret-in-force"!', 'it said [hidden]!'],
  ])('does not say %s', (_, text, shown) => {
    expect(parsedLine({ message: text }, ['s3cret-in-force"', 'short'])).toMatchObject({ message: shown });
  });

  it('says words that look a little like a secret', () => {
    const words = 'route network_administration of risk-assessment-production, a short bearer of st_ and test_assistance_for_everybody at http://127.0.0.1:8787/x';
    expect(parsedLine({ message: words }, ['short'])).toMatchObject({ message: words });
  });
});

describe('what reads the log', () => {
  const open: number[] = [];
  afterEach(() => open.splice(0).forEach((fd) => fs.closeSync(fd)));
  const opened = (file: string, flags: number): number => {
    const fd = fs.openSync(file, flags);
    open.push(fd);
    return fd;
  };

  it('may stop reading: lines are lost and counted, and those that follow come whole', () => {
    const pipe = path.join(temporaryFolder(), 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const reader = opened(pipe, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const lost: number[] = [];
    const sink = createLineSink({ fd: opened(pipe, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK), onLost: (lines) => lost.push(lines) });
    const line = `${'x'.repeat(999)}\n`;
    for (let i = 0; i < 10_000; i++) sink.write(line);
    sink.flush();
    expect(lost).toEqual([]);
    let read = '';
    const chunk = Buffer.alloc(1 << 20);
    while (lost.length === 0) {
      read += chunk.toString('latin1', 0, fs.readSync(reader, chunk));
      sink.flush();
    }
    sink.write('the next\n');
    sink.flush();
    read += chunk.toString('latin1', 0, fs.readSync(reader, chunk));
    const lines = read.split('\n');
    expect(lines.splice(-2)).toEqual(['the next', '']);
    expect(new Set(lines)).toEqual(new Set(['x'.repeat(999)]));
    expect([lines.length + (lost[0] ?? 0), lines.length > 4_000]).toEqual([10_000, true]);
  });

  it.runIf(fs.existsSync('/dev/full'))('may be a full disk', () => {
    const sink = createLineSink({ fd: opened('/dev/full', fs.constants.O_WRONLY) });
    sink.write('a line\n');
    expect(() => sink.flush()).not.toThrow();
  });
});

it('requests without a good key cannot flood the log: beyond ten a second they are counted', () => {
  const events: Record<string, unknown>[] = [];
  let now = 0;
  const requests = createRequestLog(createLog({ format: 'json', write: (line) => events.push(JSON.parse(line) as Record<string, unknown>) }), true, () => now);
  const refused = { requestId: 'req_0', route: null, model: null, httpStatus: 401, errorCode: 'unauthenticated', startedAt: 0, durationMs: 1, traceparent: null, settled: null, record: null };
  for (let i = 0; i < 35; i++) requests.requestEnded(refused);
  now = 1_000;
  requests.requestEnded(refused);
  expect(events.map(({ event, count }) => [event, count])).toEqual([...Array.from({ length: 10 }, () => ['request', undefined]), ['requests_without_key', 25], ['request', undefined]]);
});
