/** The request that a "try it" makes, as any client would make it: over HTTP to this gateway's own data plane. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { ApiPlan } from '../api-plan.ts';

export interface TryRequest {
  readonly dataPlane: ApiPlan['dataPlane'];
  readonly alias: string;
  readonly key: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
/** An answer of so few tokens is over long before. */
const SILENCE_MS = 60_000;

/** Resolves with the response's head; its body is to be read or destroyed. Rejects when nothing answers, or by the signal. */
export function sendTry({ dataPlane, alias, key, body, signal }: TryRequest): Promise<http.IncomingMessage> {
  const { port, cert } = dataPlane;
  const options: https.RequestOptions = {
    host: LOOPBACK[dataPlane.host] ?? dataPlane.host,
    port,
    method: 'POST',
    path: `/${alias}/v1/messages`,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-api-key': key, 'anthropic-version': '2023-06-01', 'user-agent': 'ainogap-console' },
    agent: false,
    signal,
  };
  // It is our own address, whatever name the certificate has; nobody else can have this very certificate's key.
  const tls = cert === null ? null : { ca: cert, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
  return new Promise((resolve, reject) => {
    const request = tls === null ? http.request(options) : https.request({ ...options, ...tls });
    request.setTimeout(SILENCE_MS, () => request.destroy(new Error('no answer in time')));
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

const ERROR_BYTES_MAX = 64 * 1024;

/** What the data plane refused with, in its own words. */
export async function refusalWords(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > ERROR_BYTES_MAX) break;
    chunks.push(chunk);
  }
  try {
    const { error } = JSON.parse(Buffer.concat(chunks).toString()) as { error?: { message?: unknown } };
    if (typeof error?.message === 'string') return error.message;
  } catch {
    // Not in our shape: then its status must do.
  }
  return `the gateway answered ${response.statusCode}`;
}
