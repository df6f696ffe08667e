/** HTTP clients for the tests: one that behaves and tells what it saw as it saw it, and one that sends bare bytes. */
import * as http from 'node:http';
import * as net from 'node:net';
import { MODEL } from './message-stream.ts';

export interface CallOptions {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly key: string;
  /** Default `main`. */
  readonly alias?: string;
  /** Default: a small request of 100 output tokens at most. An object becomes JSON. */
  readonly body?: unknown;
  readonly headers?: http.OutgoingHttpHeaders;
  /** After the alias. Default `/v1/messages`. */
  readonly path?: string;
  readonly method?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** False when the connection broke before the response was whole. */
  readonly whole: boolean;
}

/** A small request; `stream` unless told otherwise. */
export function requestBody(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model: MODEL, max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'Hi' }], ...more };
}

/** A call under way. */
export class Call {
  readonly request: http.ClientRequest;
  /** Resolves when the response's head has come; rejects when it never does. */
  readonly head: Promise<http.IncomingMessage>;
  /** Resolves, whatever happens after the head, when nothing more will come. */
  readonly answer: Promise<Answer>;
  readonly #chunks: Buffer[] = [];
  #onChunk: () => void = () => undefined;

  constructor(options: CallOptions) {
    const { body = requestBody(), method = 'POST' } = options;
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
    this.request = http.request({
      port: options.port,
      host: options.host ?? '127.0.0.1',
      method,
      path: `/${options.alias ?? 'main'}${options.path ?? '/v1/messages'}`,
      agent: false,
      headers: { 'x-api-key': options.key, 'content-type': 'application/json', ...(method === 'POST' ? { 'content-length': bytes.length } : {}), ...options.headers },
    });
    this.head = new Promise((resolve, reject) => this.request.once('response', resolve).once('error', reject));
    this.head.catch(() => undefined);
    this.answer = this.head.then((response) => this.#read(response));
    this.answer.catch(() => undefined);
    this.request.on('error', () => undefined);
    if (method === 'POST') this.request.end(bytes);
    else this.request.end();
  }

  #read(response: http.IncomingMessage): Promise<Answer> {
    response.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#onChunk();
    });
    return new Promise((resolve) => {
      const done = (): void => {
        const body = Buffer.concat(this.#chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString('utf8'), whole: response.complete });
      };
      response.on('error', () => undefined).once('close', done);
    });
  }

  get received(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  /** Resolves once this text has arrived; rejects when the response ends without it. */
  async until(text: string): Promise<void> {
    await this.head;
    const ended = this.answer.then(() => {
      if (!this.received.includes(text)) throw new Error(`the response ended without ${JSON.stringify(text)}: ${this.received}`);
    });
    const seen = new Promise<void>((resolve) => {
      this.#onChunk = () => {
        if (this.received.includes(text)) resolve();
      };
      this.#onChunk();
    });
    await Promise.race([ended, seen]);
  }

  /** The client goes away. */
  leave(): void {
    this.request.destroy();
  }
}

/** For `expect.poll`: what has no time limit in the product has none here either, but that of a test. */
export const PATIENTLY = { timeout: 20_000, interval: 10 } as const;

/**
 * For what cannot be seen from outside (a request that waits, a client whose leaving was noticed): what was sent before
 * has been read, for later requests have been answered.
 */
export async function moment(port: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Call({ port, key: '', alias: 'healthz', path: '', method: 'GET' }).answer;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

export const call = (options: CallOptions): Promise<Answer> => new Call(options).answer;

/** The error of an answer in the Messages API's shape; throws when it is none. */
export function errorOf(answer: { readonly text: string }): { type: string; message: string; details?: Record<string, unknown> } {
  const document = JSON.parse(answer.text) as { type: string; error: { type: string; message: string }; request_id: string };
  if (document.type !== 'error' || typeof document.request_id !== 'string') throw new Error(`not an error document: ${answer.text}`);
  return document.error;
}

/** A bare connection: sends what it is told and keeps what comes. */
export class BareClient {
  readonly socket: net.Socket;
  readonly closed: Promise<void>;
  #received = '';

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
    });
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  send(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => void this.socket.write(bytes, () => resolve()));
  }

  get received(): string {
    return this.#received;
  }

  /** The status of the first response; rejects when the connection closes without one. */
  async status(): Promise<number> {
    for (;;) {
      const match = /^HTTP\/1\.1 (\d{3})/.exec(this.#received);
      if (match) return Number(match[1]);
      if (this.socket.destroyed) throw new Error('the connection closed without an answer');
      await new Promise<void>((resolve) => {
        this.socket.once('data', () => resolve());
        this.socket.once('close', () => resolve());
      });
    }
  }
}

/** Sends bare bytes and gives back everything that came until the gateway closed, or had answered once. */
export async function bareCall(port: number, bytes: string | Buffer): Promise<{ status: number; text: string }> {
  const client = new BareClient(port);
  await client.send(bytes);
  const status = await client.status();
  client.socket.destroy();
  await client.closed;
  return { status, text: client.received };
}
