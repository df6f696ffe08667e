/** A value that satisfies a JSON schema, roughly: what a model would send as the input of a tool. */
import { isObject, textOr, type Json, type JsonObject } from './messages-request.ts';

const DEPTH_MAX = 12;

export interface SampleContext {
  readonly root: JsonObject;
  /** The user's words; a name or quoted phrase in them becomes the value of a string. */
  readonly words: string;
}

export function sampleOf(schema: JsonObject, words: string): Json {
  return sample(schema, { root: schema, words }, 0);
}

function sample(schema: Json | undefined, context: SampleContext, depth: number): Json {
  if (!isObject(schema) || depth > DEPTH_MAX) return null;
  const { $ref, allOf } = schema;
  if (typeof $ref === 'string') return sample(resolve($ref, context.root), context, depth + 1);
  for (const key of ['const', 'default'] as const) if (schema[key] !== undefined) return schema[key] as Json;
  for (const key of ['enum', 'examples'] as const) {
    const list = schema[key];
    if (Array.isArray(list) && list.length > 0) return list[0] as Json;
  }
  if (Array.isArray(allOf)) return sample(merge(schema, allOf as readonly Json[]), context, depth + 1);
  for (const key of ['anyOf', 'oneOf'] as const) {
    const list = schema[key];
    if (Array.isArray(list) && list.length > 0) return sample(list[0] as Json, context, depth + 1);
  }
  return sampleByType(schema, context, depth);
}

function sampleByType(schema: JsonObject, context: SampleContext, depth: number): Json {
  const type = Array.isArray(schema.type) ? (schema.type as readonly Json[])[0] : schema.type;
  if (type === 'object' || isObject(schema.properties)) return sampleObject(schema, context, depth);
  if (type === 'array') return schema.maxItems === 0 ? [] : [sample(schema.items ?? {}, context, depth + 1)];
  if (type === 'integer') return Math.ceil(numberIn(schema));
  if (type === 'number') return numberIn(schema);
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  return sampleString(schema, context.words);
}

function sampleObject(schema: JsonObject, context: SampleContext, depth: number): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const names = Array.isArray(schema.required) ? (schema.required as readonly Json[]).map(textOr) : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(names.map((name) => [name, sample(properties[name] ?? {}, context, depth + 1)]));
}

function numberIn(schema: JsonObject): number {
  if (typeof schema.minimum === 'number') return schema.minimum;
  if (typeof schema.exclusiveMinimum === 'number') return schema.exclusiveMinimum + 1;
  return typeof schema.maximum === 'number' ? Math.min(1, schema.maximum) : 1;
}

function sampleString(schema: JsonObject, words: string): string {
  const byFormat: Readonly<Record<string, string>> = {
    date: '2026-11-01',
    'date-time': '2026-11-01T12:00:00Z',
    time: '12:00:00Z',
    email: 'someone@example.com',
    uri: 'https://example.com/',
    uuid: '00000000-0000-4000-8000-000000000000',
  };
  const quoted = /["“]([^"”]{1,80})["”]/.exec(words)?.[1] ?? /\b(?:in|of|for|about) ([A-Z][\w-]*(?: [A-Z][\w-]*)*)/.exec(words)?.[1];
  const text = byFormat[textOr(schema.format)] ?? quoted ?? 'example';
  const least = typeof schema.minLength === 'number' ? Math.min(schema.minLength, 1_000) : 0;
  const most = typeof schema.maxLength === 'number' ? schema.maxLength : text.length + least;
  return text.padEnd(least, '.').slice(0, most);
}

function resolve(ref: string, root: JsonObject): Json | undefined {
  let node: Json | undefined = root;
  for (const part of ref.replace(/^#\/?/, '').split('/').filter(Boolean))
    node = isObject(node) ? node[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  return node;
}

function merge(schema: JsonObject, parts: readonly Json[]): JsonObject {
  const { allOf: _, ...own } = schema;
  const all = [own, ...parts].filter(isObject);
  const properties = Object.assign({}, ...all.map((part) => (isObject(part.properties) ? part.properties : {}))) as JsonObject;
  const required = all.flatMap((part) => (Array.isArray(part.required) ? (part.required as readonly Json[]) : []));
  return { ...Object.assign({}, ...all), properties, required } as JsonObject;
}
