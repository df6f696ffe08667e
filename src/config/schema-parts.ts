/**
 * What the schemas of the configuration are made of: groups of keys, lists, and single values in their small languages.
 * Every command reads the configuration once as it starts, so this is zod's light form, and nothing is compiled for a
 * single use: together that halves the time it takes (35 against 17 ms, of a command that takes 100).
 */
import * as z from 'zod/mini';
import { nearest } from '../nearest.ts';
import { Numeral, type YamlValue } from './read-yaml.ts';
import type { Parser } from './scalars.ts';

z.config({ jitless: true });

/** What is read elsewhere, or not at all. */
export const anything = z.optional(z.unknown());

/** What an empty value, or none, is read as. */
const orElse = <S extends z.ZodMiniType>(absent: unknown, schema: S) => z.pipe(z.transform((value: unknown) => value ?? absent), schema);

/** Null where there is none. */
export const orNull = <S extends z.ZodMiniType>(schema: S) => orElse(null, z.nullable(schema));
/** A list of what has keys of its own; empty where there is none. */
export const listOf = <S extends z.ZodMiniType>(schema: S, error: string) => orElse([], z.array(schema, { error }));

function field<T>(parse: Parser<T>, absent: () => { ok: true; value: T } | { ok: false; message: string }) {
  return z.pipe(
    anything,
    z.transform((value, ctx): T => {
      const parsed = value === undefined ? absent() : parse(value as YamlValue);
      if (parsed.ok) return parsed.value;
      ctx.issues.push({ code: 'custom', message: parsed.message, input: undefined });
      return z.NEVER;
    }),
  );
}

export const required = <T>(parse: Parser<T>, example: string) =>
  field(parse, () => ({ ok: false, message: `is missing; an example: ${example}` }));
export const optional = <T, D>(parse: Parser<T>, absent: D) => field<T | D>(parse, () => ({ ok: true, value: absent }));

/** A group whose keys are names of the operator's own. */
export const named = <S extends z.ZodMiniType>(schema: S, error: string) => orElse({}, z.record(z.string(), schema, { error }));

/** Words that people write for a key of ours and that are too far from it to be found by their letters. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  api_key: 'credential',
  key: 'credential',
  token: 'credential',
  url: 'base_url',
  type: 'kind',
  host: 'listen',
  port: 'listen',
  db: 'database',
  first_token_timeout: 'first_byte_timeout',
  retries: 'attempts',
  kind: 'when',
  threshold: 'amount',
};

function unknownKey(key: string, known: readonly string[]): string {
  const other = OTHER_WORDS[key];
  const meant = other !== undefined && known.includes(other) ? other : nearest(key, known);
  return meant === null ? `unknown key; known here are ${known.join(', ')}` : `unknown key; did you mean "${meant}"?`;
}

/** A group of keys. Left out or empty, it is read as if it had none. Unknown keys: one line of the message for each. */
export function group<S extends Readonly<Record<string, z.ZodMiniType>>>(shape: S) {
  const known = Object.keys(shape);
  const error = (issue: { readonly code?: string | undefined; readonly keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' ? (issue.keys as string[]).map((key) => unknownKey(key, known)).join('\n') : 'must be a group of keys';
  return z.pipe(z.transform((value: unknown) => (value instanceof Numeral ? value.source : (value ?? {}))), z.strictObject(shape, { error }));
}

export const list = <T>(parse: Parser<T>, example: string) => listOf(required(parse, example), `must be a list such as [${example}]`);
