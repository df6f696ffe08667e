/**
 * Passes an upstream's error on unchanged, after the hold is void. What is the operator's problem (credential, credit,
 * redirect) becomes a 502 that does not blame the buyer, and HTML is wrapped into the Messages API's shape.
 */
import { ERRORS } from '../errors.ts';
import type { ExchangeState } from './exchange-state.ts';
import { responseHeaders } from './headers.ts';
import { operatorsFault } from './operators-fault.ts';
import type { Relay, RelayStart } from './relay.ts';
import { sendError } from './respond.ts';
import { settle } from './settle.ts';

const ERROR_BYTES_MAX = 1024 * 1024;

export class ErrorRelay implements Relay {
  #x: ExchangeState;
  #start: RelayStart;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(x: ExchangeState, start: RelayStart) {
    this.#x = x;
    this.#start = start;
  }

  onData(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > ERROR_BYTES_MAX) this.#start.flow.abort(new Error('the error body is too large'));
    else this.#chunks.push(chunk);
  }

  onEnd(): void {
    this.#conclude(Buffer.concat(this.#chunks)).catch(this.#x.onFault);
  }

  onFailure(): void {
    this.#conclude(Buffer.alloc(0)).catch(this.#x.onFault);
  }

  onClientGone(): void {
    // The answer is small and on its way; it only serves the row.
  }

  async #conclude(body: Buffer): Promise<void> {
    const rewritten = operatorsFault(this.#start.status, body);
    const { isJson, type } = readError(body);
    const result = await settle(this.#x, {
      status: this.#x.clientGone ? 'client_left' : 'upstream_error',
      httpStatus: rewritten?.status ?? this.#start.status,
      errorCode: rewritten?.code ?? type ?? `http_${this.#start.status}`,
      message: `upstream answered ${this.#start.status}`,
      reading: null,
    });
    const { res, clientGone, publicId, deps } = this.#x;
    if (rewritten) deps.log.error('alert_upstream_refused', { requestId: publicId, upstream: this.#x.placed.admission.route.upstream, status: this.#start.status });
    if (!clientGone) {
      if (result.kind === 'unsettled') res.destroy();
      else if (rewritten) sendError(res, rewritten, publicId);
      else this.#send(body, isJson);
    }
    this.#start.done();
  }

  #send(body: Buffer, isJson: boolean): void {
    const { res, publicId } = this.#x;
    const headers: Record<string, string | number> = responseHeaders(this.#start.headers, publicId);
    const bytes = isJson ? body : wrapped(this.#start.status, publicId);
    if (!isJson) headers['content-type'] = 'application/json';
    headers['content-length'] = bytes.length;
    res.writeHead(this.#start.status, headers);
    res.end(bytes);
  }
}

/** Whether the body is a JSON document at all (HTML and the like are not), and the error's type where it names one. */
function readError(body: Buffer): { isJson: boolean; type: string | null } {
  try {
    const document = JSON.parse(body.toString('utf8')) as { error?: { type?: unknown } } | null;
    const type = document?.error?.type;
    return { isJson: typeof document === 'object', type: typeof type === 'string' ? type.slice(0, 64) : null };
  } catch {
    return { isJson: false, type: null };
  }
}

function wrapped(status: number, publicId: string): Buffer {
  const row = Object.values(ERRORS).find((known) => known.status === status);
  const type = status === 529 ? 'overloaded_error' : (row?.type ?? (status >= 500 ? 'api_error' : 'invalid_request_error'));
  const message = `The upstream answered ${status} without an error document.`;
  return Buffer.from(JSON.stringify({ type: 'error', error: { type, message }, request_id: publicId }));
}
