import type { ReactNode } from 'react';
import type { LoadedList } from '../queries.ts';
import { counted } from '../format.ts';
import { Button } from './button.tsx';

/** Below a list: how many are shown, and a button for more. */
export function Pager<T>({ list, one }: { readonly list: LoadedList<T>; readonly one: string }): ReactNode {
  // A short list is seen to be whole.
  if (list.data === undefined || (!list.hasMore && list.data.length <= 10)) return null;
  return (
    <div className="more">
      <span>
        {counted(list.data.length, one)} shown{list.hasMore ? '' : ', that is all'}
      </span>
      {list.hasMore && (
        <Button small busy={list.loadingMore} onClick={list.loadMore}>
          Load more
        </Button>
      )}
    </div>
  );
}
