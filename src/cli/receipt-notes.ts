/** What stands below the figures of a receipt: what its cache saved, its hold, and what is unusual about its charge. */
import type { ReceiptDocument } from '../metering/receipt.ts';
import { formatUsdc } from '../money.ts';
import type { PricedReceipt } from '../reports/receipt.ts';
import { paidBy } from '../reports/request-transfers.ts';

type Noted = Pick<PricedReceipt, 'entry' | 'document' | 'transfers'>;

export const usesCache = ({ parts }: ReceiptDocument): boolean => parts.some(({ tokens }) => tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h > 0);

/** Lines; three blanks divide the figures of one. */
export const receiptNotes = (receipt: Noted): string[] => [holdNote(receipt), ...warnings(receipt)];

const micros = (amount: number): string => formatUsdc(BigInt(amount), 6);

/** `caching saved 0.005200   held 0.034480   released 0.030280   ledger #88201` */
function holdNote({ entry, document, transfers }: Noted): string {
  const saved = document.cacheSavedUsdMicros ?? 0;
  const words = usesCache(document) ? [saved < 0 ? `caching cost ${micros(-saved)} more than it saved` : `caching saved ${micros(saved)}`] : [];
  if (entry.hold !== null) words.push(`held ${formatUsdc(entry.hold, 6)}`, `released ${formatUsdc(paidBy(transfers).released, 6)}`);
  return [...words, ...transfers.map(({ transferId }) => `ledger #${transferId}`)].join('   ');
}

function warnings({ entry, document }: Noted): string[] {
  const lines: string[] = [];
  if (document.cappedAtUsdMicros !== null) lines.push(`! The usage is ${entry.usageSource}; the charge was capped at ${micros(document.cappedAtUsdMicros)} USDC.`);
  else if (entry.usageSource === 'estimated' || entry.usageSource === 'recovered')
    lines.push(`! The upstream's final report never came: the usage is ${entry.usageSource}.`);
  const after = entry.detail?.outputTokensAfterDisconnect ?? 0;
  if (after > 0) lines.push(`${after} of the output tokens were made after the client had left.`);
  if (entry.shortfall > 0n) lines.push(`! ${formatUsdc(entry.shortfall, 6)} USDC of the charge was more than the balance held; it was not debited.`);
  return lines;
}
