/** The keys of a detail: a buyer with its last requests, or a request's receipt, explanation or JSON. */
import { formatRequestId } from '../ids.ts';
import type { BuyerId } from '../ids.ts';
import { scrollMost } from './frame.ts';
import type { BuyerDetail } from './operator.ts';
import { pageRows } from './page-rows.ts';
import { copy, reduceBuyerKey } from './reduce-own-view.ts';
import { openRequest } from './reduce-list.ts';
import { reduced } from './reduced.ts';
import type { Reduced } from './reduced.ts';
import type { Surroundings } from './tui-event.ts';
import type { Detail, ViewState } from './view-state.ts';

type BuyerDetailState = Extract<Detail, { kind: 'buyer' }>;
type RequestDetailState = Extract<Detail, { kind: 'request' }>;

export function reduceDetailKey(state: ViewState, key: string, around: Surroundings): Reduced {
  const { detail } = state;
  if (detail === null) return reduced(state);
  return detail.kind === 'buyer' ? reduceBuyer(state, key, { detail, around }) : reduceRequest(state, key, { detail, around });
}

/** How far a key moves; null: it does not. `page` is rows of a screenful. */
function movement(key: string, page: number): number | null {
  switch (key) {
    case 'up':
    case 'k':
      return -1;
    case 'down':
      return 1;
    case 'pageUp':
      return -page;
    case 'pageDown':
    case ' ':
      return page;
    case 'home':
    case 'g':
      return -Infinity;
    case 'end':
    case 'G':
      return Infinity;
    default:
      return null;
  }
}

const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), Math.max(most, 0));

function reduceBuyer(state: ViewState, key: string, { detail, around }: { detail: BuyerDetailState; around: Surroundings }): Reduced {
  const requests = detail.content?.requests ?? [];
  const by = movement(key === 'j' ? 'down' : key, pageRows(state, around));
  if (by !== null) return reduced({ ...state, detail: { ...detail, cursor: clamp(detail.cursor + by, requests.length - 1) } });
  if (key === 'escape') return reduced({ ...state, detail: null });
  if (key !== 'enter') return reduceBuyerKey(state, key, { around, buyerId: detail.buyerId }) ?? reduced(state);
  const request = requests[detail.cursor];
  return request === undefined ? reduced(state) : openRequest(state, request.requestId, detail);
}

function reduceRequest(state: ViewState, key: string, { detail, around }: { detail: RequestDetailState; around: Surroundings }): Reduced {
  const show = (shows: RequestDetailState['shows']): Reduced =>
    reduced({ ...state, detail: { ...detail, shows: detail.shows === shows ? 'receipt' : shows, scroll: 0 } });
  const by = movement(key, pageRows(state, around));
  if (by !== null) return reduced({ ...state, detail: { ...detail, scroll: clamp(detail.scroll + by, scrollMost({ ...around, state })) } });
  switch (key) {
    case 'x':
      return show('explain');
    case 'j':
      return show('json');
    case 'c':
      return copy(state, formatRequestId(detail.requestId));
    case 'escape':
      return reduced({ ...state, detail: detail.from }, ...(detail.from?.kind === 'buyer' ? [{ kind: 'readBuyer', buyerId: detail.from.buyerId } as const] : []));
    default:
      return reduced(state);
  }
}

/** A buyer's last requests have come. The cursor stays with its request, but for the first row: that is where new ones come. */
export function withBuyer(state: ViewState, { buyerId, content }: { readonly buyerId: BuyerId; readonly content: BuyerDetail }): ViewState {
  const { detail } = state;
  if (detail?.kind !== 'buyer' || detail.buyerId !== buyerId) return state;
  const current = detail.content?.requests[detail.cursor]?.requestId;
  const at = content.requests.findIndex(({ requestId }) => requestId === current);
  const cursor = detail.cursor === 0 || at < 0 ? clamp(detail.cursor, content.requests.length - 1) : at;
  return { ...state, detail: { ...detail, content, cursor } };
}
