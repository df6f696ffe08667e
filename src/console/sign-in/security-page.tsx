import { useState, type ReactNode } from 'react';
import type { Security } from '../../api/schemas/sign-in.ts';
import { Button } from '../parts/button.tsx';
import { Facts, Time } from '../parts/figures.tsx';
import { ErrorNote, StatusDot } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { useItem } from '../queries.ts';
import type { Kind } from '../console-places.ts';
import { PasskeysPanel } from './passkeys-panel.tsx';
import { PasswordDialog } from './password-dialog.tsx';
import { SessionsPanel } from './sessions-panel.tsx';
import { AuthenticatorDialog, RecoveryCodesDialog, RemoveAuthenticatorDialog } from './authenticator-dialogs.tsx';

type Opened = 'password' | 'authenticator' | 'remove' | 'codes' | null;

/** Password, second factors, passkeys and sessions: the same for buyers and admins. */
export function SecurityPage({ kind }: { readonly kind: Kind }): ReactNode {
  const security = useItem<Security>(`/${kind}/security`);
  const [opened, setOpened] = useState<Opened>(null);
  const close = (): void => setOpened(null);
  const data = security.data;
  return (
    <Page title="Security" lead="How you sign in, and where you are signed in.">
      <ErrorNote error={security.error} retry={security.retry} />
      <div className="columns-2">
        <Panel title="Password" actions={<Button small onClick={() => setOpened('password')}>Change password</Button>}>
          <Facts facts={[['Last changed', <Time key="at" at={data?.passwordChangedAt} precision="minute" />]]} />
          <p className="muted">A change ends all your sessions except the one you are in.</p>
        </Panel>
        <Panel title="Authenticator app" actions={<AuthenticatorButtons security={data} open={setOpened} />}>
          <Facts
            facts={[
              ['State', data === undefined ? '—' : <StatusDot key="state" tone={data.totp ? 'good' : 'off'}>{data.totp ? 'on' : 'off'}</StatusDot>],
              ['Recovery codes left', data === undefined || !data.totp ? '—' : String(data.recoveryCodesLeft)],
            ]}
          />
          <p className="muted">{data?.totp === true ? 'Signing in with your password also asks for a code.' : 'A code from your phone beside the password keeps others out who learned the password.'}</p>
        </Panel>
      </div>
      <PasskeysPanel kind={kind} security={data} />
      <SessionsPanel kind={kind} />
      {opened === 'password' && <PasswordDialog kind={kind} onClose={close} />}
      {opened === 'authenticator' && <AuthenticatorDialog kind={kind} onClose={close} />}
      {opened === 'remove' && <RemoveAuthenticatorDialog kind={kind} onClose={close} />}
      {opened === 'codes' && <RecoveryCodesDialog kind={kind} onClose={close} />}
    </Page>
  );
}

interface ButtonsProps {
  readonly security: Security | undefined;
  readonly open: (opened: Opened) => void;
}

function AuthenticatorButtons({ security, open }: ButtonsProps): ReactNode {
  if (security === undefined) return null;
  if (!security.totp)
    return (
      <Button small onClick={() => open('authenticator')}>
        Set up
      </Button>
    );
  return (
    <div className="button-row">
      <Button small onClick={() => open('codes')}>
        New recovery codes
      </Button>
      <Button small look="danger" onClick={() => open('remove')}>
        Remove
      </Button>
    </div>
  );
}
