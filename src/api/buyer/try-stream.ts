/** The answer of a "try it": the upstream's own events as they come, then the bill. */
import type { IncomingMessage } from 'node:http';
import type { TryBill } from '../schemas/buyer.ts';

export interface TryStream {
  readonly response: IncomingMessage;
  /** Called once the response has ended, however it ended. */
  readonly bill: () => Promise<TryBill>;
  /** Called once, on every path out. */
  readonly finish: () => void;
}

/** The reader leaving ends the request: the data plane then settles what came until then. */
export function tryStream({ response, bill, finish }: TryStream): ReadableStream<Uint8Array> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const encoder = new TextEncoder();
  let last = '';
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    response.destroy();
    finish();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next().catch(() => ({ done: true as const, value: undefined }));
        if (over) return;
        if (next.done !== true) {
          last = (last + next.value.toString('latin1')).slice(-2);
          return controller.enqueue(new Uint8Array(next.value));
        }
        try {
          // A stream that broke off within an event must not swallow the bill.
          const between = last === '' || last === '\n\n' ? '' : '\n\n';
          controller.enqueue(encoder.encode(`${between}event: ainogap.bill\ndata: ${JSON.stringify(await bill())}\n\n`));
          controller.close();
        } catch (error) {
          controller.error(error);
        } finally {
          end();
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
