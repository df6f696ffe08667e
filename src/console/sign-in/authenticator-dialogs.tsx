import { useState, type ReactNode } from 'react';
import type { RecoveryCodes, TotpSecret } from '../../api/schemas/sign-in.ts';
import { CopyBox, SecretBox } from '../parts/copy-box.tsx';
import { Dialog, FormDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/fields.tsx';
import { QrCode } from '../parts/qr-code.tsx';
import { useToast } from '../parts/toast.tsx';
import { useChange } from '../queries.ts';
import type { Kind } from '../console-places.ts';
import type { SecurityDialogProps } from './password-dialog.tsx';

interface WithPassword {
  readonly password: string;
}
const refreshed = (kind: Kind): string[] => [`/${kind}/security`, `/${kind}/me`];
/** The failure is shown by the dialog itself. */
const shown = (): void => {};

/** Password, then the code to scan and a first code, then the recovery codes. */
export function AuthenticatorDialog({ kind, onClose }: SecurityDialogProps): ReactNode {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [secret, setSecret] = useState<TotpSecret | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const begin = useChange<WithPassword, TotpSecret>({ path: `/${kind}/totp` });
  const confirm = useChange<{ code: string }, RecoveryCodes>({ path: `/${kind}/totp/confirm`, refresh: refreshed(kind) });
  if (codes !== null) return <CodesDialog codes={codes} onDone={onClose} />;
  if (secret === null)
    return (
      <FormDialog title="Set up an authenticator app" submit="Continue" busy={begin.running} error={begin.error} disabled={password === ''} onClose={onClose} onSubmit={() => void begin.run({ password }).then(setSecret, shown)}>
        <Field label="Your password" type="password" value={password} onChange={setPassword} required autoFocus autoComplete="current-password" />
      </FormDialog>
    );
  return (
    <FormDialog title="Scan, then enter the first code" submit="Turn on" busy={confirm.running} error={confirm.error} disabled={code === ''} onClose={onClose} onSubmit={() => void confirm.run({ code: code.replaceAll(/\s/g, '') }).then(({ recoveryCodes }) => setCodes(recoveryCodes), shown)}>
      <div className="qr-row">
        <QrCode text={secret.uri} label="QR code that adds this account to an authenticator app" />
        <div className="qr-words">
          <p>Scan this with your authenticator app. Without a camera, enter the key by hand:</p>
          <CopyBox text={secret.secret} of="key of the authenticator" wrap />
        </div>
      </div>
      <Field label="Code from the app" code value={code} onChange={setCode} required autoFocus autoComplete="one-time-code" inputMode="numeric" maxLength={7} />
    </FormDialog>
  );
}

function CodesDialog({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }): ReactNode {
  return (
    <Dialog title="Your recovery codes">
      <p>Each code works once in place of the app, when your phone is lost. Older codes no longer work.</p>
      <SecretBox secret={codes.join('\n')} of="recovery codes" onDone={onDone} />
    </Dialog>
  );
}

export function RecoveryCodesDialog({ kind, onClose }: SecurityDialogProps): ReactNode {
  const [password, setPassword] = useState('');
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const renew = useChange<WithPassword, RecoveryCodes>({ path: `/${kind}/recovery-codes`, refresh: refreshed(kind) });
  if (codes !== null) return <CodesDialog codes={codes} onDone={onClose} />;
  return (
    <FormDialog title="New recovery codes" submit="Make new codes" busy={renew.running} error={renew.error} disabled={password === ''} onClose={onClose} onSubmit={() => void renew.run({ password }).then(({ recoveryCodes }) => setCodes(recoveryCodes), shown)}>
      <p>The codes you have now stop working.</p>
      <Field label="Your password" type="password" value={password} onChange={setPassword} required autoFocus autoComplete="current-password" />
    </FormDialog>
  );
}

export function RemoveAuthenticatorDialog({ kind, onClose }: SecurityDialogProps): ReactNode {
  const [password, setPassword] = useState('');
  const toast = useToast();
  const remove = useChange<WithPassword, unknown>({ path: `/${kind}/totp/remove`, refresh: refreshed(kind) });
  const done = (): void => {
    toast('Authenticator removed. Your password alone signs you in.');
    onClose();
  };
  return (
    <FormDialog title="Remove the authenticator?" submit="Remove" look="danger" busy={remove.running} error={remove.error} disabled={password === ''} onClose={onClose} onSubmit={() => void remove.run({ password }).then(done, shown)}>
      <p>Your password alone will sign you in. The recovery codes go too.</p>
      <Field label="Your password" type="password" value={password} onChange={setPassword} required autoFocus autoComplete="current-password" />
    </FormDialog>
  );
}
