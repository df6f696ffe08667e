/** A simulator and the official client for it. */
import Anthropic from '@anthropic-ai/sdk';
import type { SimulatorKnobs } from '../../src/config.ts';
import { openSimulator, type Simulator, type SimulatorOptions } from '../../src/upstreams/simulator/server.ts';

export const KNOBS: SimulatorKnobs = { delayMs: 0, tokensPerSecond: 0, outputTokens: 60, failureShare: 1, failure: 'none', failureStatus: 529 };
export const MODEL = 'claude-opus-5-5';

export interface Simulated {
  readonly simulator: Simulator;
  readonly client: Anthropic;
  /** A request without the client; `body` is sent as it is if it is a text. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export async function simulated(knobs: Partial<SimulatorKnobs> = {}, options: SimulatorOptions = {}): Promise<Simulated> {
  const simulator = await openSimulator({ ...KNOBS, ...knobs }, options);
  return {
    simulator,
    client: new Anthropic({ baseURL: simulator.origin, apiKey: simulator.credential, maxRetries: 0 }),
    post: (path, body, headers = {}) =>
      fetch(simulator.origin + path, {
        method: 'POST',
        headers: { 'x-api-key': simulator.credential, 'anthropic-version': '2023-06-01', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: () => simulator.close(),
  };
}

export const user = (content: string): { role: 'user'; content: string } => ({ role: 'user', content });

export interface SseEvent {
  readonly event: string;
  readonly data: { readonly type: string; readonly [key: string]: unknown };
}

/** The events of a stream that has ended well, by its grammar alone. */
export function eventsOf(text: string): SseEvent[] {
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((block) => {
      const match = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (!match) throw new Error(`not an event: ${JSON.stringify(block)}`);
      return { event: match[1] as string, data: JSON.parse(match[2] as string) as SseEvent['data'] };
    });
}
