/** What a search answers without script, and the page for what is not there. */
import { html } from './html.ts';
import type { PageFrame } from './page-layout.ts';
import { searchGuide, type SearchEntry } from './search.ts';

export function searchPage(entries: readonly SearchEntry[], query: string): PageFrame {
  const hits = searchGuide(entries, query);
  const found = query.trim() === '' ? 'Type some words above.' : hits.length === 0 ? `Nothing in the docs has all words of “${query}”. Try fewer.` : `For “${query}”:`;
  const content = html`<h1>Search</h1><p>${found}</p>${
    hits.length === 0
      ? null
      : html`<ol class="hits">${hits.map((hit) => html`<li><a href="${hit.path}">${hit.heading === '' ? hit.page : `${hit.page}: ${hit.heading}`}</a><p>${hit.excerpt}</p></li>`)}</ol>`
  }`;
  return { title: 'Search', summary: 'Search the docs of this gateway.', path: '/docs/search', content, headings: [], markdownPath: null, query };
}

export function notFoundPage(path: string): PageFrame {
  const content = html`<h1>This page is not there</h1><p>The docs have no page <code>${path.slice(0, 200)}</code>. All pages are in the list; the search looks through all of them.</p><p><a href="/docs">Begin at the quick start</a></p>`;
  return { title: 'Not found', summary: 'This page is not there.', path, content, headings: [], markdownPath: null };
}
