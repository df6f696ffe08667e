/** A webhook's receiver: a real HTTP server that checks what it is sent as a stranger would, from the documented recipe. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AlertCall } from '../../src/alerts/alert-call.ts';

export const SECRET = 'a-secret-that-signs-the-calls';

export interface Received {
  readonly path: string;
  readonly method: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly call: AlertCall;
  readonly signed: boolean;
}

/** Answers a call; the n-th call gets the n-th of these, and all that follow the last one. */
export type Answer = (res: http.ServerResponse) => void;

export const status =
  (code: number, headers: http.OutgoingHttpHeaders = {}): Answer =>
  (res) =>
    void res.writeHead(code, headers).end('thank you');
/** Takes the call and says nothing. */
export const silence: Answer = () => undefined;

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** What the calls from now on are answered. */
  answer(...answers: readonly Answer[]): void;
  /** Resolves when so many calls have come in all. */
  calls(count: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

/** "v1=" and the HMAC-SHA-256, in hex, of the timestamp, a full stop and the body. */
function isSigned(headers: http.IncomingHttpHeaders, body: string): boolean {
  const expected = Buffer.from(`v1=${createHmac('sha256', SECRET).update(`${String(headers['x-ainogap-timestamp'])}.${body}`).digest('hex')}`);
  const given = Buffer.from(String(headers['x-ainogap-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let answers: readonly Answer[] = [status(200)];
  let given = 0;
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ path: req.url ?? '', method: req.method ?? '', headers: req.headers, body, call: JSON.parse(body) as AlertCall, signed: isSigned(req.headers, body) });
      (answers[Math.min(given++, answers.length - 1)] as Answer)(res);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?team=7`,
    received,
    answer: (...next) => {
      answers = next;
      given = 0;
    },
    async calls(count) {
      while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      return received;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
