/** The listener that Prometheus reads from: GET /metrics and nothing else. It is small on purpose: it runs on the data plane's thread. */
import { createHash, timingSafeEqual } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { descriptorOf, listenOn } from '../listening-socket.ts';
import { CONTENT_TYPE } from './exposition.ts';

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  /** A listening socket that was given; null: one is opened. */
  readonly fd?: number | null;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** Whether the request may name this host. */
  readonly allows: (host: string | null) => boolean;
  /** What a reader must send; null: nothing. */
  readonly token: () => string | null;
  /** The whole text. When it rejects, the reader is told that it failed, and nothing of the reason. */
  readonly text: () => Promise<string>;
}

export interface MetricsServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Of the listening socket; null when the runtime does not tell it. */
  descriptor(): number | null;
  /** Resolves when what runs is answered, within a second. */
  close(): Promise<void>;
}

const LIMITS: http.ServerOptions = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the usual interval of scrapes.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 8 * 1024,
};
const CONNECTIONS_MAX = 32;
const CLOSE_WITHIN_MS = 1_000;
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const compressed = promisify(gzip);

/** Rejects when it cannot listen there. */
export async function openMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = options.tls ? https.createServer({ ...LIMITS, ...options.tls }) : http.createServer(LIMITS);
  server.maxConnections = CONNECTIONS_MAX;
  let closing = false;
  server.on('request', (req, res) => {
    if (closing) res.shouldKeepAlive = false;
    void answer(options, req, res).catch(() => res.destroy());
  });
  await listenOn(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    descriptor: () => descriptorOf(server),
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function answer({ allows, token, text }: MetricsServerOptions, req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
  const say = (status: number, words: string, headers: http.OutgoingHttpHeaders = {}): void =>
    void res.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${words}\n`);
  if (!allows(req.headers.host ?? null) || !/^\/metrics(?:\?|$)/.test(req.url ?? '')) return say(404, 'Not found. Metrics are at /metrics.');
  if (req.method !== 'GET' && req.method !== 'HEAD') return say(405, 'Metrics are read with GET.', { allow: 'GET, HEAD' });
  const wanted = token();
  if (wanted !== null && !isToken(req.headers.authorization ?? '', wanted)) return say(401, 'A bearer token is needed: that of metrics.token.', { 'www-authenticate': 'Bearer' });
  const headers = { ...HEADERS, 'content-type': CONTENT_TYPE, vary: 'accept-encoding' };
  if (req.method === 'HEAD') return void res.writeHead(200, headers).end();
  let body: string;
  try {
    body = await text();
  } catch {
    return say(500, 'The metrics could not be gathered; the log says why.');
  }
  if (!acceptsGzip(req.headers['accept-encoding'])) return void res.writeHead(200, headers).end(body);
  // On a thread of the pool, at the speed that costs least.
  const packed = await compressed(body, { level: 1 });
  res.writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
}

/** Compared by digests, so that the time tells nothing of how much was right. */
function isToken(authorization: string, wanted: string): boolean {
  const given = /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  const digest = (word: string): Buffer => createHash('sha256').update(word).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function acceptsGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '').split(',').some((coding) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0{0,3})?\s*$).*)?$/i.test(coding));
}
