import { describe, expect, it } from 'vitest';
import { alertPlanOf } from '../../src/alerts/plan.ts';
import { parseConfig } from '../../src/config/parse-config.ts';

const HEAD = 'database: ./a.db\nupstreams: { s: { kind: simulator } }\nalerts:\n';

const alertsOf = (text: string) => {
  const result = parseConfig(HEAD + text, '/etc/ainogap/config.yaml');
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config.alerts;
};
const problems = (text: string): string[] => {
  const result = parseConfig(HEAD + text, '/etc/ainogap/config.yaml');
  return result.ok ? [] : result.problems.map(String);
};
/** One rule, whose first key stands in line 5. */
const rule = (...lines: string[]): string => `  rules:\n${lines.map((line, index) => `    ${index === 0 ? '-' : ' '} ${line}\n`).join('')}`;
/** One webhook, whose first key stands in line 5. */
const webhook = (...lines: string[]): string => rule(...lines).replace('rules', 'webhooks');

describe('alerts in a configuration', () => {
  it('are none when left out or empty', () => {
    expect(alertsOf('')).toEqual({ rules: [], webhooks: [] });
    expect(alertsOf('  rules:\n  webhooks: []\n')).toEqual({ rules: [], webhooks: [] });
  });

  it('are read with their defaults, amounts exactly', () => {
    const text = `  rules:
    - { name: low-balance, when: balance_below, amount: 0.1, buyers: [acme, buyer_2] }
    - { when: empty_within, hours: 1.5 }
    - { when: spend_above, amount: "50" }
    - { when: error_share_above, share: 0.05 }
    - { name: errors-long, when: error_share_above, share: 1, window: 1h, least: 5 }
    - { when: shortfall }
    - { when: upstream_down }
    - { when: usage_estimated, buyers: }
  webhooks:
    - { name: ops, url: "https://example.com/hook?team=7", secret: "file:secrets/hook" }
    - { name: near, url: "http://127.0.0.1:9000/x", secret: env:HOOK }
    - { name: plain, url: http://hooks.example.com, secret: env:HOOK, insecure_http: true }
`;
    expect(alertsOf(text)).toEqual({
      rules: [
        { name: 'low-balance', when: 'balance_below', amount: 100_000n, buyers: ['acme', 'buyer_2'] },
        { name: 'empty_within', when: 'empty_within', hours: 1.5, buyers: null },
        { name: 'spend_above', when: 'spend_above', amount: 50_000_000n, buyers: null },
        { name: 'error_share_above', when: 'error_share_above', share: 0.05, windowMs: 300_000, least: 20 },
        { name: 'errors-long', when: 'error_share_above', share: 1, windowMs: 3_600_000, least: 5 },
        { name: 'shortfall', when: 'shortfall', buyers: null },
        { name: 'upstream_down', when: 'upstream_down', forMs: 60_000 },
        { name: 'usage_estimated', when: 'usage_estimated', buyers: null },
      ],
      webhooks: [
        { name: 'ops', url: 'https://example.com/hook?team=7', secret: { kind: 'file', path: '/etc/ainogap/secrets/hook' } },
        { name: 'near', url: 'http://127.0.0.1:9000/x', secret: { kind: 'env', name: 'HOOK' } },
        { name: 'plain', url: 'http://hooks.example.com/', secret: { kind: 'env', name: 'HOOK' } },
      ],
    });
  });

  const RULES = 'balance_below, empty_within, spend_above, error_share_above, shortfall, upstream_down, usage_estimated';
  const HOOK = ['name: ops', 'url: https://example.com/hook', 'secret: env:HOOK'];

  it.each([
    ['a key that is not known', '  rulez: []\n', '4: alerts.rulez: unknown key; did you mean "rules"?'],
    ['rules that are no list', '  rules: { when: shortfall }\n', '4: alerts.rules: must be a list, each item beginning with "- "'],
    ['a rule that is no group', '  rules: [shortfall]\n', '4: alerts.rules.0: must be a group of keys such as when and amount'],
    ['no kind', rule('amount: 1'), `5: alerts.rules.0.when: is missing; it is one of ${RULES}`],
    ['an unknown kind', rule('when: balance_belw'), `5: alerts.rules.0.when: must be one of ${RULES}, not "balance_belw". Did you mean "balance_below"?`],
    ['a missing amount', rule('when: spend_above'), '5: alerts.rules.0.amount: is missing; an example: 50'],
    ['an amount of nothing', rule('when: balance_below', 'amount: 0'), '6: alerts.rules.0.amount: must be USDC above 0 with up to 6 decimals, such as 10 or 2.50, not "0"'],
    ['an amount too fine', rule('when: balance_below', 'amount: 0.0000001'), '6: alerts.rules.0.amount: must be USDC above 0 with up to 6 decimals, such as 10 or 2.50, not "0.0000001"'],
    ['a key of another kind', rule('when: shortfall', 'hours: 4'), '6: alerts.rules.0.hours: unknown key; known here are name, when, buyers'],
    ['buyers of a rule that has none', rule('when: upstream_down', 'buyers: [acme]'), '6: alerts.rules.0.buyers: unknown key; known here are name, when, for'],
    ['a mistyped key', rule('when: shortfall', 'buyer: [acme]'), '6: alerts.rules.0.buyer: unknown key; did you mean "buyers"?'],
    ['nobody', rule('when: shortfall', 'buyers: []'), '6: alerts.rules.0.buyers: names nobody; name buyers as in [acme], or leave it out for all'],
    ['a share above one', rule('when: error_share_above', 'share: 5'), '6: alerts.rules.0.share: must be a share above 0 and at most 1, such as 0.05 for one in twenty'],
    ['a window too short', rule('when: error_share_above', 'share: 0.1', 'window: 5'), '7: alerts.rules.0.window: must be from 60s to 24h, not 5'],
    ['a name that cannot be one', rule('name: Low Balance', 'when: shortfall'), '5: alerts.rules.0.name: a name has 1 to 64 of a-z, 0-9, - and _'],
    ['two of a name', rule('name: x', 'when: shortfall') + '    - { name: x, when: upstream_down }\n', '7: alerts.rules.1.name: "x" is named already, by alerts.rules.0'],
    ['two of a kind without names', rule('when: shortfall') + '    - when: shortfall\n', '6: alerts.rules.1.when: a second rule called "shortfall", like alerts.rules.0: give it a name of its own'],
    ['a webhook without a URL', webhook('name: ops', 'secret: env:HOOK'), '5: alerts.webhooks.0.url: is missing; an example: https://example.com/hook'],
    ['http to elsewhere', webhook('name: ops', 'url: http://example.com', 'secret: env:HOOK'), '6: alerts.webhooks.0.url: http:// sends what buyers spend unencrypted; use https://, or allow it with insecure_http: true'],
    ['a password in the URL', webhook('name: ops', 'url: https://me:hunter2@example.com', 'secret: env:HOOK'), '6: alerts.webhooks.0.url: must not hold a user or password; calls are signed with `secret`'],
    ['another scheme', webhook('name: ops', 'url: ftp://example.com', 'secret: env:HOOK'), '6: alerts.webhooks.0.url: must begin with https://, not "ftp:"'],
    ['two webhooks of a name', webhook(...HOOK) + '    - { name: ops, url: https://example.com, secret: env:HOOK }\n', '8: alerts.webhooks.1.name: "ops" is named already, by alerts.webhooks.0'],
  ])('%s is a mistake', (_, text, problem) => {
    expect(problems(text)).toEqual([`config.yaml:${problem}`]);
  });

  it('tell all their mistakes at once, and never a secret', () => {
    const text = `${rule('when: balance_below', 'amount: x')}    - when: nothing\n  webhooks:\n    - { name: ops, url: http://example.com, secret: hunter2 }\n`;
    const found = problems(text);
    expect(found.map((problem) => problem.replace(/^(\S+ \S+) .*/, '$1'))).toEqual([
      'config.yaml:6: alerts.rules.0.amount:',
      'config.yaml:7: alerts.rules.1.when:',
      'config.yaml:9: alerts.webhooks.0.url:',
      'config.yaml:9: alerts.webhooks.0.secret:',
    ]);
    expect(found.join('\n')).not.toContain('hunter2');
  });
});

describe("a webhook's secret", () => {
  const alerts = alertsOf(webhook('name: ops', 'url: https://example.com/hook', 'secret: env:HOOK'));
  const plan = (secret?: string) => alertPlanOf({ alerts, file: null }, secret === undefined ? {} : { HOOK: secret });

  it('is read from its place', () => {
    expect(plan('0123456789abcdef').webhooks).toEqual([{ name: 'ops', url: 'https://example.com/hook', secret: '0123456789abcdef' }]);
  });

  it('that is missing or short is refused in words that do not repeat it', () => {
    expect(() => plan()).toThrow('the secret of the webhook ops: the environment variable HOOK is not set');
    expect(() => plan('0123456789abcde')).toThrow(/^the secret of the webhook ops has 15 bytes; it needs at least 16(?!.*abcde)/);
  });
});
