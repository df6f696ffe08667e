import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { isLoopback } from '../../src/config/scalars.ts';

const allowedHosts = (yaml: string): readonly string[] | string => {
  const parsed = parseConfig(`database: ./a.db\nupstreams: { sim: { kind: simulator } }\nallowed_hosts: ${yaml}\n`, '/etc/ainogap/config.yaml');
  return parsed.ok ? parsed.config.allowedHosts : parsed.problems.join('\n');
};

describe('loopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', 'localhost.', '::1', '[::1]', '0:0:0:0:0:0:0:1', '0000::0001', '::ffff:127.0.0.1', '[::ffff:7f00:1]'])(
    '%s is',
    (host) => expect(isLoopback(host)).toBe(true),
  );

  it.each(['127.0.0.999', '127.0.0.1.example.com', 'localhost.example.com', '0.0.0.0', '::', '128.0.0.1', '::ffff:8.8.8.8', '2001:db8::1', '', '[]', '127.0.0.1:80'])(
    '%j is not',
    (host) => expect(isLoopback(host)).toBe(false),
  );
});

describe('allowed_hosts', () => {
  it('takes names and addresses, each in the form that a request is compared with', () => {
    expect(allowedHosts('[Gateway.Example.com, 192.0.2.7, "*"]')).toEqual(['gateway.example.com', '192.0.2.7', '*']);
    expect(allowedHosts('["[2001:DB8:0:0::7]", "[::ffff:192.0.2.7]"]')).toEqual(['[2001:db8::7]', '[::ffff:c000:207]']);
  });

  it.each(['["2001:db8::7"]', '["[2001:db8::zz]"]', '["[fe80::1%eth0]"]', '[[2001:db8::7]]', '[ [ "::1" ] ]'])('says how to write an IPv6 address instead of %s', (yaml) => {
    expect(allowedHosts(yaml)).toContain('allowed_hosts.0: must be a host name; an IPv6 address needs brackets and quotes, as in "[2001:db8::7]"');
  });

  it.each(['["https://a.example"]', '["a.example:443"]', '["[::1]:80"]', '["a b"]', '[""]', '[{ a: b }]'])('refuses %s', (yaml) => {
    expect(allowedHosts(yaml)).toMatch(/^config\.yaml:3: allowed_hosts\.0: /);
  });
});
