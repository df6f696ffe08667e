import type { ReactNode } from 'react';
import { Page } from '../../parts/page.tsx';
import { BooksPanel } from './books-panel.tsx';
import { TransfersPanel } from './transfers-panel.tsx';
import { VerifyPanel } from './verify-panel.tsx';

export function LedgerPage(): ReactNode {
  return (
    <Page title="Ledger" lead="Every movement of money, as double entries. Nothing here is ever changed or removed.">
      <div className="columns-2">
        <BooksPanel />
        <VerifyPanel />
      </div>
      <TransfersPanel />
    </Page>
  );
}
