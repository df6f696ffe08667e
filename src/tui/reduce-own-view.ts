/** The keys that act on the row under the cursor, each in the views where it has a meaning. */
import { parseBuyerId, parseKeyId } from '../ids.ts';
import type { BuyerId } from '../ids.ts';
import type { LiveBuyer, LiveKey, LiveSnapshot } from '../reports/live/snapshot.ts';
import { currentId } from './list-cursor.ts';
import { openFiltered } from './reduce-list.ts';
import { reduced } from './reduced.ts';
import type { Reduced } from './reduced.ts';
import type { Surroundings } from './tui-event.ts';
import type { ViewState } from './view-state.ts';

/** Null: the key has no such meaning here. */
export function reduceOwnView(state: ViewState, key: string, around: Surroundings): Reduced | null {
  const id = currentId(state, around.snapshot) ?? '';
  switch (state.view) {
    case 'overview':
    case 'buyers': {
      const buyerId = parseBuyerId(id);
      return buyerId === null ? null : reduceBuyerKey(state, key, { around, buyerId });
    }
    case 'keys':
      return reduceKeyKey(state, key, around.snapshot?.keys.find(({ keyId }) => keyId === parseKeyId(id)));
    case 'live':
      return reduceLiveKey(state, key, id);
    default:
      return null;
  }
}

const buyerOf = (snapshot: LiveSnapshot | null, buyerId: BuyerId): LiveBuyer | undefined => snapshot?.buyers.find((one) => one.buyerId === buyerId);

/** Top up, disable or enable, and the keys of a buyer: in the lists and in the buyer's own view. */
export function reduceBuyerKey(state: ViewState, key: string, { around, buyerId }: { around: Surroundings; buyerId: BuyerId }): Reduced | null {
  const buyer = buyerOf(around.snapshot, buyerId);
  if (buyer === undefined) return null;
  switch (key) {
    case 't':
      return reduced({
        ...state,
        dialog: { kind: 'topUp', buyerId, buyerName: buyer.name, amount: '', problem: null, confirming: false, reference: `top_${around.random}` },
      });
    case 'd':
      return reduced({ ...state, dialog: { kind: buyer.disabled ? 'enableBuyer' : 'disableBuyer', buyerId, buyerName: buyer.name } });
    case 'K':
      return reduced(openFiltered(state, 'keys', buyer.name));
    default:
      return null;
  }
}

function reduceKeyKey(state: ViewState, key: string, one: LiveKey | undefined): Reduced | null {
  if (one === undefined || (key !== 'r' && key !== 'v')) return null;
  if (one.revokedAt !== null) return reduced({ ...state, notice: { kind: 'problem', text: `Key ${one.label} of ${one.buyerName}, ${one.masked}, is revoked already.` } });
  const { keyId, label, masked, buyerName } = one;
  return reduced({ ...state, dialog: { kind: key === 'r' ? 'rotateKey' : 'revokeKey', keyId, label, masked, buyerName } });
}

function reduceLiveKey(state: ViewState, key: string, id: string): Reduced | null {
  switch (key) {
    // A list that moves under the cursor is held still as all figures are: by not reading.
    case 'f':
      return reduced({ ...state, paused: !state.paused });
    case 'e':
      return reduced({ ...state, errorsOnly: !state.errorsOnly });
    case 'c':
      return id === '' ? null : copy(state, id);
    default:
      return null;
  }
}

/** The terminal says nothing of whether it took it. */
export const copy = (state: ViewState, text: string): Reduced =>
  reduced({ ...state, notice: { kind: 'done', text: `Copied ${text}, if this terminal lets programs copy (OSC 52).` } }, { kind: 'copy', text });

