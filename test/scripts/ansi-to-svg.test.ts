import { describe, expect, it } from 'vitest';
import { ansiRows } from '../../scripts/ansi-cells.ts';
import { ansiToSvg } from '../../scripts/ansi-to-svg.ts';

/** A reader of the XML that there may be in a picture: elements, attributes, text; throws where it is not well formed. */
function readXml(xml: string): { readonly elements: string[]; readonly text: string } {
  const open: string[] = [];
  const elements: string[] = [];
  let text = '';
  let at = 0;
  for (const match of xml.matchAll(/<(\/?)([a-z]+)((?:\s+[a-zA-Z:-]+="[^"<>&]*(?:&(?:amp|lt|gt|quot);[^"<>&]*)*")*)\s*(\/?)>/g)) {
    const between = xml.slice(at, match.index);
    if (/[<>]|&(?!(amp|lt|gt|quot);)/.test(between)) throw new Error(`not escaped: ${between}`);
    text += between.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&');
    at = match.index + match[0].length;
    const [, closing, name = '', , empty] = match;
    if (closing === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      elements.push(match[0]);
      if (empty !== '/') open.push(name);
    }
  }
  if (open.length > 0 || xml.slice(at).trim() !== '') throw new Error(`left open: ${open.join(' ')}${xml.slice(at)}`);
  return { elements, text };
}

const lines = (svg: string): string[] => readXml(svg).elements.filter((element) => element.startsWith('<text'));

describe('a picture of a terminal', () => {
  it('is well-formed XML, whatever the text says', () => {
    const { elements, text } = readXml(ansiToSvg('a <b> & "c" \u001b[31m]]></text><script>alert(1)</script>\u001b[0m\u0000', { title: '<x> & "y"' }));
    expect(text).toContain('a <b> & "c"');
    expect(text).toContain(']]></text><script>alert(1)</script>');
    expect(text).toContain('<x> & "y"');
    expect(elements.filter((element) => /^<(script|foreignobject|image|a|style)/i.test(element))).toEqual([]);
  });

  it('puts every run where its cell is, as wide as its cells, whatever comes before it', () => {
    const [, first, second, third] = lines(ansiToSvg('ab  cd\n日本 \u001b[36mx\u001b[39m', { title: 't' }));
    expect(first).toContain('x="14" y="55.5" textLength="16.8"');
    expect(second).toContain(`x="${14 + 4 * 8.4}" y="55.5" textLength="16.8"`);
    expect(third).toContain('textLength="33.6"');
    expect(lines(ansiToSvg('日本 \u001b[36mx\u001b[39m', { title: 't' })).at(-1)).toContain(`x="${14 + 5 * 8.4}" y="55.5" textLength="8.4" lengthAdjust="spacingAndGlyphs" fill="#6fb8fa"`);
  });

  it('draws blocks as shapes of their height, equal neighbours as one', () => {
    const rectangles = readXml(ansiToSvg('\u001b[32m██▄\u001b[39m', { title: 't' })).elements.filter((element) => element.includes('fill="#bcf5d3"'));
    expect(rectangles).toHaveLength(2);
    expect(rectangles[0]).toContain('width="16.8"');
    expect(Number(/height="([\d.]+)"/.exec(rectangles[0] as string)?.[1])).toBeCloseTo(2 * Number(/height="([\d.]+)"/.exec(rectangles[1] as string)?.[1]), 1);
  });

  it('is as large as the terminal, or as its longest line', () => {
    expect(ansiToSvg('x', { title: 't', columns: 120, rows: 36 })).toContain(`width="${120 * 8.4 + 28}" height="${36 * 18 + 56}"`);
    expect(ansiToSvg('x'.repeat(50), { title: 't', columns: 10 })).toContain(`width="${50 * 8.4 + 28}"`);
  });
});

describe('the cells of a text', () => {
  const styles = (text: string) => ansiRows(text).map((runs) => runs.map(({ text: words, style }) => [words, style]));

  it('have the colours and weights of their sequences, until they are taken back', () => {
    expect(styles('\u001b[1;33mA\u001b[22mB\u001b[0mC')).toEqual([
      [
        ['A', { colour: '#f2a636', background: null, bold: true, dim: false, underline: false }],
        ['B', { colour: '#f2a636', background: null, bold: false, dim: false, underline: false }],
        ['C', { colour: '#d7dde5', background: null, bold: false, dim: false, underline: false }],
      ],
    ]);
  });

  it('are turned round where they are inverse, and keep their style over line ends', () => {
    expect(styles('\u001b[7;94mA\nB\u001b[27mC')).toMatchObject([[['A', { colour: '#0e1116', background: '#8a6bff' }]], [['B', { background: '#8a6bff' }], ['C', { colour: '#8a6bff', background: null }]]]);
  });

  it.each([
    ['\u001b[38;5;196mx', '#ff0000'],
    ['\u001b[38;5;244mx', '#808080'],
    ['\u001b[38;2;1;2;255mx', '#0102ff'],
    ['\u001b[38;5;3;1mx', '#f2a636'],
  ])('of %j are coloured %s', (text, colour) => {
    expect(ansiRows(text)[0]?.[0]?.style.colour).toBe(colour);
  });

  it('hold nothing of links, titles and cursor movements', () => {
    expect(ansiRows('a\u001b]8;;http://x\u0007b\u001b[2Kc\u001b[?25ld\u001b(B')[0]?.map(({ text }) => text)).toEqual(['abcd']);
  });
});
