import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Balance, Me } from '../../api/schemas/buyer.ts';
import type { RequestSummary } from '../../api/schemas/usage.ts';
import type { List } from '../api-client.ts';
import { useEvents, type Live } from '../events.ts';

/** How many of the latest requests the overview shows. */
export const LATEST = { limit: 8 } as const;
/** A busy buyer's figures change many times a second; a chart need not. */
const USAGE_EVERY_MS = 5_000;

/** Balance and latest requests as they change, put where the pages read them. */
export function useBuyerEvents(enabled: boolean): Live {
  const cache = useQueryClient();
  const refreshedAt = useRef(0);
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(due.current), []);
  // Put off, never left out: after the last charge no other event would bring the chart up to date.
  const refreshUsage = (): void => {
    due.current ??= setTimeout(
      () => {
        due.current = undefined;
        refreshedAt.current = Date.now();
        void cache.invalidateQueries({ queryKey: ['/buyer/usage'] });
      },
      Math.max(0, refreshedAt.current + USAGE_EVERY_MS - Date.now()),
    );
  };
  return useEvents(enabled ? '/buyer/events' : null, {
    balance: (data) => cache.setQueryData<Me>(['/buyer/me', {}], (me) => (me === undefined ? me : { ...me, balance: data as Balance })),
    usage: refreshUsage,
    request: (data) => cache.setQueryData<InfiniteData<List<RequestSummary>>>(['/buyer/requests', LATEST, 'list'], (before) => withFirst(before, data as RequestSummary)),
  });
}

function withFirst(before: InfiniteData<List<RequestSummary>> | undefined, request: RequestSummary): InfiniteData<List<RequestSummary>> | undefined {
  const page = before?.pages[0];
  if (before === undefined || page === undefined) return before;
  const items = [request, ...page.items.filter((item) => item.requestId !== request.requestId)].slice(0, LATEST.limit);
  return { ...before, pages: [{ ...page, items }] };
}
