/**
 * The baseline: the least that a proxy between `node:http` and undici's `dispatch` can do. It looks at nothing, and
 * holds the upstream back when the client reads slowly. Bodies that fit in a few reads are gathered into one buffer and
 * larger ones are handed to undici as the stream they are, whichever is cheaper (2 cores, Node 24.21: 37 against 41 µs
 * for a small body, 60 against 68 for 50 kB, 300 against 245 for 300 kB), so that the baseline is the strictest one.
 *
 * Usage: forked by the bench; `AINOGAP_BENCH_UPSTREAM` is the origin that it forwards to.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool, type Dispatcher } from 'undici';
import { answerParent } from './bench-child.ts';

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'te', 'upgrade', 'host', 'expect']);
const BUFFERED_BYTES_MAX = 128 * 1024;
const upstream = process.env['AINOGAP_BENCH_UPSTREAM'];
if (!upstream) throw new Error('AINOGAP_BENCH_UPSTREAM must name the upstream, e.g. http://127.0.0.1:9000');
const pool = new Pool(upstream, { allowH2: false, pipelining: 1 });

function withoutHopByHop(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const kept: http.OutgoingHttpHeaders = {};
  for (const name in headers) if (!HOP_BY_HOP.has(name)) kept[name] = headers[name];
  return kept;
}

class Relay implements Dispatcher.DispatchHandler {
  #response: http.ServerResponse;

  constructor(response: http.ServerResponse) {
    this.#response = response;
  }

  /** undici insists on it. */
  onRequestStart(): void {}

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: http.IncomingHttpHeaders): void {
    this.#response.writeHead(status, withoutHopByHop(headers));
    this.#response.on('drain', () => controller.resume());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    console.error(`bare proxy: ${error.message}`);
    this.#response.destroy();
  }
}

const server = http.createServer((request, response) => {
  const headers = withoutHopByHop(request.headers) as Record<string, string>;
  const forward = (body: Buffer | http.IncomingMessage): void => {
    pool.dispatch({ path: request.url!, method: 'POST', headers, body }, new Relay(response));
  };
  if (Number(headers['content-length']) > BUFFERED_BYTES_MAX) return forward(request);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => forward(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
});

server.listen(0, '127.0.0.1', () => {
  answerParent({ port: (server.address() as AddressInfo).port }, () => ({}));
});
