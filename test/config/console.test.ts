/** `console:` of the configuration, and where each setting comes from. */
import { describe, expect, test } from 'vitest';
import { consoleOrigin, dataOrigin } from '../../src/cli/origin.ts';
import { withOption, type Config } from '../../src/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';

const HEAD = `listen: 127.0.0.1:8787
database: ./ainogap.db
upstreams:
  anthropic: { kind: anthropic, base_url: https://api.anthropic.com, credential: env:ANTHROPIC_API_KEY }
`;
const FILE = '/etc/ainogap/config.yaml';

function parsed(more: string, head = HEAD): Config {
  const result = parseConfig(head + more, FILE);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}
const problems = (more: string): string[] => {
  const result = parseConfig(HEAD + more, FILE);
  return result.ok ? [] : result.problems.map(String);
};

describe('the section', () => {
  test('may be left out', () => {
    expect(parsed('').console).toEqual({
      enabled: true,
      listen: null,
      publicUrl: null,
      sessionIdleMs: 12 * 3_600_000,
      sessionMaxMs: 7 * 24 * 3_600_000,
      inviteMs: 72 * 3_600_000,
      topUpInstructions: '',
    });
  });

  test('is read whole', () => {
    const given = `console:
  enabled: false
  listen: "[::1]:9000"
  public_url: https://console.example.com/
  session_idle: 30m
  session_max: 2d
  invite_expires: 24h
  top_up_instructions: |
    Send USDC to
    0x00.
`;
    expect(parsed(given).console).toEqual({
      enabled: false,
      listen: { host: '::1', port: 9000 },
      publicUrl: 'https://console.example.com',
      sessionIdleMs: 1_800_000,
      sessionMaxMs: 172_800_000,
      inviteMs: 86_400_000,
      topUpInstructions: 'Send USDC to\n0x00.',
    });
  });

  const mistakes: readonly [string, string, string][] = [
    ['the same address as listen', 'listen: 127.0.0.1:8787', 'config.yaml:6: console.listen: is what `listen` says already; leave it out to serve both there, or give it another port'],
    ['one that holds it', 'listen: 0.0.0.0:8787', 'config.yaml:6: console.listen: is what `listen` says already; leave it out to serve both there, or give it another port'],
    ['a path', 'public_url: https://example.com/console', 'config.yaml:6: console.public_url: must have no path: the console is served at /console of its host'],
    ['a session that is too short', 'session_idle: 5s', 'config.yaml:6: console.session_idle: must be from 60s to 720h, not 5s'],
    ['a session that is too long', 'session_max: 365d', 'config.yaml:6: console.session_max: must be from 60s to 2160h, not 365d'],
    ['what is no switch', 'enabled: on please', 'config.yaml:6: console.enabled: must be true or false, not "on please"'],
    ['a misspelt key', 'session_idel: 5m', 'config.yaml:6: console.session_idel: unknown key; did you mean "session_idle"?'],
    ['too many words', `top_up_instructions: ${'x'.repeat(2_001)}`, 'config.yaml:6: console.top_up_instructions: must have at most 2000 characters, not 2001'],
  ];
  test.each(mistakes)('%s is a mistake', (_, line, told) => {
    expect(problems(`console:\n  ${line}\n`)).toEqual([told.replace(/not (\d+[sd])$/, 'not "$1"')]);
  });

  test('an idle time that outlives the session is a mistake, and another port is none', () => {
    expect(problems('console:\n  session_idle: 3h\n  session_max: 2h\n')).toEqual(['config.yaml:6: console.session_idle: is longer than console.session_max, which ends a session in any case']);
    expect(problems('console: { listen: "127.0.0.1:8788" }\n')).toEqual([]);
  });
});

describe('where it is reached', () => {
  test('is where it listens, unless a public address is configured', () => {
    expect(consoleOrigin(parsed(''))).toBe('http://127.0.0.1:8787');
    expect(consoleOrigin(parsed(''), { host: '0.0.0.0', port: 4711 })).toBe('http://127.0.0.1:4711');
    expect(consoleOrigin(parsed('public_url: https://gateway.example.com/claude\n'))).toBe('https://gateway.example.com');
    expect(consoleOrigin(parsed('public_url: https://gateway.example.com\nconsole: { public_url: https://console.example.com }\n'))).toBe('https://console.example.com');
    expect(consoleOrigin(parsed('public_url: https://gateway.example.com\nconsole: { listen: "127.0.0.1:8788" }\n'))).toBe('http://127.0.0.1:8788');
    expect(dataOrigin(parsed('public_url: https://gateway.example.com/claude\n'))).toBe('https://gateway.example.com/claude');
    expect(dataOrigin(parsed('console: { public_url: https://console.example.com }\n'))).toBe('http://127.0.0.1:8787');
  });
});

describe('the settings', () => {
  const settingsOf = (more: string): Map<string, Config['settings'][number]> => new Map(parsed(more).settings.map((setting) => [setting.key, setting]));

  test('say what is in force, where it stands, and what a change needs', () => {
    const settings = settingsOf('hold_wait: 90s\nconsole:\n  session_idle: 45m\n');
    expect(settings.get('listen')).toEqual({ key: 'listen', value: '127.0.0.1:8787', from: 'file', line: 1, restart: true });
    expect(settings.get('hold_wait')).toEqual({ key: 'hold_wait', value: '90s', from: 'file', line: 5, restart: false });
    expect(settings.get('console.session_idle')).toEqual({ key: 'console.session_idle', value: '45m', from: 'file', line: 7, restart: false });
    expect(settings.get('console.session_max')).toEqual({ key: 'console.session_max', value: '168h', from: 'default', line: null, restart: false });
    expect(settings.get('limits.request_body')).toMatchObject({ value: '32MB', from: 'default' });
  });

  test('an option of the command line takes the place of what the file says', () => {
    const settings = withOption(parsed('').settings, 'listen', '[::1]:9');
    expect(settings.find(({ key }) => key === 'listen')).toEqual({ key: 'listen', value: '[::1]:9', from: 'option', line: null, restart: true });
  });

  test('name the places of secrets, and of webhooks the origin only', () => {
    const settings = settingsOf(`alerts:
  rules: [{ when: shortfall, buyers: [acme] }, { when: balance_below, amount: 2.5 }]
  webhooks: [{ name: ops, url: "https://hooks.example.com/T0/B1/s3cr3t?token=abc", secret: env:HOOK }]
`);
    expect(settings.get('upstreams.anthropic.credential')?.value).toBe('env:ANTHROPIC_API_KEY');
    expect(settings.get('alerts.webhooks.ops')).toMatchObject({ value: 'https://hooks.example.com, signed with env:HOOK', line: 7 });
    expect([...settings.keys()].filter((key) => key.startsWith('alerts.rules'))).toEqual(['alerts.rules.shortfall', 'alerts.rules.balance_below']);
    expect(settings.get('alerts.rules.balance_below')?.value).toBe('balance_below 2.500000 USDC');
    expect(JSON.stringify([...settings.values()])).not.toMatch(/s3cr3t|token=abc/);
  });

  test('no key stands there twice, and every value is words', () => {
    const all = parsed('models: [{ id: m-1, prices: { input: 1, output: 2, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1 }, context_window: 10, max_output: 5 }]\n').settings;
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    for (const { key, value } of all) expect(value, key).toMatch(/\S/);
  });
});
