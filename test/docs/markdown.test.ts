import { describe, expect, test } from 'vitest';
import { fillIn } from '../../src/docs/fill-in.ts';
import { highlight } from '../../src/docs/highlight.ts';
import { html } from '../../src/docs/html.ts';
import { renderMarkdown } from '../../src/docs/render-markdown.ts';
import { codeSpan } from '../../src/docs/guide-tables.ts';
import { FACTS } from './example-facts.ts';

const rendered = (markdown: string): string => renderMarkdown(markdown).html;

describe('Markdown becomes HTML', () => {
  test('with raw HTML shown, not obeyed', () => {
    const text = rendered('Hello <b onclick="x()">you</b>\n\n<script>alert(1)</script>\n\n![a <img>](/x.png)');
    expect(text).not.toMatch(/<b |<script|<img/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('with links to here and to https only', () => {
    const links = rendered('[a](/docs) [b](#x) [c](https://example.com/?a=1&b=2) [d](javascript:alert(1)) [e](//evil.test) [f](http://plain.test) [g](data:text/html,x)');
    expect([...links.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual(['/docs', '#x', 'https://example.com/?a=1&amp;b=2']);
    expect(links).toContain(' d e f g</p>');
  });

  test('with anchors that are unique and stay the same', () => {
    const { html: text, headings } = renderMarkdown('# T\n\nx\n\n## Same `thing`\n\n## Same thing\n\n### Ünïcode & more');
    expect(headings).toEqual([
      { id: 'same-thing', text: 'Same thing', depth: 2 },
      { id: 'same-thing-2', text: 'Same thing', depth: 2 },
      { id: 'n-code-more', text: 'Ünïcode & more', depth: 3 },
    ]);
    expect(text).toContain('<h2 id="same-thing-2">');
    expect(text).toContain('aria-label="Link to “Ünïcode &amp; more”"');
  });

  test('with tables whose first cells name their rows', () => {
    const text = rendered('| a | b |\n| --- | ---: |\n| `x` | 1 |');
    expect(text).toContain('<th scope="col">a</th><th scope="col" class="right">b</th>');
    expect(text).toContain('<th scope="row"><code>x</code></th><td class="right">1</td>');
    expect(text).not.toContain(' align=');
  });

  test('with code that keeps every character', () => {
    const code = 'curl "https://x/?a=1&b=<c>" -d \'{"d": 5}\' # it\'s "done"\nexport A=`b` \\\n  C';
    for (const language of ['bash', 'ts', 'python', 'json', 'text', 'nothing']) {
      const shown = highlight(code, language).replace(/<\/?span[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
      expect(shown).toBe(code);
    }
    expect(highlight('const a = "b"; // c', 'ts')).toBe('<span class="word">const</span> a = <span class="string">&quot;b&quot;</span>; <span class="comment">// c</span>');
  });

  test('as sections for the search, without the marks', () => {
    const { sections } = renderMarkdown('# T\n\nLead **bold** [link](/docs).\n\n## One\n\n- a `b`\n- c\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n');
    expect(sections).toEqual([
      { heading: null, text: 'Lead bold link.' },
      { heading: { id: 'one', text: 'One', depth: 2 }, text: 'a b c x y 1 2' },
    ]);
  });
});

describe('what is filled in', () => {
  test('is every word that is asked for, and an unknown one is a mistake', () => {
    expect(fillIn('{{baseUrl}}/{{alias}} {{calculator}}', FACTS)).toBe('https://llm.example.com/YOUR-ROUTE {{calculator}}');
    expect(() => fillIn('{{nobody}}', FACTS)).toThrow('{{nobody}}');
    expect(() => fillIn('{{constructor}}', FACTS)).toThrow('{{constructor}}');
  });

  test('cannot break out of code or of a table', () => {
    const text = rendered(`| a | b |\n| --- | --- |\n| ${codeSpan('x` | <i>\n| y')} | z |`);
    expect(text).toContain('<code>x  | &lt;i&gt; | y</code>');
    expect(text.match(/<td/g)).toHaveLength(1);
  });
});

test('a template escapes all but what is HTML already', () => {
  expect(html`<a title="${'"><&\''}">${html`<b>${1}</b>`}${null}${[html`<i></i>`, html`x`]}</a>`.html).toBe('<a title="&quot;&gt;&lt;&amp;&#39;"><b>1</b><i></i>x</a>');
});
