/** A Messages stream read by plain `fetch`, as far as tests need it. */

export interface StreamSeen {
  readonly status: number;
  readonly headers: Headers;
  /** Names of the events, in order. */
  readonly events: readonly string[];
  readonly text: string;
  /** True when the response ended as it should, false when the connection broke. */
  readonly whole: boolean;
}

/** Reads a response to its end, however it ends. `onEvent` hears of each event as it comes. */
export async function readStream(response: Response, onEvent: (name: string) => void = () => undefined): Promise<StreamSeen> {
  const events: string[] = [];
  let text = '';
  let whole = true;
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const names = [...text.matchAll(/^event: ?(\S+)/gm)].map((match) => match[1] as string);
      for (const name of names.slice(events.length)) {
        events.push(name);
        onEvent(name);
      }
    }
  } catch {
    whole = false;
  }
  return { status: response.status, headers: response.headers, events, text, whole };
}

export interface MessagesCall {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens?: number;
  readonly stream?: boolean;
}

/** A request as version 0.137 of the official SDK makes it: `x-api-key` and the version of 2023. */
export function postMessages(call: MessagesCall): Promise<Response> {
  const { baseUrl, key, model, prompt, maxTokens = 200, stream = false } = call;
  return fetch(`${baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01', accept: 'application/json' },
    body: JSON.stringify({ model, max_tokens: maxTokens, ...(stream ? { stream } : {}), messages: [{ role: 'user', content: prompt }] }),
  });
}
