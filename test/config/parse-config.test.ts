import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';

const FILE = '/etc/ainogap/config.yaml';

const SMALLEST = `listen: 127.0.0.1:8787
database: ./ainogap.db          # relative to this file
upstreams:
  anthropic:
    kind: anthropic
    base_url: https://api.anthropic.com
    credential: env:ANTHROPIC_API_KEY
`;

const parsed = (text: string): Config => {
  const result = parseConfig(text, FILE);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
};

const problems = (text: string): string[] => {
  const result = parseConfig(text, FILE);
  return result.ok ? [] : result.problems.map(String);
};

/** The smallest file with lines after it; the first of them is line 8. */
const withLines = (...lines: string[]): string => SMALLEST + lines.join('\n');
/** The smallest file with lines in its upstream; the first of them is line 8. */
const withUpstreamLines = (...lines: string[]): string => withLines(...lines.map((line) => `    ${line}`));

describe('a good configuration', () => {
  it('needs only a database and an upstream, and gets its defaults', () => {
    const config = parsed(SMALLEST.replace(/^listen.*\n/, ''));
    expect(config).toMatchObject({
      file: FILE,
      listen: { host: '127.0.0.1', port: 8787 },
      database: '/etc/ainogap/ainogap.db',
      models: [],
      drain: { ms: 5_000, concurrent: 64 },
      holdWaitMs: 10_000,
      shutdownGraceMs: 25_000,
      handoverGraceMs: 900_000,
      limits: { requestBodyBytesMax: 33_554_432, bodyMemoryBytesMax: 536_870_912, responseBufferBytesMax: 16_777_216 },
      tls: null,
      publicUrl: null,
      timezone: 'UTC',
    });
    expect(config.upstreams.get('anthropic')).toEqual({
      name: 'anthropic',
      kind: 'anthropic',
      baseUrl: 'https://api.anthropic.com',
      credential: { kind: 'env', name: 'ANTHROPIC_API_KEY' },
      credentialHeader: 'x-api-key',
      limits: {
        connectTimeoutMs: 10_000,
        firstByteTimeoutMs: 120_000,
        firstByteTimeoutJsonMs: 900_000,
        idleTimeoutMs: 120_000,
        attemptsMax: 2,
        retryAfterMaxMs: 5_000,
      },
    });
  });

  it.each([
    ['10s', 10_000],
    ['250ms', 250],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['25', 25_000],
    ['2.5', 2_500],
    ['0', 0],
  ])('reads the time %s as %i ms', (text, ms) => {
    expect(parsed(withLines(`hold_wait: ${text}`)).holdWaitMs).toBe(ms);
  });

  it.each([
    ['32MB', 33_554_432],
    ['64kb', 65_536],
    ['1GiB', 1_073_741_824],
    ['2048', 2_048],
  ])('reads the size %s as %i bytes', (text, bytes) => {
    expect(parsed(withLines(`limits: { request_body: ${text} }`)).limits.requestBodyBytesMax).toBe(bytes);
  });

  it.each([
    ['"[::1]:9000"', { host: '::1', port: 9_000 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['9000', { host: '127.0.0.1', port: 9_000 }],
  ])('reads the address %s', (text, listen) => {
    expect(parsed(SMALLEST.replace('127.0.0.1:8787', text)).listen).toEqual(listen);
  });

  it('reads prices exactly as they are written, never through a float', () => {
    const { models } = parsed(
      withLines(
        'models:',
        '  - id: claude-new',
        '    aliases: [claude-new-1]',
        '    prices: { input: 0.1, output: 8999999999.999999, cache_write_5m: "0.000001", cache_write_1h: 3., cache_read: 0.30 }',
        '    context_window: 1000000',
        '    max_output: 128_000',
      ),
    );
    expect(models).toEqual([
      {
        id: 'claude-new',
        aliases: ['claude-new-1'],
        prices: { input: 100_000n, output: 8_999_999_999_999_999n, cacheWrite5m: 1n, cacheWrite1h: 3_000_000n, cacheRead: 300_000n },
        contextWindow: 1_000_000,
        maxOutput: 128_000,
        geoPremium: false,
      },
    ]);
  });

  it('takes paths relative to the folder of the file', () => {
    const config = parsed(
      withLines('tls: { cert: ./cert.pem, key: /keys/key.pem }').replace('env:ANTHROPIC_API_KEY', 'file:secrets/key'),
    );
    expect(config.tls).toEqual({ cert: '/etc/ainogap/cert.pem', key: '/keys/key.pem' });
    expect(config.upstreams.get('anthropic')).toMatchObject({ credential: { kind: 'file', path: '/etc/ainogap/secrets/key' } });
  });

  it('drops the trailing slash of a URL and keeps its path', () => {
    expect(parsed(SMALLEST.replace('api.anthropic.com', 'proxy.example.com/claude/')).upstreams.get('anthropic')).toMatchObject({
      baseUrl: 'https://proxy.example.com/claude',
    });
  });

  it('reads the knobs of a simulator', () => {
    const text = 'database: a.db\nupstreams: {sim: {kind: simulator, delay: 100ms, tokens_per_second: 12.5, failure: cut, failure_share: 0.1}}';
    expect(parsed(text).upstreams.get('sim')).toMatchObject({
      kind: 'simulator',
      knobs: { delayMs: 100, tokensPerSecond: 12.5, outputTokens: 120, failure: 'cut', failureShare: 0.1, failureStatus: 529 },
    });
  });

  it('follows an anchor, within bounds', () => {
    const text = `database: a.db\nupstreams:\n  a: &limits { kind: simulator, delay: 5s }\n  b: *limits\n`;
    expect(parsed(text).upstreams.get('b')).toMatchObject({ name: 'b', knobs: { delayMs: 5_000 } });
  });
});

describe('a mistake is reported with its line, its key and what would be right', () => {
  it.each<[string, string, string]>([
    ['an unknown key', withUpstreamLines('base_ul: x'), 'config.yaml:8: upstreams.anthropic.base_ul: unknown key; did you mean "base_url"?'],
    ['a key known by another word', withUpstreamLines('api_key: env:X'), 'config.yaml:8: upstreams.anthropic.api_key: unknown key; did you mean "credential"?'],
    ['a key like no other', withLines('disconnect: { xyzzy: 1 }'), 'config.yaml:8: disconnect.xyzzy: unknown key; known here are drain'],
    ['a key given twice', withUpstreamLines('kind: anthropic'), 'config.yaml:8: upstreams.anthropic.kind: given twice; the first is on line 5'],
    ['a missing key', SMALLEST.replace(/^database.*\n/m, ''), 'config.yaml:1: database: is missing; an example: ./ainogap.db'],
    ['an empty key', SMALLEST.replace('./ainogap.db', ''), 'config.yaml:2: database: must be a text, not nothing'],
    ['a wrong type', withLines('limits: 5'), 'config.yaml:8: limits: must be a group of keys'],
    ['a list where a text belongs', SMALLEST.replace('./ainogap.db', '[a]'), 'config.yaml:2: database: must be a text, not a list'],
    ['a wrong time', withLines('hold_wait: soon'), 'config.yaml:8: hold_wait: must be a time such as 250ms, 10s or 15m (a plain number is seconds), not "soon"'],
    ['a negative time', withLines('hold_wait: -1'), 'config.yaml:8: hold_wait: must be a time such as 250ms, 10s or 15m (a plain number is seconds), not -1'],
    ['too long a time', withLines('hold_wait: 25h'), 'config.yaml:8: hold_wait: must be from 0ms to 24h, not "25h"'],
    ['a wrong size', withLines('limits: { request_body: big }'), 'config.yaml:8: limits.request_body: must be a size from 1KB to 1024MB such as 32MB, not "big"'],
    ['a fraction where a whole number belongs', withUpstreamLines('attempts: 1.5'), 'config.yaml:8: upstreams.anthropic.attempts: must be a whole number from 1 to 10, not 1.5'],
    ['a word that is not among the known', withLines('allow: [container, code_exec]'), 'config.yaml:8: allow.1: must be one of code_execution, container, mcp_servers, skills, advisor, fallbacks, files, not "code_exec".'],
    ['a wrong port', SMALLEST.replace(':8787', ':99999'), 'config.yaml:1: listen: must be an address and port such as 127.0.0.1:8787 or [::1]:8787, not "127.0.0.1:99999"'],
    ['an unknown kind', SMALLEST.replace('kind: anthropic', 'kind: antropic'), 'config.yaml:5: upstreams.anthropic.kind: unknown kind "antropic"; kinds are anthropic, simulator. Did you mean "anthropic"?'],
    ['no kind', SMALLEST.replace(/ +kind.*\n/, ''), 'config.yaml:4: upstreams.anthropic.kind: is missing; kinds are anthropic, simulator'],
    ['no upstream', 'database: a.db\nupstreams: {}', 'config.yaml:2: upstreams: must name at least one upstream, for example anthropic: {kind: anthropic, base_url: https://api.anthropic.com, credential: env:ANTHROPIC_API_KEY}'],
    ['no upstreams at all', 'database: a.db', 'config.yaml:1: upstreams: must name at least one upstream, for example anthropic: {kind: anthropic, base_url: https://api.anthropic.com, credential: env:ANTHROPIC_API_KEY}'],
    ['a bad upstream name', SMALLEST.replace('  anthropic:', '  My Upstream:'), 'config.yaml:4: upstreams.My Upstream: a name has 1 to 64 of a-z, 0-9, - and _'],
    ['no URL', SMALLEST.replace('https://api.anthropic.com', 'api.anthropic.com'), 'config.yaml:6: upstreams.anthropic.base_url: must be a URL such as https://api.anthropic.com, not "api.anthropic.com"'],
    ['http to another machine', SMALLEST.replace('https://', 'http://'), 'config.yaml:6: upstreams.anthropic.base_url: http:// sends the credential unencrypted; use https://, or allow it with insecure_http: true'],
    ['another scheme', SMALLEST.replace('https://', 'ftp://'), 'config.yaml:6: upstreams.anthropic.base_url: must begin with https://, not "ftp:"'],
    ['a query', SMALLEST.replace('.com', '.com/?beta=true'), 'config.yaml:6: upstreams.anthropic.base_url: must not have a query or fragment (what follows ? or #)'],
    ['the path that is added', SMALLEST.replace('.com', '.com/v1'), 'config.yaml:6: upstreams.anthropic.base_url: must not end in /v1, which is added to it'],
    ['no place of a credential', SMALLEST.replace('env:ANTHROPIC_API_KEY', '"env:"'), 'config.yaml:7: upstreams.anthropic.credential: must say where the credential is: env:NAME, file:PATH or credential:NAME'],
    ['a wrong range', withLines('trusted_proxies: [10.0.0.1, 10.0.0.0/33]'), 'config.yaml:8: trusted_proxies.1: "10.0.0.0/33" is no IP address and no range such as 10.0.0.0/8'],
    ['a host with a port', withLines('allowed_hosts: [example.com:80]'), 'config.yaml:8: allowed_hosts.0: "example.com:80" is no host name; give it without port and scheme, or * for any'],
    ['a wrong time zone', withLines('timezone: Mars/Base'), 'config.yaml:8: timezone: "Mars/Base" is no IANA time zone such as UTC or Europe/Berlin'],
    ['half of a TLS pair', withLines('tls: { cert: a }'), 'config.yaml:8: tls.key: is missing; an example: ./key.pem'],
    ['an alias of nothing', withLines('allowed_hosts: [*x]'), 'config.yaml:8: allowed_hosts.0: an alias whose anchor is not above it; a text that begins with * needs quotes'],
    ['no map at all', '- 1', 'config.yaml: must be a group of keys such as listen, database and upstreams'],
    ['an empty file', '', 'config.yaml: must be a group of keys such as listen, database and upstreams'],
  ])('%s', (_, text, problem) => {
    expect(problems(text)).toContain(problem);
    expect(problems(text).join('\n'), 'in our words').not.toContain('Invalid input');
  });

  const price = (input: string): string =>
    withLines('models:', '  - id: m', `    prices: { input: ${input}, output: 1, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1 }`, '    context_window: 1', '    max_output: 1');

  it.each([
    ['1e3', '1e3'],
    ['0.0000001', '0.0000001'],
    ['abc', '"abc"'],
    ['"1,5"', '"1,5"'],
    ['.inf', '.inf'],
  ])('the price %s is no exact amount', (input, echoed) => {
    expect(problems(price(input))).toEqual([
      `config.yaml:10: models.0.prices.input: must be USD per million tokens with up to 6 decimals, such as 3 or 0.30, not ${echoed}`,
    ]);
  });

  it('a price below zero', () => {
    expect(problems(price('-1'))).toEqual(['config.yaml:10: models.0.prices.input: must not be below 0, but is -1']);
  });

  it('two models of one name, also of a built-in one', () => {
    const model = (id: string, alias: string): string =>
      `  - { id: ${id}, aliases: [${alias}], prices: {input: 1, output: 1, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1}, context_window: 1, max_output: 1 }`;
    expect(problems(withLines('models:', model('a', 'b'), model('b', 'claude-opus-4-6'), model('claude-haiku-4-5', 'c')))).toEqual([
      'config.yaml:10: models.1.id: "b" is named already, by models.0.aliases.0',
      'config.yaml:10: models.1.aliases.0: "claude-opus-4-6" is named already, by the built-in claude-opus-4-6',
    ]);
  });

  it('all of them at once, in the order of the file', () => {
    const text = withUpstreamLines('base_ul: x', 'idle_timeout: never').replace(':8787', '').concat('\ntimezone: Nowhere\nmodels: 1');
    expect(problems(text).map((problem) => problem.replace(/^(\S+ \S+) .*/, '$1'))).toEqual([
      'config.yaml:1: listen:',
      'config.yaml:8: upstreams.anthropic.base_ul:',
      'config.yaml:9: upstreams.anthropic.idle_timeout:',
      'config.yaml:10: timezone:',
      'config.yaml:11: models:',
    ]);
  });

  it('text that is no YAML', () => {
    expect(problems('database: [a\nupstreams: {')[0]).toMatch(/^config\.yaml:\d+: not valid YAML: /);
  });

  it('a few bytes that would become gigabytes', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
    expect(problems(['a0: &a0 x', ...levels].join('\n')).join()).toContain('too large or too deeply nested');
  });

  it('an alias that contains itself', () => {
    expect(problems('database: &a [*a]').join()).toContain('too large or too deeply nested');
  });
});

describe('a credential in the file', () => {
  const SECRET = 'sk-ant-api03-Wm9uZSBvZiB0aGVzZQ-3f9a';

  it.each([
    ['as the credential', SMALLEST.replace('env:ANTHROPIC_API_KEY', SECRET), 'upstreams.anthropic.credential'],
    ['as an environment variable', SMALLEST.replace('ANTHROPIC_API_KEY', SECRET), 'upstreams.anthropic.credential'],
    ['under an unknown key', withUpstreamLines(`api_key: ${SECRET}`), 'upstreams.anthropic.api_key'],
    ['in a URL', SMALLEST.replace('https://', `https://user:${SECRET}@`), 'upstreams.anthropic.base_url'],
    ['as a kind', SMALLEST.replace('kind: anthropic', `kind: ${SECRET}`), 'upstreams.anthropic.kind'],
    ['as a time', withLines(`hold_wait: ${SECRET}`), 'hold_wait'],
    ['as a key', withLines(`${SECRET}: 1`), '(not shown)'],
    ['where no YAML is', `database: "a" ${SECRET}`, 'not valid YAML'],
    ['in a broken quote', `database: "${SECRET}`, 'not valid YAML'],
  ])('is refused and never repeated: %s', (_, text, place) => {
    const found = problems(text);
    expect(found.join('\n')).toContain(place);
    expect(found.join('\n')).not.toContain(SECRET.slice(7, 20));
    expect(found.length).toBeGreaterThan(0);
  });

  it('is refused in words, whatever its shape, and not repeated', () => {
    const [problem] = problems(SMALLEST.replace('env:ANTHROPIC_API_KEY', 'hunter2'));
    expect(problem).toContain('A credential itself must not stand in this file');
    expect(problem).not.toContain('hunter2');
  });

  it.each([
    ['a value', `hold_wait: Zq7Xw93kLmPq8Rt2Vb5Nc1Yd4Hf6`, 'Zq7Xw93k'],
    ['a word after a value', 'database: "a" hunter2', 'hunter2'],
    ['a word that ends a list', 'database: [a] hunter2', 'hunter2'],
    ['a word behind a bad sign', 'database: @hunter2', 'hunter2'],
    ['a word in a bad escape', 'database: "a\\hunter2"', 'hunter2'],
    ['an alias of nothing', 'database: *hunter2', 'hunter2'],
    ['a bad block', 'database: |hunter2\n  x', 'hunter2'],
  ])('that nobody can know for one is not repeated either: %s', (_, text, secret) => {
    const found = problems(text).join('\n');
    expect(found).toContain('config.yaml:1: ');
    expect(found).not.toContain(secret);
  });

  it('of a well-known shape is said once, with what to do', () => {
    expect(problems(SMALLEST.replace('env:ANTHROPIC_API_KEY', SECRET))).toEqual([
      'config.yaml:7: upstreams.anthropic.credential: holds a credential. Name its place instead (credential: env:NAME, file:PATH or credential:NAME), and replace the one that stood here',
    ]);
  });
});
