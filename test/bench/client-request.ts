/** A whole HTTP request as `@anthropic-ai/sdk` 1.12 on Node 24 sends it, except that the bytes are made once. */

export interface ClientRequestOptions {
  readonly port: number;
  readonly path: string;
  readonly key: string;
  readonly body: Buffer;
}

export function clientRequest(options: ClientRequestOptions): Buffer {
  const head = [
    `POST ${options.path} HTTP/1.1`,
    `host: 127.0.0.1:${options.port}`,
    'connection: keep-alive',
    'accept: application/json',
    `authorization: Bearer ${options.key}`,
    'anthropic-version: 2026-10-21',
    'content-type: application/json',
    'user-agent: Anthropic/JS 1.12.0',
    'x-stainless-arch: x64',
    'x-stainless-lang: js',
    'x-stainless-os: Linux',
    'x-stainless-package-version: 1.12.0',
    'x-stainless-retry-count: 0',
    'x-stainless-runtime: node',
    'x-stainless-runtime-version: v24.21.0',
    'x-stainless-timeout: 600',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'accept-encoding: gzip, deflate',
    `content-length: ${options.body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), options.body]);
}
