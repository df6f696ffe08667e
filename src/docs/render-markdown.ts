/** Markdown → HTML that is safe whatever the Markdown says: no raw HTML, no images, links only to here and to https. */
import { Marked, type Renderer, type RendererObject, type Tokens } from 'marked';
import { CALCULATOR } from './fill-in.ts';
import { highlight } from './highlight.ts';
import { escapeHtml, html, trusted, type Html } from './html.ts';

export interface Heading {
  readonly id: string;
  readonly text: string;
  readonly depth: number;
}

export interface Section {
  /** Null before the first heading below the title. */
  readonly heading: Heading | null;
  readonly text: string;
}

export interface RenderedPage {
  readonly html: string;
  /** Below the title, in their order. */
  readonly headings: readonly Heading[];
  /** What a search looks through. */
  readonly sections: readonly Section[];
}

/** Stands in the HTML where the calculator goes. */
export const CALCULATOR_MARK = '<!--calculator-->';
const SAFE_LINK = /^(?:\/(?!\/)|#|https:\/\/)/;

export function renderMarkdown(markdown: string): RenderedPage {
  const headings: Heading[] = [];
  const marked = new Marked({ gfm: true, async: false });
  marked.use({ renderer: rendererFor(headings) });
  const rendered = marked.parse(markdown, { async: false });
  return { html: rendered, headings, sections: sectionsOf(marked.lexer(markdown), headings) };
}

function rendererFor(headings: Heading[]): RendererObject {
  return {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
    image: ({ text }: Tokens.Image) => escapeHtml(text),
    codespan: ({ text }: Tokens.Codespan) => html`<code>${text}</code>`.html,
    code: codeBlock,
    link(this: Renderer, { href, tokens }: Tokens.Link) {
      const inner = this.parser.parseInline(tokens);
      return SAFE_LINK.test(href) ? html`<a href="${href}">${trusted(inner)}</a>`.html : inner;
    },
    heading(this: Renderer, { depth, tokens, text }: Tokens.Heading) {
      const inner = trusted(this.parser.parseInline(tokens));
      if (depth === 1) return html`<h1>${inner}</h1>`.html;
      const heading = { id: freeId(slugOf(text), headings), text: text.replaceAll('`', ''), depth };
      headings.push(heading);
      const tag = trusted(`h${depth}`);
      return html`<${tag} id="${heading.id}">${inner}<a class="anchor" href="#${heading.id}" aria-label="Link to “${heading.text}”">#</a></${tag}>`.html;
    },
    paragraph(this: Renderer, { text, tokens }: Tokens.Paragraph) {
      return text === CALCULATOR ? CALCULATOR_MARK : `<p>${this.parser.parseInline(tokens)}</p>`;
    },
    table(this: Renderer, { header, rows }: Tokens.Table) {
      const head = header.map((cell) => tableCell(cell, { tag: 'th', scope: 'col', inner: this.parser.parseInline(cell.tokens) })).join('');
      const body = rows.map((row) => `<tr>${row.map((cell, i) => tableCell(cell, { ...(i === 0 ? ROW_HEAD : CELL), inner: this.parser.parseInline(cell.tokens) })).join('')}</tr>`).join('');
      return `<div class="table" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
    },
  };
}

interface CellParts {
  readonly tag: 'th' | 'td';
  readonly scope: 'col' | 'row' | null;
  /** HTML. */
  readonly inner: string;
}
const ROW_HEAD = { tag: 'th', scope: 'row' } as const;
const CELL = { tag: 'td', scope: null } as const;
/** Text of more characters than this wraps, and gets room for it. */
const LONG = 28;

function tableCell({ align, text }: Tokens.TableCell, { tag, scope, inner }: CellParts): string {
  const classes = [...(align === 'right' ? ['right'] : []), ...(withoutLinks(text).length > LONG ? ['long'] : [])];
  return `<${tag}${scope === null ? '' : ` scope="${scope}"`}${classes.length === 0 ? '' : ` class="${classes.join(' ')}"`}>${inner}</${tag}>`;
}

const LANGUAGES: Readonly<Record<string, string>> = { bash: 'Shell', ts: 'TypeScript', python: 'Python', json: 'JSON', http: 'HTTP', text: 'Text' };

/** Words after the language (`bash run`) are for the tests. */
const codeBlock = ({ text, lang }: Tokens.Code): string => codeFigure(text, (lang ?? '').split(' ')[0] ?? '').html;

/** The button to copy it is the script's to add. */
export function codeFigure(code: string, language: string): Html {
  const name = LANGUAGES[language] ?? 'Text';
  return html`<figure class="code"><figcaption>${name}</figcaption><pre tabindex="0" role="group" aria-label="${name} example"><code>${trusted(highlight(code, language))}</code></pre></figure>`;
}

export function slugOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'section';
}

function freeId(id: string, taken: readonly Heading[]): string {
  const is = (candidate: string): boolean => taken.some((heading) => heading.id === candidate);
  if (!is(id)) return id;
  let n = 2;
  while (is(`${id}-${n}`)) n++;
  return `${id}-${n}`;
}

function sectionsOf(tokens: readonly { type: string; raw: string; depth?: number }[], headings: readonly Heading[]): Section[] {
  const sections: { heading: Heading | null; text: string }[] = [{ heading: null, text: '' }];
  let next = 0;
  for (const token of tokens) {
    if (token.type === 'heading' && token.depth !== 1) sections.push({ heading: headings[next++] ?? null, text: '' });
    else if (token.type !== 'heading') (sections.at(-1) as { text: string }).text += `${plain(token.raw)} `;
  }
  return sections.map(({ heading, text }) => ({ heading, text: text.replace(/\s+/g, ' ').trim() }));
}

/** Links as their words. */
const withoutLinks = (markdown: string): string => markdown.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');

/** Roughly what a reader sees: Markdown without its marks, on one line. */
function plain(raw: string): string {
  const marks = withoutLinks(raw).replace(/^```.*$/gm, ' ').replace(/^\|[\s|:-]+\|$/gm, ' ').replaceAll(CALCULATOR, '').replace(/^\s*(?:[-*]|\d+\.) /gm, ' ');
  return marks.replace(/[`*|]/g, ' ');
}
