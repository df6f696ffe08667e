/** Writes a stream to its client: at once or at a token rate, with backpressure, and with the failures of the knobs. */
import type { ServerResponse } from 'node:http';
import { PING, type StreamPiece } from './message-events.ts';

export interface SendOptions {
  /** 0 or Infinity: as fast as the client reads. */
  readonly tokensPerSecond: number;
  /** After this many output tokens the stream is cut or falls silent. */
  readonly failure: { readonly kind: 'cut' | 'stall'; readonly afterTokens: number } | null;
}

const BATCH_CHARACTERS = 32 * 1024;
/** Finer steps would cost a timer per event and look no smoother. */
const TICK_MS = 10;
const PING_EVERY_MS = 10_000;

/** Resolves when the response is over, in whichever way: sent, cut, or left by the client. */
export async function sendStream(response: ServerResponse, pieces: Iterable<StreamPiece>, options: SendOptions): Promise<void> {
  const paced = options.tokensPerSecond > 0 && options.tokensPerSecond < Infinity;
  const startedAt = performance.now();
  let tokens = 0;
  let batch = '';
  for (const piece of pieces) {
    if (options.failure && piece.tokens > 0 && tokens >= options.failure.afterTokens) {
      await fail(response, batch, options.failure.kind);
      return;
    }
    batch += piece.text;
    tokens += piece.tokens;
    const aheadMs = paced ? (tokens / options.tokensPerSecond) * 1_000 - (performance.now() - startedAt) : 0;
    const wait = aheadMs >= TICK_MS;
    if (!wait && batch.length < BATCH_CHARACTERS) continue;
    await write(response, batch);
    batch = '';
    if (wait) await pause(response, aheadMs);
    if (response.destroyed) return;
  }
  response.end(batch);
}

/** Waits, with a ping now and then as the real API sends them. */
async function pause(response: ServerResponse, ms: number): Promise<void> {
  for (let left = ms; left > 0 && !response.destroyed; left -= PING_EVERY_MS) {
    await sleepWhileOpen(response, Math.min(left, PING_EVERY_MS));
    if (left > PING_EVERY_MS) await write(response, PING);
  }
}

/** Writes, and waits until the client has read enough to take more. */
async function write(response: ServerResponse, text: string): Promise<void> {
  if (text === '' || response.destroyed || response.write(text)) return;
  await firstOf(response, 'drain');
}

/** The client receives what was sent so far, then a reset, or nothing more until it leaves. */
export async function fail(response: ServerResponse, sent: string, kind: 'cut' | 'stall'): Promise<void> {
  await new Promise<void>((resolve) => {
    if (response.destroyed) return resolve();
    response.write(sent, () => resolve());
    response.once('close', resolve);
  });
  if (kind === 'cut') response.destroy();
  else if (!response.destroyed) await firstOf(response, 'close');
}

/** A timer that ends early, and leaves nothing behind, when the client goes. */
export function sleepWhileOpen(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed || ms <= 0) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.once('close', done);
  });
}

function firstOf(response: ServerResponse, event: 'drain' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off(event, done);
      response.off('close', done);
      resolve();
    };
    response.once(event, done);
    response.once('close', done);
  });
}
