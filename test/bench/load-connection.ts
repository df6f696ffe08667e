/** One keep-alive connection of the load generator: writes ready-made bytes, finds the end of the response. */
import * as net from 'node:net';

export interface Sample {
  /** Milliseconds from the write of the request to the first byte and to the last byte of the response. */
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** Reads from the socket that the response took. */
  readonly reads: number;
}

export interface LoadConnectionOptions {
  readonly port: number;
  readonly request: Buffer;
  /** The first bytes of the response's body have come. */
  readonly onFirstByte?: () => void;
  /** The response has ended. Returns whether to send the request again at once. */
  readonly onEnd: (sample: Sample) => boolean;
  /** An answer other than 200, or a connection that broke in mid-response. */
  readonly onFailure: (reason: string) => void;
}

const LAST_CHUNK = '\r\n0\r\n\r\n';

export class LoadConnection {
  #options: LoadConnectionOptions;
  #socket: net.Socket;
  #sentAt = 0;
  #firstByteAt = 0;
  #reads = 0;
  #head = '';
  /** Bytes of body still to come; -1: chunked; null: the head is not complete. */
  #missing: number | null = null;
  #tail = '';
  #waiting = false;

  constructor(options: LoadConnectionOptions) {
    this.#options = options;
    this.#socket = net.connect({ host: '127.0.0.1', port: options.port, noDelay: true });
    this.#socket.on('data', (data) => this.#onData(data));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      if (this.#waiting) this.#options.onFailure('the connection closed before the response ended');
    });
  }

  send(): void {
    this.#reads = 0;
    this.#head = '';
    this.#tail = '';
    this.#missing = null;
    this.#waiting = true;
    this.#firstByteAt = 0;
    this.#sentAt = performance.now();
    this.#socket.write(this.#options.request);
  }

  /** A response is awaited. */
  get busy(): boolean {
    return this.#waiting;
  }

  close(): void {
    this.#waiting = false;
    this.#socket.destroy();
  }

  #onData(data: Buffer): void {
    this.#reads++;
    if (this.#firstByteAt === 0) this.#firstByteAt = performance.now();
    const body = this.#missing === null ? this.#readHead(data) : data;
    if (!body || this.#missing === null) return;
    if (this.#missing >= 0) {
      this.#missing -= body.length;
      if (this.#missing <= 0) this.#end();
    } else this.#readChunked(body);
  }

  /** Returns the body's bytes that came with the end of the head; null while the head is incomplete. */
  #readHead(data: Buffer): Buffer | null {
    const before = this.#head.length;
    this.#head += data.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = this.#head.slice(0, end).toLowerCase();
    if (!head.startsWith('http/1.1 200')) {
      this.#waiting = false;
      this.#options.onFailure(this.#head.slice(0, 1000));
      this.#socket.destroy();
      return null;
    }
    const length = /\ncontent-length: *(\d+)/.exec(head);
    this.#missing = length ? Number(length[1]) : -1;
    const body = data.subarray(end + 4 - before);
    if (this.#missing === -1) this.#options.onFirstByte?.();
    return body;
  }

  #readChunked(body: Buffer): void {
    const recent = body.length >= LAST_CHUNK.length ? body.toString('latin1', body.length - LAST_CHUNK.length) : this.#tail + body.toString('latin1');
    this.#tail = recent.slice(-LAST_CHUNK.length);
    if (this.#tail === LAST_CHUNK) this.#end();
  }

  #end(): void {
    const now = performance.now();
    this.#waiting = false;
    const sample = { firstByteMs: this.#firstByteAt - this.#sentAt, totalMs: now - this.#sentAt, reads: this.#reads };
    if (this.#options.onEnd(sample)) this.send();
  }
}
