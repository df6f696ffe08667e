import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { searchGuide, wordsOf, type SearchEntry } from '../../src/docs/search.ts';
import { openDocs, type DocsApp } from './docs-app.ts';

const entry = (path: string, page: string, heading: string, text: string): SearchEntry => ({ path, page, heading, text });
const ENTRIES = [
  entry('/a', 'Caching', '', 'A prefix is written once.'),
  entry('/a#miss', 'Caching', 'What makes a miss', 'A date in the prefix.'),
  entry('/b#retry', 'Errors', 'Retries', 'After a cache miss nothing is retried. miss miss miss'),
];

describe('a search', () => {
  test('finds sections that have all words, headings first', () => {
    expect(searchGuide(ENTRIES, 'miss').map(({ path }) => path)).toEqual(['/a#miss', '/b#retry']);
    expect(searchGuide(ENTRIES, 'Prefix DATE').map(({ path }) => path)).toEqual(['/a#miss']);
    expect(searchGuide(ENTRIES, 'prefix nowhere')).toEqual([]);
    expect(searchGuide(ENTRIES, ' ?! ')).toEqual([]);
  });

  test('shows the text around the first word', () => {
    const long = `${'before '.repeat(50)}needle ${'after '.repeat(80)}`;
    const [hit] = searchGuide([entry('/x', 'X', '', long)], 'needle');
    expect(hit?.excerpt).toMatch(/^… before .*needle after .* …$/);
    expect(hit?.excerpt.length).toBeLessThan(200);
  });

  test('takes any text for words, and not too many', () => {
    expect(wordsOf('x-ainogap-request-id  cache_control, (Ünï)')).toEqual(['x-ainogap-request-id', 'cache_control', 'ünï']);
    expect(wordsOf('a b c d e f g h i j')).toHaveLength(8);
  });
});

describe('the search of the docs', () => {
  let docs: DocsApp;
  beforeEach(() => {
    docs = openDocs();
  });
  afterEach(() => docs.close());

  test('answers without a script, with what was asked still in its box', async () => {
    const { text } = await docs.page('/docs/search?q=rotate+key');
    expect(text).toContain('href="/docs/keys#rotate-a-key"');
    expect(text).toContain('value="rotate key"');
  });

  test('says when there is nothing, and repeats no markup', async () => {
    const { text } = await docs.page('/docs/search?q=%3Cscript%3Ezzz');
    expect(text).toContain('Nothing in the docs has all words of “&lt;script&gt;zzz”');
    expect(text).not.toContain('<script>zzz');
  });

  test('has its list for scripts', async () => {
    const { items } = JSON.parse((await docs.page('/docs/search.json')).text) as { items: SearchEntry[] };
    expect(searchGuide(items, 'insufficient_funds').map(({ path }) => path)).toContain('/docs/errors#all-errors-of-the-gateway');
  });
});
