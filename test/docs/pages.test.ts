/** What every page of the docs owes its readers: it is there, whole, safe, and says nothing that is not for everybody. */
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GUIDE_SLUGS, guidePath } from '../../src/docs/guide-page.ts';
import { BUILT_IN_MODELS } from '../../src/metering/price-book.ts';
import { openDocs, UPSTREAM, type DocsApp } from './docs-app.ts';

const PAGES = [...GUIDE_SLUGS.map(guidePath), '/docs/api', '/docs/search?q=cache'];
const PROGRAMS = [...GUIDE_SLUGS.map((slug) => `/docs/${slug}.md`), '/docs/search.json'];

let docs: DocsApp;
beforeEach(() => {
  docs = openDocs();
});
afterEach(() => docs.close());

const linksOf = (page: string): string[] => [...page.matchAll(/ href="([^"]+)"/g)].map(([, href = '']) => href);
const idsOf = (page: string): string[] => [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
const PATHS_OF_OTHERS = /^\/(?:console(?:\/(?:keys|requests|statements|top-up|connect|security))?|openapi\.json|assets\/[\w.-]+)$/;

describe('every page', () => {
  test.each(PAGES)('%s is served as HTML that has one title, headings in order and ids of its own', async (path) => {
    docs.route('claude-fast');
    const { status, headers, text } = await docs.page(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const levels = [...text.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels[0]).toBe(1);
    const jumps = levels.filter((level, i) => level > (levels[i - 1] ?? 1) + 1);
    expect(jumps).toEqual([]);
    const ids = idsOf(text);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  test.each(PAGES)('%s has nothing that the content security policy forbids', async (path) => {
    docs.route('claude-fast');
    const { headers, text } = await docs.page(path);
    expect(headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self'");
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]* src=)|<script[^>]*>[^<]/i);
    const loaded = [...text.matchAll(/<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
    expect(loaded.filter((url) => !/^\/(?!\/)/.test(url as string))).toEqual([]);
  });

  test('links only to what is there', async () => {
    docs.route('claude-fast');
    const broken: string[] = [];
    const pages = new Map<string, string>();
    for (const path of PAGES) pages.set(path.replace(/\?.*/, ''), (await docs.page(path)).text);
    for (const [path, text] of pages)
      for (const href of linksOf(text)) {
        const [target = '', id] = href.startsWith('#') ? [path, href.slice(1)] : href.split('#');
        const found = pages.get(target);
        const there = found === undefined ? PATHS_OF_OTHERS.test(target) || (target.endsWith('.md') && (await docs.page(target)).status === 200) : id === undefined || idsOf(found).includes(id);
        if (!there) broken.push(`${path}: ${href}`);
      }
    expect(broken).toEqual([]);
  });

  test('is in the list of pages, and names the next one', async () => {
    const { text } = await docs.page('/docs/caching');
    for (const slug of GUIDE_SLUGS) expect(text).toContain(`href="${guidePath(slug)}"`);
    expect(text).toContain('<a href="/docs/caching" aria-current="page">');
    expect(text).toMatch(/class="after" href="\/docs\/errors"/);
  });

  test('is answered with 304 while it is the same, and anew when a route has changed', async () => {
    docs.route('claude-fast');
    const first = await docs.page('/docs/models');
    const etag = first.headers.get('etag') ?? '';
    expect((await docs.page('/docs/models', { 'if-none-match': etag })).status).toBe(304);
    docs.route('second');
    const changed = await docs.page('/docs/models', { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.text).toContain('<code>second</code>');
  });

  test('is listed for programs that read, where the first is called what the others are', async () => {
    const { text } = await docs.page('/docs/llms.txt');
    const links = [...text.matchAll(/\]\(http:\/\/127\.0\.0\.1:8787(\/docs\/[\w-]+\.md)\)/g)].map(([, path]) => path as string);
    expect(links).toEqual(GUIDE_SLUGS.map((slug) => `/docs/${slug}.md`));
    for (const path of ['/docs/', '/docs/quick-start']) expect((await docs.page(path)).headers.get('location')).toBe('/docs');
  });

  test('is compressed for who takes that, to the same text', async () => {
    const plain = await docs.page('/docs/api');
    expect(plain.headers.get('content-encoding')).toBeNull();
    for (const accepted of ['gzip', 'deflate, gzip;q=0.5, br', 'GZIP']) {
      const { headers, bytes } = await docs.page('/docs/api', { 'accept-encoding': accepted });
      expect(headers.get('content-encoding')).toBe('gzip');
      expect(gunzipSync(bytes).toString('utf8')).toBe(plain.text);
    }
    for (const refused of ['gzip;q=0', 'br', 'x-gzip']) expect((await docs.page('/docs/api', { 'accept-encoding': refused })).headers.get('content-encoding')).toBeNull();
  });

  test('that does not exist is a page that says so, without repeating markup', async () => {
    const { status, text } = await docs.page('/docs/%3Cb%3Enothing');
    expect(status).toBe(404);
    expect(text).toContain('This page is not there');
    expect(text).not.toContain('<b>nothing');
  });

  test('is there for programs as Markdown without what only browsers show', async () => {
    docs.route('claude-fast');
    for (const slug of GUIDE_SLUGS) {
      const { status, headers, text } = await docs.page(`/docs/${slug}.md`);
      expect({ slug, status, type: headers.get('content-type') }).toEqual({ slug, status: 200, type: 'text/markdown; charset=utf-8' });
      expect(text).toMatch(/^# \S/);
      expect(text).not.toMatch(/\{\{\w+\}\}/);
    }
  });
});

describe('what the docs say of this gateway', () => {
  test('is where requests go, an open route, and its prices', async () => {
    docs.route('claude-fast', { multiplier: '0.8' });
    docs.api.plan({ baseUrl: 'https://llm.example.com', consoleUrl: 'https://console.example.com' });
    expect((await docs.page('/docs')).text).toContain('https://llm.example.com/claude-fast/v1/messages');
    expect((await docs.page('/docs/keys')).text).toContain('https://console.example.com/buyer/rotate-api-key');
    expect((await docs.page('/docs/models.md')).text).toContain('| `claude-opus-4-6` | 4.00 | 20.00 | 5.00 | 8.00 | 0.40 | 1M | 128k |');
  });

  test('leaves a placeholder where no route is open to all', async () => {
    docs.route('only-acme', { buyers: [docs.buyer('acme')] });
    expect((await docs.page('/docs')).text).toContain('/YOUR-ROUTE/v1/messages');
    expect((await docs.page('/docs/models')).text).toContain('No route of this gateway is open to everybody');
    const { text } = await docs.page('/docs/token-classes');
    expect(text).toContain('these prices are only an example');
  });

  test('is nothing private: no closed route, no buyer, no upstream, no list price, no route that cannot work', async () => {
    const acme = docs.buyer('acme-the-secret-buyer');
    docs.route('open-route', { multiplier: '1.37' });
    docs.route('closed-route', { multiplier: '1.91', buyers: [acme] });
    docs.route('dead-route', { multiplier: '1.53', upstream: 'no-longer-configured' });
    const secrets = ['acme-the-secret', 'closed-route', 'dead-route', UPSTREAM, 'supplier.test', 'SUPPLIER_KEY', 'no-longer-configured', '1.91', '1.53', docs.api.folder];
    const opus = BUILT_IN_MODELS.find(({ id }) => id === 'claude-opus-4-6');
    // 5, 6.25, 10 and 25 are also the list's: its multiples are what must be there instead.
    expect((await docs.page('/docs/models.md')).text).toContain('| `claude-opus-4-6` | 6.85 | 34.25 | 8.5625 | 13.70 | 0.685 |');
    const listPrices = ['6.25', `${opus?.prices.cacheWrite5m}`, '25000000', '25.00', '15.00'];
    const leaks: string[] = [];
    for (const path of [...PAGES, ...PROGRAMS]) {
      const { text } = await docs.page(path);
      leaks.push(...[...secrets, ...listPrices].filter((secret) => text.includes(secret)).map((secret) => `${path}: ${secret}`));
    }
    expect(leaks).toEqual([]);
  });

  test('is escaped, whatever a model is called', async () => {
    const model = { ...(BUILT_IN_MODELS[0] as (typeof BUILT_IN_MODELS)[number]), id: '<img src=x onerror=alert(1)>|`[x](javascript:alert(1))', aliases: ['"><script>alert(1)</script>'] };
    docs.route('odd', { models: [model] });
    for (const path of ['/docs', '/docs/models', '/docs/token-classes', '/docs/claude-code']) {
      const { text } = await docs.page(path);
      expect(text).not.toMatch(/<img|<script>|href="javascript/i);
    }
    expect((await docs.page('/docs/models')).text).toContain('&lt;img src=x');
  });

  test('has the limits and allowances of its configuration', async () => {
    docs.api.plan({ settings: { file: null, items: [item('limits.request_body', '8MB'), item('hold_wait', '3s'), item('allow', 'skills, mcp_servers')] } });
    const requests = (await docs.page('/docs/requests.md')).text;
    expect(requests).toContain('| request body | 8MB |');
    expect(requests).toContain('up to 3s, first come');
    const models = (await docs.page('/docs/models.md')).text;
    expect(models).toContain('| skills | run in a container | allowed by the operator |');
    expect(models).toContain('| advisor tools | another model, at other prices | refused |');
  });
});

const item = (key: string, value: string) => ({ key, value, from: 'file' as const, line: 1, restart: false });
