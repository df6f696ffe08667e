/** `metrics:` of the configuration. */
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Config } from '../../src/config.ts';

const HEAD = 'database: ./ainogap.db\nupstreams: { sim: { kind: simulator } }\n';
const parse = (more: string): ReturnType<typeof parseConfig> => parseConfig(HEAD + more, '/etc/ainogap/config.yaml');
function parsed(more: string): Config {
  const result = parse(more);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}
const problems = (more: string): string[] => {
  const result = parse(more);
  return result.ok ? [] : result.problems.map(String);
};

test('left out, there are none', () => {
  for (const more of ['', 'metrics:\n', 'metrics: {}\n']) expect(parsed(more).metrics).toEqual({ listen: null, token: null });
});

test('the address and the place of the token are read, and told without the token', () => {
  const config = parsed('metrics:\n  listen: "[::1]:9464"\n  token: file:./token\n');
  expect(config.metrics).toEqual({ listen: { host: '::1', port: 9464 }, token: { kind: 'file', path: '/etc/ainogap/token' } });
  expect(config.settings.filter(({ key }) => key.startsWith('metrics.'))).toEqual([
    { key: 'metrics.listen', value: '[::1]:9464', from: 'file', line: 4, restart: true },
    { key: 'metrics.token', value: 'file:/etc/ainogap/token', from: 'file', line: 5, restart: false },
  ]);
});

describe('mistakes', () => {
  const cases: readonly [string, string, string][] = [
    ['the address of the data plane', 'metrics: { listen: "127.0.0.1:8787" }', 'metrics.listen: is what `listen` says already; give it a port of its own, such as 9464'],
    ['one that holds it', 'listen: 0.0.0.0:9464\nmetrics: { listen: "127.0.0.1:9464" }', 'metrics.listen: is what `listen` says already; give it a port of its own, such as 9464'],
    ["the console's", 'console: { listen: "127.0.0.1:9464" }\nmetrics: { listen: "127.0.0.1:9464" }', 'metrics.listen: is what `console.listen` says already; give it a port of its own, such as 9464'],
    ['a token that guards nothing', 'metrics: { token: "env:TOKEN" }', 'metrics.token: guards nothing without metrics.listen'],
    ['a misspelt key', 'metrics: { lisen: "127.0.0.1:9464" }', 'metrics.lisen: unknown key; did you mean "listen"?'],
  ];
  test.each(cases)('%s', (_, more, told) => {
    expect(problems(`${more}\n`)).toEqual([expect.stringContaining(told)]);
  });

  test('a token itself is one, and is not repeated', () => {
    expect(problems('metrics: { listen: "127.0.0.1:9464", token: s3cr3t-value }\n').join()).toMatch(/^config\.yaml:3: metrics\.token: must say where the credential is(?!.*s3cr3t)/);
  });

  test('addresses that differ, and any free port, are none', () => {
    expect(problems('listen: 127.0.0.1:0\nconsole: { listen: "127.0.0.1:0" }\nmetrics: { listen: "127.0.0.1:0" }\n')).toEqual([]);
  });
});
