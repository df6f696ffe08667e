import { formatUsdc, type MicroUsdc, micro, parseUsdc } from '../../../money.ts';

export type AmountPreview =
  | { readonly kind: 'empty' }
  | { readonly kind: 'wrong'; readonly reason: string }
  /** `words`: what the balance becomes, such as `112.40 → 212.40`. */
  | { readonly kind: 'ready'; readonly amount: MicroUsdc; readonly words: string; readonly belowZero: boolean };

export interface DepositDraft {
  /** As typed: decimal USDC. */
  readonly text: string;
  readonly kind: 'topup' | 'adjust';
  readonly balanceUsdMicros: number;
  readonly availableUsdMicros: number;
}

/** What a typed amount would do to a balance. A top-up is above zero; an adjustment has a sign and is not zero. */
export function previewAmount({ text, kind, balanceUsdMicros, availableUsdMicros }: DepositDraft): AmountPreview {
  if (text.trim() === '') return { kind: 'empty' };
  const parsed = parseUsdc(text);
  if (!parsed.ok) return { kind: 'wrong', reason: parsed.reason };
  if (parsed.amount === 0n) return { kind: 'wrong', reason: 'An amount of zero would change nothing.' };
  if (kind === 'topup' && parsed.amount < 0n) return { kind: 'wrong', reason: 'A top-up is above zero. To take money back, use Adjust.' };
  const before = micro(balanceUsdMicros);
  const after = micro(before + parsed.amount);
  return { kind: 'ready', amount: parsed.amount, words: arrow(before, after), belowZero: micro(availableUsdMicros) + parsed.amount < 0n };
}

/** Two decimals as everywhere for balances; six on both sides when a change below a cent would not show. */
function arrow(before: MicroUsdc, after: MicroUsdc): string {
  const exact = before % 10_000n !== 0n || after % 10_000n !== 0n;
  const decimals = exact && formatUsdc(before, 2) === formatUsdc(after, 2) ? 6 : 2;
  return `${formatUsdc(before, decimals, true)} → ${formatUsdc(after, decimals, true)}`;
}
