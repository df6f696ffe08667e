/** Holds an answer of the HTTP API against what its route documents. */
import { expect } from 'vitest';
import type { ApiApp } from '../../src/api/api-app.ts';
import { errorDocument } from '../../src/api/schemas/parts.ts';

interface Schema {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown; readonly error?: unknown };
}
interface Documented {
  readonly method: string;
  readonly path: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }>>;
}

export interface MadeAnswer {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly json: unknown;
}

/** Fails when a field is missing, of another shape, or not documented; and when the status is none of the documented. */
export function documentedAnswer(app: ApiApp, answer: MadeAnswer): void {
  const { method, target, status, json } = answer;
  const route = routeOf(app, answer);
  const documented = route?.responses[status];
  const schema = documented?.content?.['application/json']?.schema ?? (status >= 400 ? errorDocument : undefined);
  const where = `${method} ${target} → ${status}: ${JSON.stringify(json).slice(0, 500)}`;
  if (!isSchema(schema)) throw new Error(`${where}: this status is not documented`);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`${where}: ${JSON.stringify(parsed.error)}`);
  // Schemas leave out what they do not know: what is gone was not documented.
  expect(parsed.data, where).toEqual(json);
}

function routeOf(app: ApiApp, { method, target }: MadeAnswer): Documented | undefined {
  const path = target.split('?')[0] ?? '';
  const routes = app.openAPIRegistry.definitions.flatMap((definition) => (definition.type === 'route' ? [definition.route as unknown as Documented] : []));
  const matching = routes.filter((route) => route.method === method.toLowerCase() && new RegExp(`^${route.path.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path));
  // A written path comes before one with a parameter.
  return matching.find((route) => !route.path.includes('{')) ?? matching[0];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && 'safeParse' in value;
}
