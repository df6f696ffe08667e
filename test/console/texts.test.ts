import { describe, expect, test } from 'vitest';
import { placeAfterSignIn } from '../../src/console/console-places.ts';
import { csvText } from '../../src/console/csv.ts';
import { browserWords } from '../../src/console/sign-in/browser-words.ts';
import { passwordProblem } from '../../src/console/sign-in/password-rules.ts';
import { createSseReader } from '../../src/console/sse-reader.ts';

describe('CSV', () => {
  test('quotes what needs it, and keeps numbers as they are', () => {
    expect(csvText(['name', 'micros'], [['a "b", c', -5], ['two\nlines', null]])).toBe('name,micros\r\n"a ""b"", c",-5\r\n"two\nlines",\r\n');
  });

  test('a name cannot become a formula of a spreadsheet', () => {
    expect(csvText(['label'], [['=HYPERLINK("http://x")'], ['+1'], ['-1'], ['@a']])).toBe('label\r\n"\'=HYPERLINK(""http://x"")"\r\n\'+1\r\n\'-1\r\n\'@a\r\n');
  });
});

describe('server-sent events in pieces', () => {
  const WHOLE = 'event: a\r\ndata: {"x":1}\r\n\r\n: ping\n\ndata:one\ndata: two\n\nevent: lost\ndata: 1\n';
  const EVENTS = [
    { event: 'a', data: '{"x":1}' },
    { event: 'message', data: 'one\ntwo' },
  ];

  test('wherever the stream is cut, the events are the same', () => {
    for (let cut = 0; cut <= WHOLE.length; cut++) {
      const reader = createSseReader();
      expect([...reader.push(WHOLE.slice(0, cut)), ...reader.push(WHOLE.slice(cut))]).toEqual(EVENTS);
    }
    const reader = createSseReader();
    expect(WHOLE.split('').flatMap((letter) => reader.push(letter))).toEqual(EVENTS);
  });
});

describe('after signing in', () => {
  test('one goes on to where one was', () => {
    expect(placeAfterSignIn('buyer', '?next=%2Fconsole%2Frequests%3Fstatus%3Drefused')).toBe('/console/requests?status=refused');
    expect(placeAfterSignIn('admin', '?next=/console/admin/buyers')).toBe('/console/admin/buyers');
    expect(placeAfterSignIn('buyer', '')).toBe('/console');
  });

  test('an address of someone else’s making leads nowhere else', () => {
    for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/console/../admin', '/consolex', '/console/login', '/console/%2e%2e/evil', '/console/admin/buyers'])
      expect(placeAfterSignIn('buyer', `?next=${encodeURIComponent(next)}`)).toBe('/console');
    expect(placeAfterSignIn('admin', '?next=/console/requests')).toBe('/console/admin');
  });
});

test('a browser is named as far as it says', () => {
  expect(browserWords('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36')).toBe('Chrome on Linux');
  expect(browserWords('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1')).toBe('Safari on iOS');
  expect(browserWords('curl/8.9')).toBe('curl/8.9');
  expect(browserWords(null)).toBe('unknown');
});

test('a password’s length is told before it is sent', () => {
  expect([passwordProblem('123456789'), passwordProblem('12345678'), passwordProblem('1234567890')]).toEqual(['1 more character needed.', '2 more characters needed.', null]);
});
