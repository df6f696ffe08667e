/** How pages ask and change: one cache, old figures kept while new ones come, one Idempotency-Key for each intention. */
import { QueryClient, keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { ApiFailure, get, send, type Item, type List, type Query } from './api-client.ts';

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, retry: (count, error) => count < 2 && mayPass(error), refetchOnWindowFocus: true, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

/** Whether asking again may help: the gateway was not reached, or busy. */
const mayPass = (error: unknown): boolean => error instanceof ApiFailure && (error.status === 0 || error.status >= 500);

export interface Loaded<T> {
  /** Undefined until the first answer; kept when a later one fails. */
  readonly data: T | undefined;
  readonly loading: boolean;
  readonly error: ApiFailure | null;
  /** Unix milliseconds of the figures shown. */
  readonly asOf: number;
  readonly retry: () => void;
}

export interface AskOptions {
  /** Milliseconds between repeats; left out: asked once, and when the window is looked at again. */
  readonly every?: number;
  readonly enabled?: boolean;
}

/** `GET path` that answers `{"item":…}`. */
export function useItem<T>(path: string, query: Query = {}, { every, enabled = true }: AskOptions = {}): Loaded<T> {
  const asked = useQuery<T>({
    queryKey: [path, query],
    queryFn: async ({ signal }) => (await get<Item<T>>(path, query, signal)).item,
    placeholderData: keepPreviousData,
    enabled,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
  return { data: asked.data, loading: asked.isPending, error: failure(asked.error), asOf: asked.dataUpdatedAt, retry: () => void asked.refetch() };
}

export interface LoadedList<T> extends Loaded<readonly T[]> {
  readonly hasMore: boolean;
  readonly loadingMore: boolean;
  readonly loadMore: () => void;
  /** The UTC day before which what would follow is in an archive; null: nothing is. */
  readonly prunedBefore: string | null;
}

/** `GET path` that answers `{"items":[…],"nextCursor":…}`: the pages read so far as one list. */
export function useList<T>(path: string, query: Query = {}, { every, enabled = true }: AskOptions = {}): LoadedList<T> {
  const asked = useInfiniteQuery({
    queryKey: [path, query, 'list'],
    queryFn: ({ signal, pageParam }) => get<List<T>>(path, pageParam === null ? query : { ...query, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
    enabled,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
  return {
    data: asked.data?.pages.flatMap((page) => page.items),
    loading: asked.isPending,
    error: failure(asked.error),
    asOf: asked.dataUpdatedAt,
    retry: () => void asked.refetch(),
    hasMore: asked.hasNextPage,
    loadingMore: asked.isFetchingNextPage,
    loadMore: () => void asked.fetchNextPage(),
    prunedBefore: asked.data?.pages.at(-1)?.prunedBefore ?? null,
  };
}

export interface ChangePlan<Input> {
  readonly method?: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string | ((input: Input) => string);
  /** The document to send; left out: the input itself, or none for DELETE. */
  readonly body?: (input: Input) => unknown;
  /** Beginnings of paths whose figures the change makes old. */
  readonly refresh?: readonly string[];
}

export interface Change<Input, Output> {
  /** Rejects with an `ApiFailure`, which is also in `error`. */
  readonly run: (input: Input) => Promise<Output>;
  readonly running: boolean;
  readonly error: ApiFailure | null;
  readonly reset: () => void;
}

/** A change. A repeat of the same input after a failure carries the same Idempotency-Key, so that it happens once. */
export function useChange<Input, Output>(plan: ChangePlan<Input>): Change<Input, Output> {
  const cache = useQueryClient();
  const attempt = useRef<{ readonly of: string; readonly key: string } | null>(null);
  const mutation = useMutation<Output, Error, Input>({
    mutationFn: async (input) => {
      const method = plan.method ?? 'POST';
      const path = typeof plan.path === 'string' ? plan.path : plan.path(input);
      const body = plan.body !== undefined ? plan.body(input) : method === 'DELETE' ? undefined : (input ?? {});
      const of = JSON.stringify([method, path, body]);
      if (attempt.current?.of !== of) attempt.current = { of, key: crypto.randomUUID() };
      const answer = await send<Item<Output> | undefined>(method, path, body, { idempotencyKey: attempt.current.key });
      attempt.current = null;
      return answer?.item as Output;
    },
    onSettled: () => {
      for (const beginning of plan.refresh ?? []) void cache.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(beginning) });
    },
  });
  return { run: mutation.mutateAsync, running: mutation.isPending, error: failure(mutation.error), reset: mutation.reset };
}

/** Anything else that went wrong on the page is told as it is. */
function failure(error: Error | null): ApiFailure | null {
  if (error === null) return null;
  return error instanceof ApiFailure ? error : new ApiFailure({ status: 0, code: 'page_error', message: error.message });
}
