import { useState, type ReactNode } from 'react';
import type { CreatedInvite } from '../../../api/schemas/admin.ts';
import { timeUtc } from '../../format.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { SecretBox } from '../../parts/copy-box.tsx';
import { Check } from '../../parts/fields.tsx';
import { Notice } from '../../parts/notices.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export interface InviteDialogProps {
  readonly name: string;
  readonly path: string;
  /** What the invitation's body has besides `reset`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** It has a password already: what is offered is to replace it. */
  readonly active: boolean;
  readonly refresh: readonly string[];
  readonly onClose: () => void;
}

/** Makes a one-time link for somebody to set a password with, and shows it once. */
export function InviteDialog({ name, path, body, active, refresh, onClose }: InviteDialogProps): ReactNode {
  const [sure, setSure] = useState(false);
  const [made, setMade] = useState<CreatedInvite | null>(null);
  const invite = useChange<Record<string, unknown>, CreatedInvite>({ path, refresh: [...refresh, '/admin/audit'] });
  if (made !== null) return <InviteLink invite={made} onDone={onClose} />;
  const submit = async (): Promise<void> => setMade(await invite.run({ ...body, reset: active }));
  return (
    <ChangeDialog title={active ? `Reset the sign-in of ${name}?` : `Invite ${name}`} submit={active ? 'Reset and make a link' : 'Make a link'} danger={active} change={invite} ready={!active || sure} onSubmit={submit} onClose={onClose}>
      {active ? (
        <>
          <p>The old password and the second factors stop working now, and all sessions end. Whoever opens the new link sets a new password. API keys are not touched.</p>
          <Check checked={sure} onChange={setSure}>
            I know who will get the link
          </Check>
        </>
      ) : (
        <p>The link lets its holder set a password, once. An earlier link stops working. Send it over a channel that you trust.</p>
      )}
    </ChangeDialog>
  );
}

/** The link itself; null when this very request was answered before. */
export function InviteLink({ invite, onDone }: { readonly invite: CreatedInvite; readonly onDone: () => void }): ReactNode {
  return (
    <Dialog title={`Invitation for “${invite.name}”`}>
      {invite.url === null ? (
        <Notice tone="warning">This link was made before and is not shown again. Invite again to get a new one.</Notice>
      ) : (
        <SecretBox secret={invite.url} of="link" note={`It works once, until ${timeUtc(invite.expiresAt, 'minute')}.`} onDone={onDone} />
      )}
    </Dialog>
  );
}
