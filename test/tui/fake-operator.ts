/** An operator's side whose figures the test chooses and whose calls it can read. */
import type { KeyId } from '../../src/ids.ts';
import type { LiveSnapshot } from '../../src/reports/live/snapshot.ts';
import type { BuyerDetail, Operator, RequestDetailText } from '../../src/tui/operator.ts';
import { busySnapshot } from '../support/live-snapshots.ts';

export const SECRET = 'rk_8fK2aaaabbbbccccddddeeeeffff00001111';

export interface FakeOperator extends Operator {
  /** What was asked to be done, in order, e.g. `['revokeKey', 3]`. Readings are not listed. */
  readonly calls: readonly (readonly unknown[])[];
  /** How often the figures were read. */
  reads(): number;
  /** What the next reading gives; an error is thrown. */
  next: LiveSnapshot | Error;
  buyerDetail: BuyerDetail;
  requestDetail: RequestDetailText | null;
  /** What the next rotation gives. */
  newKeyId: KeyId;
  /** What the next actions answer; an error is thrown. */
  outcome: { ok: boolean; text: string } | Error;
}

export function createFakeOperator(): FakeOperator {
  const calls: unknown[][] = [];
  let reads = 0;
  const act = (...call: unknown[]): { ok: boolean; text: string } => {
    calls.push(call);
    if (operator.outcome instanceof Error) throw operator.outcome;
    return operator.outcome;
  };
  const operator: FakeOperator = {
    calls,
    reads: () => reads,
    next: busySnapshot(),
    buyerDetail: { requests: [...busySnapshot().requests.open, ...busySnapshot().requests.ended], deposits: [] },
    requestDetail: { receipt: ['the receipt'], explain: ['the story'], json: ['{', '  "the": "document"', '}'] },
    newKeyId: 99 as KeyId,
    outcome: { ok: true, text: 'it was done' },
    read() {
      reads++;
      if (operator.next instanceof Error) throw operator.next;
      return operator.next;
    },
    buyer: () => operator.buyerDetail,
    request: () => operator.requestDetail,
    topUp: (topUp) => act('topUp', topUp),
    rotateKey: (keyId) => {
      const { ok, text } = act('rotateKey', keyId);
      return ok ? { ok, text, keyId: operator.newKeyId, secret: SECRET, masked: 'rk_8fK2…1111' } : { ok: false, text };
    },
    revokeKey: (keyId) => act('revokeKey', keyId),
    setBuyerDisabled: (buyerId, disabled) => act('setBuyerDisabled', buyerId, disabled),
  };
  return operator;
}
