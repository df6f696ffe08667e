/** How an endpoint is called from a shell. */
import { resolved, type Endpoint, type OpenApi } from './open-api-parts.ts';
import { exampleOf } from './schema-example.ts';

export function curlExample(document: OpenApi, { method, path, operation }: Endpoint): string {
  const origin = document.servers?.[0]?.url ?? '';
  const parameters = operation.parameters ?? [];
  let target = path;
  for (const { name, schema } of parameters.filter((parameter) => parameter.in === 'path')) target = target.replace(`{${name}}`, encodeURIComponent(String(exampleOf(document, schema ?? {}, name))));
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${origin}${target}`];
  const session = sessionOf(operation.security);
  if (session !== null) lines.push(`-H "Authorization: Bearer $${session}"`);
  const body = operation.requestBody?.content?.['application/json']?.schema;
  if (body !== undefined) {
    const example = JSON.stringify(exampleOf(document, resolved(document, body)));
    if (example !== '{}' || operation.requestBody?.required === true) lines.push(`-H 'content-type: application/json'`, `-d '${example.replaceAll("'", String.raw`'\''`)}'`);
  }
  return lines.join(' \\\n  ');
}

function sessionOf(security: Endpoint['operation']['security']): string | null {
  const schemes = (security ?? []).flatMap((one) => Object.keys(one));
  if (schemes.some((name) => name.startsWith('admin'))) return 'AINOGAP_ADMIN';
  return schemes.length > 0 ? 'AINOGAP_SESSION' : null;
}
