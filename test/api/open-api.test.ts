/** The OpenAPI document: complete, valid as far as can be told without its meta-schema, and true to what is served. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sessionNeeded } from '../../src/api/authenticate.ts';
import { openApi, type ApiInProcess } from '../support/api-in-process.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: unknown;
}
interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly security: readonly Record<string, unknown>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { schema?: unknown }> };
  readonly responses: Record<string, { readonly description?: string; readonly content?: Record<string, { schema?: unknown }> }>;
}
interface Document {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly tags: readonly { name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

let api: ApiInProcess;
let document: Document;
let operations: { readonly path: string; readonly method: string; readonly operation: Operation }[];
beforeEach(async () => {
  api = openApi();
  document = (await api.call<Document>('GET', '/openapi.json')).json;
  operations = Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
});
afterEach(() => api.close());

const named = (one: { path: string; method: string }): string => `${one.method.toUpperCase()} ${one.path}`;

/** Every value below one, with where it stands. */
function* walk(value: unknown, at = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [at, value as Record<string, unknown>];
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, `${at}/${key}`);
}

describe('the document', () => {
  test('is of 3.1 and has the fields that it must have', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'ainogap', version: expect.any(String) as unknown });
    expect(operations.length).toBeGreaterThan(60);
    for (const path of Object.keys(document.paths)) expect(path).toMatch(/^\/[^?#]*$/);
  });

  test('every reference leads somewhere', () => {
    for (const [at, value] of walk(document)) {
      const { $ref } = value;
      if (typeof $ref !== 'string') continue;
      const target = $ref.slice(2).split('/').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
      expect(target, `${at}: ${$ref}`).toBeTypeOf('object');
    }
  });

  test('uses nothing that 3.1 took away', () => {
    for (const [at, value] of walk(document.components.schemas)) {
      expect(Object.keys(value).includes('nullable') && typeof value['nullable'] === 'boolean', at).toBe(false);
      expect(typeof value['exclusiveMinimum'] === 'boolean' || typeof value['exclusiveMaximum'] === 'boolean', at).toBe(false);
    }
  });

  test('is short enough to be loaded and says no list price, key or secret', () => {
    const text = JSON.stringify(document);
    expect(text.length).toBeLessThan(500_000);
    expect(text).not.toMatch(/rk_[0-9A-Za-z]{20}|st_[0-9A-Za-z]{20}|sk-ant/);
  });
});

describe('every operation', () => {
  test('has a name of its own, a summary and a heading that is listed', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    for (const one of operations) {
      expect(one.operation.operationId, named(one)).toMatch(/^[A-Za-z][A-Za-z0-9]+$/);
      expect(one.operation.summary, named(one)).toMatch(/\S/);
      expect(document.tags.map(({ name }) => name), named(one)).toContain(one.operation.tags?.[0]);
    }
  });

  test('documents each parameter of its path, and no parameter twice', () => {
    for (const one of operations) {
      const parameters = one.operation.parameters ?? [];
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name).toSorted(), named(one)).toEqual([...one.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted());
      expect(inPath.every(({ required }) => required === true), named(one)).toBe(true);
      expect(parameters.every(({ schema }) => schema !== undefined), named(one)).toBe(true);
      expect(new Set(parameters.map((parameter) => `${parameter.in} ${parameter.name}`)).size, named(one)).toBe(parameters.length);
    }
  });

  test('says how it succeeds and that it may be refused, all with descriptions', () => {
    for (const one of operations) {
      const { responses } = one.operation;
      expect(Object.keys(responses).some((status) => /^[23]/.test(status)), named(one)).toBe(true);
      expect(responses['default'], named(one)).toBeDefined();
      for (const response of Object.values(responses)) expect(response.description, named(one)).toMatch(/\S/);
      for (const [status, { content }] of Object.entries(responses))
        if (/^[45]/.test(status)) expect(content?.['application/json']?.schema, `${named(one)} ${status}`).toEqual({ $ref: '#/components/schemas/Error' });
    }
  });

  test('says which session opens it, by schemes that are described', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    for (const one of operations) {
      const { security } = one.operation;
      const kind = sessionNeeded(one.path.replace(/\{\w+\}/g, 'x'));
      expect(security.flatMap((scheme) => Object.keys(scheme)).every((scheme) => schemes.includes(scheme)), named(one)).toBe(true);
      if (kind === null) expect(security, named(one)).toEqual([]);
      else expect(security.map((scheme) => Object.keys(scheme)[0]), named(one)).toEqual([`${kind}Session`, `${kind}Cookie`]);
    }
  });

  test('below /buyer and /admin is refused to whoever has not signed in', async () => {
    for (const { path, method, operation } of operations) {
      if (operation.security.length === 0) continue;
      const target = path.replace(/\{(\w+)\}/g, 'x');
      const body = operation.requestBody ? { body: {} } : {};
      expect((await api.open(method.toUpperCase(), target, body)).status, `${method} ${path}`).toBe(401);
    }
  });
});

test('every route that is served below /buyer and /admin is described', () => {
  const described = new Set(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
  const served = api.app.routes.filter(({ method, path }) => method !== 'ALL' && /^\/(buyer|admin)\//.test(path)).map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  expect([...new Set(served)].filter((route) => !described.has(route))).toEqual([]);
});
