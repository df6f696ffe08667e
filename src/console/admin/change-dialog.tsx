import type { ReactNode } from 'react';
import { FormDialog } from '../parts/dialog.tsx';
import type { Change } from '../queries.ts';

export interface ChangeDialogProps {
  readonly title: string;
  readonly submit: string;
  readonly change: Pick<Change<never, unknown>, 'running' | 'error'>;
  /** Whether what is typed can be sent. */
  readonly ready: boolean;
  readonly danger?: boolean;
  readonly wide?: boolean;
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog around one change: it stays open with the words of a refusal, so that nothing typed is lost. */
export function ChangeDialog({ title, submit, change, ready, danger = false, wide = false, onSubmit, onClose, children }: ChangeDialogProps): ReactNode {
  // A refusal rejects, and is shown from `change.error`.
  const send = (): void => void onSubmit().catch(() => undefined);
  return (
    <FormDialog title={title} submit={submit} look={danger ? 'danger' : 'primary'} wide={wide} busy={change.running} error={change.error} disabled={!ready} onSubmit={send} onClose={onClose}>
      {children}
    </FormDialog>
  );
}
