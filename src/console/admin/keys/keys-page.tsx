import type { ReactNode } from 'react';
import { Page } from '../../parts/page.tsx';
import { KeysPanel } from './keys-panel.tsx';

export function KeysPage(): ReactNode {
  return (
    <Page title="Keys" lead="A key’s id stays; its secret is shown once, then by its last four characters. New keys are made on the page of their buyer.">
      <KeysPanel />
    </Page>
  );
}
