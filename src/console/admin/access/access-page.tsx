import type { ReactNode } from 'react';
import { Page } from '../../parts/page.tsx';
import { AdminsPanel } from './admins-panel.tsx';
import { TokensPanel } from './tokens-panel.tsx';

export function AccessPage(): ReactNode {
  return (
    <Page title="Access" lead="People sign in with a password and second factors of their own. Programs use a token, which can do all that an admin can except sign in here.">
      <AdminsPanel />
      <TokensPanel />
    </Page>
  );
}
