/**
 * The simulator: an upstream inside the product, for trying out, demos and tests. It speaks the Messages API over
 * HTTP on a loopback port of this process and is reached by the same path as a real upstream. Its credential is made
 * anew by each process, so the port is no open door for others on the machine.
 */
import * as crypto from 'node:crypto';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatorKnobs } from '../../config.ts';
import { ApiError } from './api-error.ts';
import { answerMessages, countTokens, type SimulatorState } from './messages-endpoint.ts';
import { modelById, modelPage } from './model-list.ts';
import { PromptCache } from './prompt-cache.ts';
import { rateLimitHeaders } from './rate-limit.ts';

export interface SimulatorOptions {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Default: 256 random bits. */
  readonly credential?: string;
  /** Monotonic milliseconds, for the expiry of the prompt cache. Default `performance.now`. */
  readonly now?: () => number;
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** What `x-api-key` (or `Authorization: Bearer`) must carry. */
  readonly credential: string;
  /** Cuts what still runs and frees the port. */
  close(): Promise<void>;
}

/** Low, so that short demos show cache writes and reads; the real minimum is 1,024 tokens or more. */
const CACHE_TOKENS_MIN = 32;
const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** Listens on 127.0.0.1 only. Rejects with the system's error when the port is taken. */
export async function openSimulator(knobs: SimulatorKnobs, options: SimulatorOptions = {}): Promise<Simulator> {
  const credential = options.credential ?? `sim_${crypto.randomBytes(32).toString('base64url')}`;
  const digest = digestOf(credential);
  const state = createState(knobs, options.now ?? (() => performance.now()));
  const server = http.createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    void serve({ state, request, response, authorized: isAuthorized(request.headers, digest) });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    credential,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createState(knobs: SimulatorKnobs, now: () => number): SimulatorState {
  const series = crypto.randomBytes(6).toString('hex');
  let ids = 0;
  let calls = 0;
  return {
    knobs,
    cache: new PromptCache({ now, tokensMin: CACHE_TOKENS_MIN }),
    newId: (prefix) => `${prefix}sim${series}${(++ids).toString(36).padStart(8, '0')}`,
    failsNow: (share) => {
      calls++;
      return Math.floor(calls * share) > Math.floor((calls - 1) * share);
    },
  };
}

interface Call {
  readonly state: SimulatorState;
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly authorized: boolean;
}

async function serve(call: Call): Promise<void> {
  const { response, state } = call;
  const requestId = state.newId('req_');
  response.setHeader('request-id', requestId);
  response.setHeader('anthropic-organization-id', 'simulated-organization');
  response.on('error', () => response.destroy());
  try {
    await route(call);
  } catch (error) {
    if (response.destroyed) return;
    if (response.headersSent) return void response.destroy();
    const failure = error instanceof ApiError ? error : new ApiError(500, `The simulator failed: ${String(error)}`);
    const { retryAfterSeconds } = failure.options;
    if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
    sendJson(response, failure.status, failure.body(requestId));
  }
}

async function route({ state, request, response, authorized }: Call): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const body = await readBody(request);
  if (request.method === 'HEAD' && url.pathname === '/api/hello') return void response.writeHead(200).end();
  if (!authorized) throw new ApiError(401, 'invalid x-api-key');
  const target = `${request.method} ${url.pathname}`;
  if (target === 'POST /v1/messages') {
    for (const [name, value] of rateLimitHeaders()) response.setHeader(name, value);
    return answerMessages(state, { headers: request.headers, body, response });
  }
  if (target === 'POST /v1/messages/count_tokens') return sendJson(response, 200, countTokens({ headers: request.headers, body, response }));
  if (target === 'GET /v1/models') return sendJson(response, 200, JSON.stringify(modelPage(url.searchParams)));
  const id = /^GET \/v1\/models\/([\w.-]+)$/.exec(target)?.[1];
  if (id !== undefined) return sendJson(response, 200, JSON.stringify(modelById(id)));
  throw new ApiError(404, 'Not found');
}

function sendJson(response: http.ServerResponse, status: number, json: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }).end(json);
}

async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new ApiError(413, 'Request exceeds the maximum size');
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

const digestOf = (credential: string): Buffer => crypto.hash('sha256', credential, 'buffer');

function isAuthorized(headers: http.IncomingHttpHeaders, digest: Buffer): boolean {
  const key = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
  return typeof key === 'string' && crypto.timingSafeEqual(digestOf(key), digest);
}
