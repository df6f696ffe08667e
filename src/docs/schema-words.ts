/** Schemas in words and tables. */
import { html, type Html } from './html.ts';
import { nameOf, type Schema } from './open-api-parts.ts';

export const documentId = (name: string): string => `document-${name.toLowerCase()}`;

/** Text whose `code` in backquotes becomes code. */
export function inlineCode(text: string): Html {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}

/** What a value is: `integer`, `"live" or "revoked"`, `list of Key`, with links to documents. */
export function typeWords(schema: Schema): Html {
  if (schema.$ref !== undefined) return html`<a href="#${documentId(nameOf(schema.$ref))}">${nameOf(schema.$ref)}</a>`;
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) return joined(schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`), ' or ');
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return joined(several.map(typeWords), ' or ');
  if (schema.allOf !== undefined) return joined(schema.allOf.map(typeWords), ' and ');
  if (Array.isArray(schema.type)) return joined(schema.type.map((type) => (type === 'null' ? html`null` : typeWords({ ...schema, type }))), ' or ');
  if (schema.type === 'array') return html`list of ${typeWords(schema.items ?? {})}`;
  if (schema.type === 'null') return html`null`;
  if (schema.type === 'object' && schema.properties === undefined) return html`object of any fields`;
  return html`${(schema.format === 'date-time' ? 'time' : (schema.type as string | undefined)) ?? 'any value'}`;
}

function joined(parts: readonly Html[], word: string): Html {
  return html`${parts.map((part, i) => (i === 0 ? part : html`${word}${part}`))}`;
}

/** Description, or else an example; bounds, and the default. */
export function remarks(schema: Schema, description = schema.description): Html {
  const facts: Html[] = [];
  if (description !== undefined && description !== '') facts.push(inlineCode(/[.!?]$/.test(description) ? description : `${description}.`));
  if (facts.length === 0 && typeof schema.example === 'string') facts.push(html`Such as <code>${schema.example}</code>.`);
  const range = rangeWords(schema);
  if (range !== null) facts.push(html`${range}`);
  if (schema.default !== undefined) facts.push(html`Default: <code>${JSON.stringify(schema.default)}</code>.`);
  return joined(facts, ' ');
}

function rangeWords({ type, minimum, maximum, minLength, maxLength, minItems }: Schema): string | null {
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  if (least !== undefined) return most === undefined ? `At least ${least}.` : `${least} to ${most}.`;
  if (maxLength !== undefined) return `${minLength ?? 0} to ${maxLength} characters.`;
  return type === 'array' && minItems !== undefined ? `At least ${minItems}.` : null;
}

interface Field {
  readonly name: string;
  readonly schema: Schema;
  readonly optional: boolean;
}

/** The fields of an object, those of objects within it as `a.b`; of parts that are put together, all. */
function fieldsOf(schema: Schema, prefix = ''): Field[] {
  const parts = (schema.allOf ?? []).flatMap((part) => fieldsOf(part, prefix));
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const field = { name, schema: value, optional: schema.required?.includes(key) !== true };
    const inner = value.type === 'array' ? (value.items ?? {}) : value;
    return [field, ...fieldsOf(inner, `${name}${value.type === 'array' ? '[]' : ''}.`)];
  });
  return [...parts, ...own];
}

/** Null: the schema has no fields of its own to show. */
export function fieldsTable(schema: Schema, caption: string): Html | null {
  const fields = fieldsOf(schema);
  const bases = (schema.allOf ?? []).flatMap(({ $ref }) => ($ref === undefined ? [] : [nameOf($ref)]));
  if (fields.length === 0 && bases.length === 0) return null;
  const base = bases.length === 0 ? null : html`<p>Everything of ${joined(bases.map((name) => typeWords({ $ref: name })), ', ')}, and:</p>`;
  const rows = fields.map(({ name, schema: value, optional }) => html`<tr><th scope="row"><code>${name}</code>${optional ? html` <small>optional</small>` : null}</th><td>${typeWords(value)}</td><td>${remarks(value)}</td></tr>`);
  return html`${base}${tableOf(caption, ['field', 'type', 'what it is'], rows)}`;
}

export function tableOf(caption: string, head: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="table" tabindex="0" role="group" aria-label="${caption}"><table><thead><tr>${head.map((word) => html`<th scope="col">${word}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
