import { describe, expect, it } from 'vitest';
import { createLog } from '../src/log.ts';

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
