/** Asks the upstream's free `count_tokens` for a tight bound: one in flight per buyer, ten a minute. */
import type { BuyerId } from '../ids.ts';
import type { UpstreamEntry } from './deps.ts';
import { request } from './request-upstream.ts';

const PER_MINUTE = 10;
const TIMEOUT_MS = 10_000;

interface Window {
  startedAt: number;
  count: number;
  inFlight: boolean;
}

export interface ProbeRequest {
  readonly buyer: BuyerId;
  readonly entry: UpstreamEntry;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export class Probes {
  #windows = new Map<BuyerId, Window>();

  /** Input tokens as the upstream counts them, or null: not allowed now, or it failed. */
  async count(probe: ProbeRequest): Promise<number | null> {
    const window = this.#take(probe.buyer);
    if (!window) return null;
    try {
      const answer = await request(probe.entry, {
        path: '/v1/messages/count_tokens',
        headers: { ...probe.headers, 'accept-encoding': 'identity' },
        body: probe.body,
        timeoutMs: TIMEOUT_MS,
      });
      if (answer.status !== 200) return null;
      const { input_tokens: tokens } = JSON.parse(answer.body.toString('utf8')) as { input_tokens?: unknown };
      return Number.isSafeInteger(tokens) && (tokens as number) >= 0 ? (tokens as number) : null;
    } catch {
      return null;
    } finally {
      window.inFlight = false;
    }
  }

  #take(buyer: BuyerId): Window | null {
    const now = performance.now();
    let window = this.#windows.get(buyer);
    if (!window || (now - window.startedAt > 60_000 && !window.inFlight)) {
      window = { startedAt: now, count: 0, inFlight: false };
      this.#windows.set(buyer, window);
    }
    if (window.inFlight || window.count >= PER_MINUTE) return null;
    window.inFlight = true;
    window.count++;
    return window;
  }
}
