/** The reference of the HTTP API: the OpenAPI document as a page to read, made of what the API itself checks. */
import { curlExample } from './curl-example.ts';
import { html, type Html } from './html.ts';
import { endpointsOf, resolved, type Endpoint, type OpenApi, type Schema } from './open-api-parts.ts';
import type { PageFrame } from './page-layout.ts';
import { codeFigure, slugOf, type Heading } from './render-markdown.ts';
import { documentId, fieldsTable, inlineCode, remarks, tableOf, typeWords } from './schema-words.ts';

const OTHERS = 'Other';

export function referencePage(document: OpenApi): Pick<PageFrame, 'summary' | 'content' | 'headings'> {
  const endpoints = endpointsOf(document);
  const groups = [...(document.tags ?? []).map(({ name }) => name), OTHERS]
    .map((tag) => ({ tag, id: slugOf(tag), endpoints: endpoints.filter(({ operation }) => (operation.tags?.[0] ?? OTHERS) === tag) }))
    .filter((group) => group.endpoints.length > 0);
  const headings: Heading[] = [...groups.map(({ tag, id }) => ({ id, text: tag, depth: 2 })), { id: 'documents', text: 'Documents', depth: 2 }];
  const content = html`<h1>API reference</h1>
${(document.info.description ?? '').split('\n').map((line) => html`<p>${inlineCode(line)}</p>`)}
<p>In the examples, <code>$AINOGAP_SESSION</code> and <code>$AINOGAP_ADMIN</code> hold a session token of a buyer and of an admin; see <a href="/docs/console">Console and HTTP API</a>. The same as one document for programs: <a href="/openapi.json">/openapi.json</a>.</p>
${groups.map((group) => html`<section><h2 id="${group.id}">${group.tag}</h2>${overview(group.endpoints)}${group.endpoints.map((endpoint) => endpointHtml(document, endpoint))}</section>`)}
<section><h2 id="documents">Documents</h2><p>What requests and answers are made of.</p>${Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => documentHtml(name, schema))}</section>`;
  return { summary: 'Every endpoint of the HTTP API with its parameters, bodies, answers and an example.', content, headings };
}

const endpointId = ({ method, path }: Endpoint): string => slugOf(`${method} ${path}`);

function overview(endpoints: readonly Endpoint[]): Html {
  return html`<ul class="endpoints">${endpoints.map((endpoint) => html`<li><a href="#${endpointId(endpoint)}"><code><b class="method ${endpoint.method.toLowerCase()}">${endpoint.method}</b> ${endpoint.path}</code></a> ${endpoint.operation.summary ?? ''}</li>`)}</ul>`;
}

function endpointHtml(document: OpenApi, endpoint: Endpoint): Html {
  const { method, path, operation } = endpoint;
  const id = endpointId(endpoint);
  return html`<section class="endpoint"><h3 id="${id}"><code><b class="method ${method.toLowerCase()}">${method}</b> ${path}</code><a class="anchor" href="#${id}" aria-label="Link to ${method} ${path}">#</a></h3>
<p>${operation.summary ?? ''}${operation.summary === undefined || operation.summary.endsWith('.') ? '' : '.'} ${operation.description === undefined ? null : inlineCode(operation.description)} <span class="who">${whoMay(operation.security)}</span></p>
${parametersHtml(endpoint)}${bodyHtml(document, endpoint)}${answersHtml(endpoint)}${codeFigure(curlExample(document, endpoint), 'bash')}</section>`;
}

function whoMay(security: Endpoint['operation']['security']): string {
  const schemes = (security ?? []).flatMap((one) => Object.keys(one));
  if (schemes.length === 0) return 'Needs no session.';
  return schemes.some((name) => name.startsWith('admin')) ? 'For admins.' : 'For buyers.';
}

function parametersHtml({ method, path, operation }: Endpoint): Html | null {
  const parameters = operation.parameters ?? [];
  if (parameters.length === 0) return null;
  const rows = parameters.map(
    ({ name, in: where, required, description, schema = {} }) =>
      html`<tr><th scope="row"><code>${name}</code>${required === true ? null : html` <small>optional</small>`}</th><td>${where}</td><td>${typeWords(schema)}</td><td>${remarks(schema, description ?? schema.description)}</td></tr>`,
  );
  return html`<h4>Parameters</h4>${tableOf(`Parameters of ${method} ${path}`, ['parameter', 'in', 'type', 'what it is'], rows)}`;
}

function bodyHtml(document: OpenApi, { method, path, operation }: Endpoint): Html | null {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (schema === undefined) return null;
  const table = fieldsTable(resolved(document, schema), `Body of ${method} ${path}`);
  return html`<h4>Body</h4>${table ?? html`<p>${typeWords(schema)}</p>`}`;
}

function answersHtml({ method, path, operation }: Endpoint): Html {
  const rows = Object.entries(operation.responses ?? {}).map(
    ([status, { description, content }]) =>
      html`<tr><th scope="row">${status}</th><td>${inlineCode(description ?? '')}</td><td>${Object.entries(content ?? {}).map(([type, { schema }]) => html`${type === 'application/json' ? null : html`<code>${type}</code> `}${schema === undefined ? null : envelopeWords(schema)}`)}</td></tr>`,
  );
  return html`<h4>Answers</h4>${tableOf(`Answers of ${method} ${path}`, ['status', 'when', 'document'], rows)}`;
}

/** `{"item": Key}`, `{"items": list of Key}`, or the document itself. */
function envelopeWords(schema: Schema): Html {
  const { item, items } = schema.properties ?? {};
  if (item !== undefined) return html`item: ${typeWords(item)}`;
  return items === undefined ? typeWords(schema) : html`items: ${typeWords(items)}`;
}

function documentHtml(name: string, schema: Schema): Html {
  const id = documentId(name);
  return html`<section class="document"><h3 id="${id}">${name}<a class="anchor" href="#${id}" aria-label="Link to ${name}">#</a></h3>${schema.description === undefined ? null : html`<p>${inlineCode(schema.description)}</p>`}${fieldsTable(schema, name) ?? html`<p>${typeWords(schema)}</p>`}</section>`;
}
