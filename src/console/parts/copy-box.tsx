import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Check } from './fields.tsx';
import { Notice } from './notices.tsx';

const SHOWN_MS = 2_500;

export interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
  readonly small?: boolean;
  /** What is copied, for those who do not see what it stands beside. */
  readonly of?: string;
}

/** Copies, and says so. Where the browser refuses, the text can still be selected by hand, and the button says that. */
export function CopyButton({ text, label = 'Copy', small = true, of }: CopyButtonProps): ReactNode {
  const [said, setSaid] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (): Promise<void> => {
    setSaid(await navigator.clipboard.writeText(text).then(() => 'Copied', () => 'Select and copy by hand'));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(null), SHOWN_MS);
  };
  return (
    <Button small={small} onClick={() => void copy()} aria-label={said === null && of !== undefined ? `${label} ${of}` : undefined}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}

export interface CopyBoxProps {
  readonly text: string;
  readonly of?: string;
  /** Long values break instead of scrolling. */
  readonly wrap?: boolean;
}

export function CopyBox({ text, of, wrap = false }: CopyBoxProps): ReactNode {
  return (
    <div className={wrap ? 'copy-box copy-box-wrap' : 'copy-box'}>
      <pre tabIndex={0} aria-label={of}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} {...(of === undefined ? {} : { of })} />
    </div>
  );
}

export interface SecretBoxProps {
  readonly secret: string;
  /** What it is, as in `Copy the new key now`: `new key`. */
  readonly of: string;
  readonly note?: ReactNode;
  readonly onDone: () => void;
}

/** A new key, link or list of codes: shown once, and gone with this box. Done opens after the tick. */
export function SecretBox({ secret, of, note, onDone }: SecretBoxProps): ReactNode {
  const [stored, setStored] = useState(false);
  return (
    <div className="secret">
      <Notice tone="warning">Copy the {of} now. It is shown only once.</Notice>
      <CopyBox text={secret} of={of} wrap />
      {note !== undefined && <p className="muted">{note}</p>}
      <Check checked={stored} onChange={setStored}>
        I have stored it
      </Check>
      <div className="dialog-buttons">
        <Button look="primary" disabled={!stored} onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
