import { useEffect, useId, useRef, type FormEvent, type ReactNode } from 'react';
import type { ApiFailure } from '../api-client.ts';
import { Button, type ButtonLook } from './button.tsx';
import { ErrorNote } from './notices.tsx';

export interface DialogProps {
  readonly title: string;
  /** Escape and the backdrop close it; left out: only the dialog's own buttons do. */
  readonly onClose?: (() => void) | undefined;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog of the browser's own. Shown as long as it is rendered. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose?.();
      }}
    >
      <div className="dialog-inner">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export interface FormDialogProps {
  readonly title: string;
  readonly submit: string;
  readonly look?: ButtonLook;
  readonly busy: boolean;
  readonly disabled?: boolean;
  readonly error: ApiFailure | null;
  readonly wide?: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog with a form: Cancel, and one button that does it. */
export function FormDialog({ title, submit, look = 'primary', busy, disabled = false, error, wide = false, onSubmit, onClose, children }: FormDialogProps): ReactNode {
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!busy && !disabled) onSubmit();
  };
  return (
    <Dialog title={title} wide={wide} onClose={busy ? undefined : onClose}>
      <form className="secret" onSubmit={send}>
        {children}
        <ErrorNote error={error} />
        <div className="dialog-buttons">
          <Button onClick={onClose} disabled={busy}>
            Cancel
          </Button>
          <Button type="submit" look={look} busy={busy} disabled={disabled}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Asks before what destroys or moves money. */
export type ConfirmDialogProps = FormDialogProps;
export const ConfirmDialog = FormDialog;
