/** `/docs`: the integration guide of this very gateway, its search, and the reference of the HTTP API. For everybody. */
import type { Context } from 'hono';
import type { ApiApp, ApiDeps, ApiEnv } from '../api/api-app.ts';
import type { ApiPlan } from '../api/api-plan.ts';
import { openApiDocument } from '../api/open-api.ts';
import { referencePage } from './api-reference.ts';
import { calculatorForm } from './calculator-form.ts';
import { readDocsAssets, type DocsAssets } from './docs-assets.ts';
import { GUIDE_SLUGS } from './guide-page.ts';
import { rememberGuide, type Guide, type ReadyPage } from './guide.ts';
import { html, trusted } from './html.ts';
import type { OpenApi } from './open-api-parts.ts';
import { layOut, type Layout, type PageFrame } from './page-layout.ts';
import { CALCULATOR_MARK } from './render-markdown.ts';
import { notFoundPage, searchPage } from './search-page.ts';
import { createPageSender } from './send-page.ts';

const REFERENCE = { path: '/docs/api', title: 'API reference' };
const HTML = 'text/html; charset=utf-8';
const QUERY_MAX = 100;

/** `GET /docs`, `/docs/{page}`, `/docs/{page}.md`, `/docs/search`, `/docs/search.json`, `/docs/llms.txt`, `/docs/api`. */
export function registerDocs(app: ApiApp, deps: Pick<ApiDeps, 'db' | 'plan'>, assets: DocsAssets = readDocsAssets()): void {
  const guideFor = rememberGuide(deps.db);
  const referenceFor = rememberReference(app);
  const send = createPageSender();

  const layoutOf = (guide: Guide): Layout => ({
    navigation: [...guide.pages.map(({ page: { path, title } }) => ({ path, title })), REFERENCE],
    assets,
    version: guide.facts.version,
  });
  const respond = (c: Context<ApiEnv>, guide: Guide, frame: PageFrame): Response => send(c, layOut(layoutOf(guide), frame), HTML);

  app.get('/docs/api', (c) => {
    const guide = guideFor(deps.plan());
    return respond(c, guide, { ...REFERENCE, ...referenceFor(deps.plan()), markdownPath: null, wide: true });
  });
  app.get('/docs/search', (c) => {
    const guide = guideFor(deps.plan());
    return respond(c, guide, searchPage(guide.search, (c.req.query('q') ?? '').slice(0, QUERY_MAX)));
  });
  app.get('/docs/search.json', (c) => send(c, JSON.stringify({ items: guideFor(deps.plan()).search }), 'application/json'));
  const guidePage = (c: Context<ApiEnv>): Response => {
    const guide = guideFor(deps.plan());
    const { path } = c.req;
    const markdown = path.endsWith('.md');
    const found = guide.pages.find(({ page }) => (markdown ? `/docs/${page.slug}.md` === path : page.path === path));
    if (found === undefined) return c.html(layOut(layoutOf(guide), notFoundPage(path)), 404);
    return markdown ? send(c, found.forPrograms, 'text/markdown; charset=utf-8') : respond(c, guide, frameOf(c, guide, found));
  };
  app.get('/docs', guidePage);
  for (const path of ['/docs/', `/docs/${GUIDE_SLUGS[0]}`]) app.get(path, (c) => c.redirect('/docs', 302));
  app.get('/docs/llms.txt', (c) => send(c, listForPrograms(guideFor(deps.plan())), 'text/plain; charset=utf-8'));
  app.get('/docs/*', guidePage);
}

/** The guide's pages for programs that read: https://llmstxt.org. */
function listForPrograms({ pages, facts }: Guide): string {
  const lines = pages.map(({ page }) => `- [${page.title}](${facts.consoleUrl}/docs/${page.slug}.md): ${page.summary}`);
  return `# ainogap\n\n> How to call the models of this gateway, ${facts.baseUrl}, and what that costs.\n\n## Docs\n\n${lines.join('\n')}\n- [OpenAPI](${facts.consoleUrl}/openapi.json): the HTTP API as one document.\n`;
}

function frameOf(c: Context<ApiEnv>, guide: Guide, { page, html: body, headings }: ReadyPage): PageFrame {
  const parts = body.split(CALCULATOR_MARK);
  const content = parts.length === 1 ? trusted(body) : html`${trusted(parts[0] as string)}${calculatorForm(guide.facts, { value: (name) => c.req.query(name) })}${trusted(parts.slice(1).join(''))}`;
  return { title: page.title, summary: page.summary, path: page.path, content, headings, markdownPath: `/docs/${page.slug}.md` };
}

/** Made when it is first asked for, and again when the plan has changed. */
function rememberReference(app: ApiApp): (plan: ApiPlan) => ReturnType<typeof referencePage> {
  let made: { readonly plan: ApiPlan; readonly page: ReturnType<typeof referencePage> } | null = null;
  return (plan) => {
    if (made?.plan !== plan) made = { plan, page: referencePage(openApiDocument(app, plan) as unknown as OpenApi) };
    return made.page;
  };
}
