/** Clients that keep a gateway busy until it dies, and remember what they were told. */
import { NEW_MODEL as model } from '../support/product.ts';
import { postMessages, readStream } from '../support/sse.ts';

/** A response whose end a client has seen: its charge must be in the books for ever. */
export interface Acknowledged {
  readonly requestId: string;
  /** As the header said; null for a stream, whose header goes out before its charge is known. */
  readonly chargeUsdMicros: number | null;
}

export interface Load {
  /** Resolves when the first response has come. */
  readonly begun: Promise<void>;
  /** Ends the load, after the gateway is gone or when no more requests shall be made. */
  stop(): Promise<readonly Acknowledged[]>;
}

/** Different lengths and rates, so that a kill finds requests in every state. */
const PROMPTS = [
  { stream: false, prompt: 'Short [[simulate {"outputTokens":20}]]' },
  { stream: true, prompt: 'Fast [[simulate {"outputTokens":200}]]' },
  { stream: false, prompt: 'Waiting [[simulate {"outputTokens":30,"delayMs":40}]]' },
  { stream: true, prompt: 'Paced [[simulate {"outputTokens":60,"tokensPerSecond":200}]]' },
  { stream: true, prompt: 'Slow [[simulate {"outputTokens":2000,"tokensPerSecond":100}]]' },
  { stream: false, prompt: 'At once [[simulate {"outputTokens":1}]]' },
] as const;

export interface LoadTarget {
  readonly baseUrl: string;
  readonly key: string;
  readonly clients: number;
}

export function startLoad(target: LoadTarget): Load {
  const acknowledged: Acknowledged[] = [];
  let stopped = false;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const client = async (index: number): Promise<void> => {
    for (let turn = index; !stopped; turn++) {
      const seen = await ask(target, PROMPTS[turn % PROMPTS.length] as (typeof PROMPTS)[number]);
      if (seen === 'gone') return;
      if (seen !== null) acknowledged.push(seen);
      begin();
    }
  };
  const clients = Array.from({ length: target.clients }, (_, index) => client(index));
  return {
    begun,
    async stop() {
      stopped = true;
      await Promise.all(clients);
      return acknowledged;
    },
  };
}

/** What the client may rely on; null when the response did not reach its end; `gone` when nobody answers. */
async function ask(target: LoadTarget, { stream, prompt }: (typeof PROMPTS)[number]): Promise<Acknowledged | null | 'gone'> {
  const response = await postMessages({ ...target, model, prompt, maxTokens: 3_000, stream }).catch(() => null);
  if (response === null) return 'gone';
  const requestId = response.headers.get('x-ainogap-request-id') as string;
  if (response.status !== 200) throw new Error(`request ${requestId} was answered ${response.status}: ${await response.text()}`);
  if (stream) {
    const seen = await readStream(response);
    return seen.events.at(-1) === 'message_stop' && seen.text.endsWith('\n\n') ? { requestId, chargeUsdMicros: null } : null;
  }
  const whole = await response.json().then(() => true, () => false);
  return whole ? { requestId, chargeUsdMicros: Number(response.headers.get('x-ainogap-charge-usd-micros')) } : null;
}
