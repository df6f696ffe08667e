/** A value that fits a schema, to show how a request looks. */
import { resolved, type OpenApi, type Schema } from './open-api-parts.ts';

const DEPTH_MAX = 6;
const NAMED: Readonly<Record<string, unknown>> = { name: 'acme', label: 'ci', password: '…', token: '…', code: '123456', currentPassword: '…', newPassword: '…', reason: 'goodwill', reference: 'tx_0x91', model: 'claude-haiku-4-5', upstream: 'anthropic', prompt: 'Hello' };

/** @param name the field that holds the value, for words that fit it. */
export function exampleOf(document: OpenApi, given: Schema, name = '', depth = 0): unknown {
  const schema = resolved(document, given);
  const fixed = schema.example ?? schema.const ?? schema.enum?.[0];
  if (fixed !== undefined) return fixed;
  const variant = (schema.anyOf ?? schema.oneOf)?.find(({ type }) => type !== 'null');
  if (variant !== undefined) return exampleOf(document, variant, name, depth);
  const type = Array.isArray(schema.type) ? (schema.type as readonly string[]).find((one) => one !== 'null') : schema.type;
  if (depth > DEPTH_MAX) return null;
  if (schema.properties !== undefined || schema.allOf !== undefined) return objectExample(document, schema, depth);
  if (type === 'array') return [exampleOf(document, schema.items ?? {}, name, depth + 1)];
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (type === 'integer' || type === 'number') return Math.max(1, schema.minimum ?? 1);
  if (type === 'boolean') return false;
  return type === 'string' ? (NAMED[name] ?? '…') : {};
}

/** What must be there; of an object whose every field may be left out, the first. */
function objectExample(document: OpenApi, schema: Schema, depth: number): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const part of schema.allOf ?? []) Object.assign(merged, exampleOf(document, part, '', depth + 1));
  const entries = Object.entries(schema.properties ?? {});
  const needed = entries.filter(([key, value]) => schema.required?.includes(key) === true && value.default === undefined);
  for (const [key, value] of needed.length > 0 ? needed : entries.slice(0, 1)) merged[key] = exampleOf(document, value, key, depth + 1);
  return merged;
}
