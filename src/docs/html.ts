/** HTML that was put together here: text that comes from elsewhere is always escaped. */

export interface Html {
  readonly html: string;
}
export type HtmlValue = Html | string | number | null | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

export const trusted = (text: string): Html => ({ html: text });

/** A template whose values are escaped unless they are HTML already; null is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0] as string;
  values.forEach((value, i) => {
    text += htmlOf(value) + (strings[i + 1] as string);
  });
  return { html: text };
}

function htmlOf(value: HtmlValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(value);
  return 'html' in value ? value.html : value.map((part) => part.html).join('');
}
