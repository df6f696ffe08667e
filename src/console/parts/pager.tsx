import type { ReactNode } from 'react';
import type { LoadedList } from '../queries.ts';
import { counted } from '../format.ts';
import { Button } from './button.tsx';

/** Below a list: how many are shown, a button for more, and what is no longer in it. */
export function Pager<T>({ list, one }: { readonly list: LoadedList<T>; readonly one: string }): ReactNode {
  const archived = list.hasMore ? null : list.prunedBefore;
  // A short list is seen to be whole.
  if (list.data === undefined || (archived === null && !list.hasMore && list.data.length <= 10)) return null;
  return (
    <div className="more">
      <span>
        {counted(list.data.length, one)} shown{list.hasMore ? '' : archived === null ? ', that is all' : `. Those from before ${archived} (UTC) are in an archive; usage and statements have them all.`}
      </span>
      {list.hasMore && (
        <Button small busy={list.loadingMore} onClick={list.loadMore}>
          Load more
        </Button>
      )}
    </div>
  );
}
