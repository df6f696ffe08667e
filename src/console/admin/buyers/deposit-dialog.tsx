import { useState } from 'react';
import type { AdminBuyer, Deposited } from '../../../api/schemas/admin.ts';
import { jsonMicros } from '../../../money.ts';
import { Field } from '../../parts/fields.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useChange } from '../../queries.ts';
import { previewAmount, type AmountPreview } from './amount-preview.ts';
import { ChangeDialog } from '../change-dialog.tsx';
import { usdc } from '../../format.ts';

interface Props {
  readonly kind: 'topup' | 'adjust';
  readonly buyer: AdminBuyer;
  readonly onClose: () => void;
}

/** Moves money: the balance after it is shown while one types, and the button names the amount. */
export function DepositDialog({ kind, buyer, onClose }: Props) {
  const [text, setText] = useState('');
  const [reference, setReference] = useState('');
  const [reason, setReason] = useState('');
  const toast = useToast();
  const topUp = kind === 'topup';
  const change = useChange<Record<string, unknown>, Deposited>({ path: `/admin/buyers/${buyer.buyerId}/${topUp ? 'top-ups' : 'adjustments'}`, refresh: ['/admin/buyers', '/admin/ledger', '/admin/books', '/admin/audit'] });
  const preview = previewAmount({ text, kind, balanceUsdMicros: buyer.balance.balanceUsdMicros, availableUsdMicros: buyer.balance.availableUsdMicros });
  const submit = async (): Promise<void> => {
    if (preview.kind !== 'ready') return;
    const shared = { amountUsdMicros: jsonMicros(preview.amount), reference: reference.trim() === '' ? null : reference.trim() };
    const done = await change.run(topUp ? shared : { ...shared, reason: reason.trim() });
    onClose();
    toast(depositWords(done));
  };
  return (
    <ChangeDialog title={`${topUp ? 'Top up' : 'Adjust'} ${buyer.name}`} submit={submitWords(topUp, preview)} change={change} ready={preview.kind === 'ready' && (topUp || reason.trim() !== '')} onSubmit={submit} onClose={onClose}>
      <Field
        label="Amount, USDC"
        note={topUp ? 'Up to six decimals, such as 100 or 12.50.' : 'Up to six decimals; with a minus to take money back, such as -2.50.'}
        error={preview.kind === 'wrong' ? preview.reason : null}
        value={text}
        onChange={setText}
        inputMode="decimal"
        autoComplete="off"
        required
      />
      {topUp ? null : <Field label="Reason" note="The buyer reads it on its statement." value={reason} onChange={setReason} maxLength={200} required />}
      <Field label="Reference" note="Optional, such as a transaction’s hash. The same reference is applied once only." value={reference} onChange={setReference} maxLength={200} />
      <BalancePreview preview={preview} />
    </ChangeDialog>
  );
}

function BalancePreview({ preview }: { readonly preview: AmountPreview }) {
  return (
    <div className="balance-preview" aria-live="polite">
      <span className="figure-label">Balance</span>
      <span className="figure-value">{preview.kind === 'ready' ? preview.words : '—'}</span>
      {preview.kind === 'ready' && preview.belowZero ? <strong>! This is more than is available; the ledger refuses it.</strong> : null}
    </div>
  );
}

function submitWords(topUp: boolean, preview: AmountPreview): string {
  const verb = topUp ? 'Top up' : 'Adjust by';
  return preview.kind === 'ready' ? `${verb} ${usdc(jsonMicros(preview.amount), preview.amount % 10_000n === 0n ? 2 : 6)} USDC` : topUp ? 'Top up' : 'Adjust';
}

function depositWords(done: Deposited): string {
  if (!done.applied) return `This reference was applied before: nothing was changed. Balance ${usdc(done.balanceUsdMicros)}.`;
  return `${done.name}: balance ${usdc(done.balanceBeforeUsdMicros)} → ${usdc(done.balanceUsdMicros)}, ledger #${done.transferId}.`;
}
