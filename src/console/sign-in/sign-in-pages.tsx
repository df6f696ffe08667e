import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import type { Kind } from '../console-places.ts';
import { InvitePage } from './invite-page.tsx';
import { LoginPage } from './login-page.tsx';

export interface SignInPagesProps {
  readonly kind: Kind;
  /** What is behind the door. */
  readonly children: ReactNode;
}

/** `/login` and `/invite` of a console; every other address is what is behind them. */
export function SignInPages({ kind, children }: SignInPagesProps): ReactNode {
  return (
    <Switch>
      <Route path="/login">
        <LoginPage kind={kind} />
      </Route>
      <Route path="/invite">
        <InvitePage kind={kind} />
      </Route>
      <Route>{children}</Route>
    </Switch>
  );
}
