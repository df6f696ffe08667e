/** One attempt to deliver a call: a POST, its answer's status, nothing else. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Webhook } from './plan.ts';
import type { AlertEvent } from './alert-call.ts';
import { signCall } from './sign-call.ts';

export interface CallAttempt {
  readonly id: string;
  readonly event: AlertEvent;
  readonly body: string;
  /** Unix ms. */
  readonly now: number;
  readonly timeoutMs: number;
  /** Gives up before the time is over. */
  readonly signal?: AbortSignal;
}

export interface CallOutcome {
  readonly delivered: boolean;
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly ms: number;
  /** Why it was not delivered, in words without the URL; null when it was. */
  readonly error: string | null;
}

/** What a receiver answers is not read, only let pass, so that it can finish: up to so much. */
const ANSWER_BYTES_MAX = 65_536;

/** Never rejects. Redirects are not followed: what is signed for one address is not for another. */
export async function postCall(webhook: Webhook, attempt: CallAttempt): Promise<CallOutcome> {
  const began = performance.now();
  const took = (): number => Math.round(performance.now() - began);
  try {
    const status = await send(webhook, attempt);
    const delivered = status >= 200 && status < 300;
    return { delivered, status, ms: took(), error: delivered ? null : statusInWords(status) };
  } catch (error) {
    return { delivered: false, status: null, ms: took(), error: errorInWords(error as NodeJS.ErrnoException, attempt) };
  }
}

function send({ url, secret }: Webhook, { id, event, body, now, timeoutMs, signal }: CallAttempt): Promise<number> {
  const timestamp = Math.floor(now / 1000);
  const bytes = Buffer.from(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'user-agent': 'ainogap',
    'x-ainogap-event': event,
    'x-ainogap-delivery': id,
    'x-ainogap-timestamp': String(timestamp),
    'x-ainogap-signature': signCall(secret, { timestamp, body }),
  };
  const timeout = AbortSignal.timeout(timeoutMs);
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    // A connection of its own: one that was kept could be closed by the other side just then.
    const options = { method: 'POST', headers, agent: false, signal: signal ? AbortSignal.any([timeout, signal]) : timeout };
    const req = request(url, options, (res) => {
      let bytesCame = 0;
      const done = (): void => {
        resolve(res.statusCode ?? 0);
        res.destroy();
      };
      res.on('data', (chunk: Buffer) => {
        bytesCame += chunk.length;
        if (bytesCame > ANSWER_BYTES_MAX) done();
      });
      // The status has come: what happens to the rest of the answer does not matter.
      res.once('end', done).once('error', done).once('close', done);
    });
    req.once('error', reject);
    req.end(bytes);
  });
}

function statusInWords(status: number): string {
  return status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`;
}

/** Node's own messages may hold the address, but never its path. */
function errorInWords({ name, code, message }: NodeJS.ErrnoException, { timeoutMs, signal }: CallAttempt): string {
  if (name === 'AbortError' || name === 'TimeoutError') return signal?.aborted ? 'the gateway was stopped' : `no answer within ${timeoutMs / 1000} s`;
  return code ?? message;
}
