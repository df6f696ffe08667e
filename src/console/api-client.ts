/** Calls of the gateway's own API with the session's cookie. Paths are absolute: `/buyer/me`, `/admin/buyers`. */
import type { ErrorDocument } from '../api/schemas/parts.ts';
import { leaveForSignIn } from './signed-out.ts';

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;
export interface Item<T> {
  readonly item: T;
}
export interface List<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** Of requests: the UTC day before which they are in an archive; null: all are here. */
  readonly prunedBefore?: string | null;
}

/** What the API refused, or that it could not be reached (`status` 0, code `unreachable`). */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;

  constructor(failure: { readonly status: number; readonly code: string; readonly message: string; readonly details?: Readonly<Record<string, unknown>>; readonly requestId?: string | null }) {
    super(failure.message);
    this.name = 'ApiFailure';
    this.status = failure.status;
    this.code = failure.code;
    this.details = failure.details ?? {};
    this.requestId = failure.requestId ?? null;
  }
}

/** Fields without a value are left out. */
export function withQuery(path: string, query: Query = {}): string {
  const set = Object.entries(query).flatMap(([name, value]) => (value === null || value === undefined || value === '' ? [] : [[name, String(value)]]));
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set).toString()}`;
}

/** Answers the whole document: `Item<X>` or `List<X>`. */
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return call<T>(withQuery(path, query), signal === undefined ? {} : { signal });
}

export interface SendOptions {
  /** The same for each repeat of one intention: the gateway then makes the change once. */
  readonly idempotencyKey?: string;
}

/** A change. Answers the whole document, `Item<X>`. */
export function send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: unknown, options: SendOptions = {}): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
  return call<T>(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const response = await reach(path, init);
  if (response.status === 204) return undefined as T;
  if (!response.ok) throw await failureOf(response, path);
  return (await response.json()) as T;
}

/** As `fetch`, with a failure of ours where the gateway cannot be reached. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiFailure({ status: 0, code: 'unreachable', message: 'The gateway did not answer. Check your connection, then retry.' });
  }
}

/** Reads a refusal; one for want of a session leads to the sign-in page. */
export async function failureOf(response: Response, path: string): Promise<ApiFailure> {
  const requestId = response.headers.get('x-request-id');
  let document: Partial<ErrorDocument> = {};
  try {
    document = (await response.json()) as ErrorDocument;
  } catch {
    // Not our document: a proxy between answered. The status says what there is to say.
  }
  const failure = new ApiFailure({
    status: response.status,
    code: document.error?.code ?? 'http_error',
    message: document.error?.message ?? `The gateway answered with status ${response.status}.`,
    details: document.error?.details ?? {},
    requestId,
  });
  if (failure.status === 401 && failure.code === 'unauthenticated') leaveForSignIn(path);
  return failure;
}
