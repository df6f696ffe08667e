import { useState, type ReactNode } from 'react';
import { Field } from '../parts/fields.tsx';
import { FormDialog } from '../parts/dialog.tsx';
import { useToast } from '../parts/toast.tsx';
import { useChange } from '../queries.ts';
import type { Kind } from '../console-places.ts';
import { PASSWORD_MIN, passwordProblem } from './password-rules.ts';

export interface SecurityDialogProps {
  readonly kind: Kind;
  readonly onClose: () => void;
}

export function PasswordDialog({ kind, onClose }: SecurityDialogProps): ReactNode {
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const toast = useToast();
  const change = useChange<{ currentPassword: string; newPassword: string }, unknown>({ path: `/${kind}/password`, refresh: [`/${kind}/security`, `/${kind}/sessions`] });
  const problem = passwordProblem(newPassword);
  const submit = (): void =>
    void change.run({ currentPassword, newPassword }).then(
      () => {
        toast('Password changed. Your other sessions have ended.');
        onClose();
      },
      () => {},
    );
  return (
    <FormDialog title="Change password" submit="Change password" busy={change.running} error={change.error} disabled={currentPassword === '' || newPassword === '' || problem !== null} onSubmit={submit} onClose={onClose}>
      <Field label="Current password" type="password" value={currentPassword} onChange={setCurrent} required autoComplete="current-password" />
      <Field label="New password" type="password" value={newPassword} onChange={setNew} required autoComplete="new-password" note={`At least ${PASSWORD_MIN} characters, and hard to guess.`} error={newPassword === '' ? null : problem} />
    </FormDialog>
  );
}
