/** One request of the console's own: its answer as it comes, then its bill. */
import type { TryBill } from '../../api/schemas/buyer.ts';
import { ApiFailure, failureOf, reach } from '../api-client.ts';
import { createSseReader, type SseEvent } from '../sse-reader.ts';

export interface TryAsked {
  readonly route: string;
  readonly model: string;
  readonly prompt: string;
}
export interface TryHeard {
  readonly text: (delta: string) => void;
  readonly bill: (bill: TryBill) => void;
}

/** Ends after the bill. Throws an `ApiFailure`, also for an error that came within the stream. */
export async function runTry(asked: TryAsked, heard: TryHeard, signal: AbortSignal): Promise<void> {
  const path = '/buyer/try';
  const response = await reach(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(asked), signal });
  if (!response.ok || response.body === null) throw await failureOf(response, path);
  const reader = createSseReader();
  let failure: ApiFailure | null = null;
  for await (const text of response.body.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
    for (const event of reader.push(text)) failure = hear(event, heard) ?? failure;
  }
  if (failure !== null) throw failure;
}

interface StreamData {
  readonly type?: string;
  readonly delta?: { readonly type?: string; readonly text?: string };
  readonly error?: { readonly type?: string; readonly message?: string };
}

function hear({ event, data }: SseEvent, heard: TryHeard): ApiFailure | null {
  if (event === 'ainogap.bill') {
    heard.bill(JSON.parse(data) as TryBill);
    return null;
  }
  const document = JSON.parse(data) as StreamData;
  if (document.type === 'content_block_delta' && typeof document.delta?.text === 'string') heard.text(document.delta.text);
  if (document.type !== 'error') return null;
  return new ApiFailure({ status: 200, code: document.error?.type ?? 'api_error', message: document.error?.message ?? 'The answer broke off.' });
}
