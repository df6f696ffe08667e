/** Does what the view asks the operator's side for, and makes an event of what came of it: words for what went wrong. */
import type { BuyerId, RequestId } from '../ids.ts';
import type { ActionOutcome, Operator } from './operator.ts';
import type { Action, TuiEvent } from './tui-event.ts';

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function orReadFailed(read: () => TuiEvent): TuiEvent {
  try {
    return read();
  } catch (error) {
    return { kind: 'readFailed', message: wordsOf(error) };
  }
}

export const readBuyer = (operator: Operator, buyerId: BuyerId): TuiEvent =>
  orReadFailed(() => ({ kind: 'buyerRead', buyerId, content: operator.buyer(buyerId) }));

/** The indent of a document in its view, and the last column, which stays free. */
const AROUND_DOCUMENT = 3;

/** `columns` are the terminal's. */
export const readRequest = (operator: Operator, requestId: RequestId, columns: number): TuiEvent =>
  orReadFailed(() => ({ kind: 'requestRead', requestId, content: operator.request(requestId, Math.max(1, columns - AROUND_DOCUMENT)) }));

export function performAction(operator: Operator, action: Action): TuiEvent {
  try {
    return action.kind === 'rotateKey'
      ? { kind: 'rotated', outcome: operator.rotateKey(action.keyId) }
      : { kind: 'acted', outcome: act(operator, action) };
  } catch (error) {
    return { kind: 'acted', outcome: { ok: false, text: wordsOf(error) } };
  }
}

function act(operator: Operator, action: Exclude<Action, { kind: 'rotateKey' }>): ActionOutcome {
  switch (action.kind) {
    case 'topUp':
      return operator.topUp({ buyerId: action.buyerId, amount: action.amount, reference: action.reference });
    case 'revokeKey':
      return operator.revokeKey(action.keyId);
    case 'setBuyerDisabled':
      return operator.setBuyerDisabled(action.buyerId, action.disabled);
  }
}
