/**
 * An upstream whose every byte is scripted by the test, on a bare TCP socket: what no HTTP library would send can be
 * sent too. Each request takes the next script of the queue; a request without one is an error of the test.
 */
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What reached the upstream, as it was on the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** In the order and case in which they came. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** Counts the connections of this upstream from 1. */
  readonly connection: number;
}

export type Script = (peer: Peer) => Promise<void> | void;

export interface HeadOptions {
  /** Default `chunked`. `close`: the body ends where the connection does. A number: `content-length`. */
  readonly framing?: 'chunked' | 'close' | number;
  readonly [header: string]: string | number | undefined;
}

/** The upstream's side of one request. */
export class Peer {
  readonly request: SeenRequest;
  readonly #socket: net.Socket;
  #chunked = false;
  #closes = false;

  constructor(request: SeenRequest, socket: net.Socket) {
    this.request = request;
    this.#socket = socket;
  }

  /** Sends exactly these bytes; resolves when the system has taken them. */
  raw(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve();
      this.#socket.write(bytes, () => resolve());
    });
  }

  head(status: number, { framing = 'chunked', ...headers }: HeadOptions = {}): Promise<void> {
    this.#chunked = framing === 'chunked';
    this.#closes = framing === 'close';
    const how = this.#chunked ? 'transfer-encoding: chunked' : this.#closes ? 'connection: close' : `content-length: ${framing}`;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.raw(`HTTP/1.1 ${status} Scripted\r\n${how}\r\n${lines.join('')}\r\n`);
  }

  /** A piece of the body, framed as the head said. */
  write(piece: string | Buffer): Promise<void> {
    const bytes = Buffer.from(piece);
    if (!this.#chunked) return this.raw(bytes);
    return this.raw(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]));
  }

  /** Ends the body as its framing ends. */
  async end(last?: string | Buffer): Promise<void> {
    if (last !== undefined) await this.write(last);
    if (this.#chunked) await this.raw('0\r\n\r\n');
    else if (this.#closes) this.close();
  }

  /** A clean end of the connection (FIN), wherever the response is. */
  close(): void {
    this.#socket.end();
  }

  /** RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Bytes written and not yet taken by the system. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  /** Resolves when the other side has gone. */
  whenClosed(): Promise<void> {
    return this.#socket.destroyed ? Promise.resolve() : new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  /** A whole JSON answer. */
  async json(status: number, body: unknown, headers: HeadOptions = {}): Promise<void> {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    await this.head(status, { 'content-type': 'application/json', framing: bytes.length, ...headers });
    await this.raw(bytes);
  }

  /** A whole stream, in one piece or in the given ones. */
  async sse(pieces: string | Buffer | readonly (string | Buffer)[], headers: HeadOptions = {}): Promise<void> {
    await this.head(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
    for (const piece of typeof pieces === 'string' || Buffer.isBuffer(pieces) ? [pieces] : pieces) await this.write(piece);
    await this.end();
  }
}

export interface ScriptedUpstream {
  readonly origin: string;
  readonly port: number;
  /** Every request that came, in order. */
  readonly seen: SeenRequest[];
  /** What went wrong in scripts, and requests that no script was there for. */
  readonly errors: Error[];
  next(...scripts: readonly Script[]): void;
  /** For requests beyond the queue; null: none are expected. */
  always(script: Script | null): void;
  /** Forgets scripts and requests; says how many scripts nobody asked for. */
  forget(): number;
  close(): Promise<void>;
}

export async function openScriptedUpstream(): Promise<ScriptedUpstream> {
  const seen: SeenRequest[] = [];
  const errors: Error[] = [];
  const queue: Script[] = [];
  const sockets = new Set<net.Socket>();
  let fallback: Script | null = null;
  let connections = 0;
  const answer = async (request: SeenRequest, socket: net.Socket): Promise<void> => {
    seen.push(request);
    const script = queue.shift() ?? fallback;
    try {
      if (!script) throw new Error(`no script for ${request.method} ${request.target}`);
      await script(new Peer(request, socket));
    } catch (error) {
      errors.push(error as Error);
      socket.destroy();
    }
  };
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket, ++connections, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    seen,
    errors,
    next: (...scripts) => void queue.push(...scripts),
    always: (script) => void (fallback = script),
    forget() {
      seen.length = 0;
      errors.length = 0;
      fallback = null;
      return queue.splice(0).length;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Reads requests off a connection, one after the other. */
function serve(socket: net.Socket, connection: number, answer: (request: SeenRequest, socket: net.Socket) => Promise<void>): void {
  let pending: Buffer = Buffer.alloc(0);
  let busy = false;
  const step = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let taken = takeRequest(pending, connection); taken; taken = takeRequest(pending, connection)) {
      pending = taken.rest;
      await answer(taken.request, socket);
    }
    busy = false;
  };
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    void step();
  });
}

function takeRequest(bytes: Buffer, connection: number): { request: SeenRequest; rest: Buffer } | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [requestLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const rawHeaders = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const);
  const length = Number(rawHeaders.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0);
  const bodyStart = headEnd + 4;
  if (bytes.length < bodyStart + length) return null;
  const body = Buffer.from(bytes.subarray(bodyStart, bodyStart + length));
  return { request: { method, target, rawHeaders, body, connection }, rest: bytes.subarray(bodyStart + length) };
}

/** The value of a header that the upstream saw, whatever its case; undefined when it did not come. */
export function headerOf(request: SeenRequest, name: string): string | undefined {
  return request.rawHeaders.find(([seen]) => seen.toLowerCase() === name)?.[1];
}

/** Scripts for the common failures. */
export const answers = {
  json: (status: number, body: unknown, headers: HeadOptions = {}): Script => (peer) => peer.json(status, body, headers),
  sse: (pieces: string | Buffer | readonly (string | Buffer)[], headers: HeadOptions = {}): Script => (peer) => peer.sse(pieces, headers),
  gzip: (contentType: string, body: string | Buffer): Script => async (peer) => {
    const bytes = gzipSync(body);
    await peer.head(200, { 'content-type': contentType, 'content-encoding': 'gzip', framing: bytes.length });
    await peer.raw(bytes);
  },
  raw: (bytes: string): Script => async (peer) => {
    await peer.raw(bytes);
    peer.close();
  },
  reset: (): Script => (peer) => peer.reset(),
  /** Takes the request and never says a word. */
  silence: (): Script => (peer) => peer.whenClosed(),
} as const;
