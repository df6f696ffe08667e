/**
 * The upstream of the bench: a bare TCP server that reads just enough HTTP to find the end of a request and writes
 * ready-made bytes. It is asked with `{mode, tickMs}` how to answer from now on.
 *
 * Streams are paced, one write per event and per tick, all open streams in turn: a proxy that falls behind would
 * otherwise find several events in one read and be rewarded for it with less work.
 */
import * as net from 'node:net';
import { answerParent } from './bench-child.ts';
import { JSON_RESPONSE, STREAM_WRITES } from './canned-responses.ts';

export interface StubOrder {
  /** `stall`: the first event of a stream, then silence. `release`: the rest of all that stall. */
  readonly mode: 'json' | 'stream' | 'stall' | 'release';
  /** Milliseconds between two events of one stream; 0: as fast as the event loop turns. */
  readonly tickMs: number;
}

let mode: 'json' | 'stream' | 'stall' = 'json';
let streams: { socket: net.Socket; next: number }[] = [];
let stalled: net.Socket[] = [];
let ticker: NodeJS.Timeout | undefined;
let spinning = false;

function respond(socket: net.Socket): void {
  if (mode === 'json') return void socket.write(JSON_RESPONSE);
  socket.write(STREAM_WRITES[0]!);
  if (mode === 'stall') stalled.push(socket);
  else streams.push({ socket, next: 1 });
  if (mode === 'stream' && !ticker && !spinning) spin();
}

function spin(): void {
  spinning = streams.length > 0;
  if (!spinning) return;
  writeNextEvents();
  setImmediate(spin);
}

function writeNextEvents(): void {
  let finished = false;
  for (const stream of streams) {
    stream.socket.write(STREAM_WRITES[stream.next]!);
    if (++stream.next === STREAM_WRITES.length) finished = true;
  }
  if (finished) streams = streams.filter((stream) => stream.next < STREAM_WRITES.length);
}

function obey(order: StubOrder): object {
  if (order.mode === 'release') {
    const rest = Buffer.concat(STREAM_WRITES.slice(1));
    for (const socket of stalled) socket.write(rest);
    stalled = [];
    return {};
  }
  mode = order.mode;
  clearInterval(ticker);
  ticker = order.mode === 'stream' && order.tickMs > 0 ? setInterval(writeNextEvents, order.tickMs) : undefined;
  if (!ticker && !spinning) spin();
  return {};
}

/** Bytes of the request that begins at `start`, or 0 when its head is not all there. */
function requestBytes(received: Buffer, start: number): number {
  const headEnd = received.indexOf('\r\n\r\n', start, 'latin1');
  if (headEnd < 0) return 0;
  const length = /content-length: *(\d+)/i.exec(received.toString('latin1', start, headEnd));
  if (!length) throw new Error('the upstream stub reads only requests with a content-length');
  return headEnd + 4 - start + Number(length[1]);
}

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  let head: Buffer | null = null;
  let missing = 0;
  socket.on('data', (data) => {
    let at = 0;
    if (missing > 0) {
      at = Math.min(missing, data.length);
      missing -= at;
      if (missing === 0) respond(socket);
    }
    while (at < data.length) {
      const received: Buffer = head ? Buffer.concat([head, data.subarray(at)]) : data.subarray(at);
      const bytes = requestBytes(received, 0);
      head = bytes === 0 ? received : null;
      if (bytes === 0) return;
      at = data.length - (received.length - Math.min(bytes, received.length));
      missing = Math.max(0, bytes - received.length);
      if (missing === 0) respond(socket);
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    streams = streams.filter((stream) => stream.socket !== socket);
  });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  answerParent({ port: (server.address() as net.AddressInfo).port }, obey);
});
