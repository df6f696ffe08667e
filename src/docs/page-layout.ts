/** The frame of every page of the docs: a head without inline code, navigation, search, and what the page itself says. */
import type { DocsAssets } from './docs-assets.ts';
import { html, type Html } from './html.ts';
import type { Heading } from './render-markdown.ts';

export interface NavigationEntry {
  readonly path: string;
  readonly title: string;
}

export interface PageFrame {
  readonly title: string;
  readonly summary: string;
  readonly path: string;
  readonly content: Html;
  /** For the list of this page's sections. */
  readonly headings: readonly Heading[];
  /** The same page as Markdown; null: there is none. */
  readonly markdownPath: string | null;
  readonly query?: string;
  /** Reference pages take the whole width. */
  readonly wide?: boolean;
}

export interface Layout {
  readonly navigation: readonly NavigationEntry[];
  readonly assets: DocsAssets;
  readonly version: string;
}

/** Five bars, as in the console. */
const SIGN = html`<svg viewBox="0 0 24 24" aria-hidden="true"><rect class="sign" width="24" height="24" rx="6"/>${[6, 12, 9, 5, 14].map((height, bar) => html`<rect class="bar" x="${(4 + bar * 3.4).toFixed(1)}" y="${19 - height}" width="2.4" height="${height}" rx=".8"/>`)}</svg>`;

export function layOut({ navigation, assets, version }: Layout, page: PageFrame): string {
  const at = navigation.findIndex(({ path }) => path === page.path);
  const before = at > 0 ? navigation[at - 1] : undefined;
  const after = at >= 0 ? navigation[at + 1] : undefined;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · ainogap docs</title>
<meta name="description" content="${page.summary}">
${assets.icon === null ? null : html`<link rel="icon" type="image/svg+xml" href="${assets.icon}">\n`}${assets.firstPaint === null ? null : html`<script src="${assets.firstPaint}"></script>\n`}${assets.style === null ? null : html`<link rel="stylesheet" href="${assets.style}">\n`}${assets.script === null ? null : html`<script type="module" src="${assets.script}"></script>\n`}</head>
<body class="docs${page.wide === true ? ' wide' : ''}">
<a class="skip" href="#content">Skip to the content</a>
<header class="docs-top">
<a class="brand" href="/docs">${SIGN}ainogap <span>docs</span></a>
<form class="search" role="search" action="/docs/search" method="get">
<input type="search" name="q" aria-label="Search the docs" placeholder="Search the docs" autocomplete="off" maxlength="100" value="${page.query ?? ''}">
<div class="suggestions" id="suggestions" hidden></div>
</form>
<div class="top-links"><button type="button" class="theme" data-theme-switch hidden>Theme</button><a class="to-console" href="/console">Console</a></div>
</header>
<div class="columns">
<nav class="contents" aria-label="Pages"><details open><summary>All pages</summary>${pageList(navigation, page.path)}</details></nav>
<main id="content" tabindex="-1">
<article>${page.content}</article>
${turning(before, after)}
<footer><span>ainogap ${version}</span>${page.markdownPath === null ? null : html`<a href="${page.markdownPath}">This page as Markdown</a>`}<a href="/openapi.json">OpenAPI</a></footer>
</main>
${sectionList(page.headings)}
</div>
</body>
</html>
`.html;
}

function pageList(navigation: readonly NavigationEntry[], current: string): Html {
  return html`<ul>${navigation.map(({ path, title }) => html`<li>${path === current ? html`<a href="${path}" aria-current="page">${title}</a>` : html`<a href="${path}">${title}</a>`}</li>`)}</ul>`;
}

function sectionList(headings: readonly Heading[]): Html | null {
  const shown = headings.filter(({ depth }) => depth === 2);
  if (shown.length < 2) return null;
  return html`<nav class="sections" aria-label="On this page"><p>On this page</p><ul>${shown.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}</ul></nav>`;
}

function turning(before: NavigationEntry | undefined, after: NavigationEntry | undefined): Html | null {
  if (before === undefined && after === undefined) return null;
  const link = (entry: NavigationEntry | undefined, words: string, side: string): Html | null =>
    entry === undefined ? null : html`<a class="${side}" href="${entry.path}"><span>${words}</span> ${entry.title}</a>`;
  return html`<nav class="turning" aria-label="Before and after this page">${link(before, 'Before', 'before')}${link(after, 'Next', 'after')}</nav>`;
}
