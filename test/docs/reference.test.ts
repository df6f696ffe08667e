/** `/docs/api` shows the whole of the OpenAPI document, and nothing that is not in it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referencePage } from '../../src/docs/api-reference.ts';
import { curlExample } from '../../src/docs/curl-example.ts';
import { endpointsOf, type OpenApi } from '../../src/docs/open-api-parts.ts';
import { openDocs, type DocsApp } from './docs-app.ts';

describe('the reference of the API', () => {
  let docs: DocsApp;
  let document: OpenApi;
  let page: string;
  beforeAll(async () => {
    docs = openDocs();
    document = JSON.parse((await docs.page('/openapi.json')).text) as OpenApi;
    page = (await docs.page('/docs/api')).text;
  });
  afterAll(() => docs.close());

  test('has every endpoint, with a heading, a summary and an example', () => {
    const endpoints = endpointsOf(document);
    expect(endpoints.length).toBeGreaterThan(10);
    for (const endpoint of endpoints) {
      const { method, path, operation } = endpoint;
      expect(page).toContain(`<code><b class="method ${method.toLowerCase()}">${method}</b> ${path}</code><a class="anchor"`);
      expect(operation.summary, `${method} ${path}`).toMatch(/\S/);
      const curl = curlExample(document, endpoint);
      expect(curl).toMatch(/^curl (-X [A-Z]+ )?http:\/\/127\.0\.0\.1:8787\/[^{}\s]+( |$)/);
    }
  });

  test('has every document once, and links only to those', () => {
    const names = Object.keys(document.components?.schemas ?? {});
    for (const name of names) expect(page.split(`id="document-${name.toLowerCase()}"`)).toHaveLength(2);
  });

  test('names who may call what', () => {
    const of = (heading: string): string => page.slice(page.indexOf(`${heading}</code><a class="anchor"`)).slice(0, 2500);
    expect(of('</b> /buyer/login')).toContain('Needs no session.');
    expect(of('</b> /buyer/me')).toContain('For buyers.');
    expect(of('</b> /buyer/me')).toContain('Authorization: Bearer $AINOGAP_SESSION');
  });

  test('has bodies in its examples that are JSON', () => {
    for (const endpoint of endpointsOf(document)) {
      const body = /-d '([\s\S]*)'$/.exec(curlExample(document, endpoint))?.[1];
      if (body !== undefined) expect(() => JSON.parse(body) as unknown, body).not.toThrow();
    }
  });
});

test('a schema is told with its alternatives, bounds, defaults and what lies within', () => {
  const schema = {
    type: 'object',
    required: ['kind', 'inner'],
    properties: {
      kind: { enum: ['a', 'b'] },
      size: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      when: { type: ['string', 'null'], format: 'date-time' },
      inner: { type: 'array', items: { type: 'object', required: ['x'], properties: { x: { $ref: '#/components/schemas/Other' } } } },
    },
  };
  const operation = { summary: 'Does <b>it</b>', tags: ['T'], requestBody: { required: true, content: { 'application/json': { schema } } }, responses: { 200: { description: 'Fine: `x`.' } } };
  const document: OpenApi = { info: { title: 't', version: '1' }, tags: [{ name: 'T' }], paths: { '/t': { post: operation } }, components: { schemas: { Other: { type: 'string', description: 'Another.' } } } };
  const { html: text } = referencePage(document).content;
  expect(text).toContain('<code>&quot;a&quot;</code> or <code>&quot;b&quot;</code>');
  expect(text).toContain('1 to 200. Default: <code>50</code>.');
  expect(text).toContain('time or null');
  expect(text).toContain('<code>inner[].x</code>');
  expect(text).toContain('<a href="#document-other">Other</a>');
  expect(text).toContain('Does &lt;b&gt;it&lt;/b&gt;');
  expect(text).toContain('Fine: <code>x</code>.');
  expect(text).toContain('-d <span class="string">&#39;{&quot;kind&quot;:&quot;a&quot;,&quot;inner&quot;:[{&quot;x&quot;:&quot;…&quot;}]}&#39;');
});
