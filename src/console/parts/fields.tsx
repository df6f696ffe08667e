import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react';

interface Labelled {
  readonly label: string;
  readonly note?: ReactNode;
  /** What is wrong with the value, in words. */
  readonly error?: string | null | undefined;
}

interface FrameProps extends Labelled {
  readonly id: string;
  readonly children: ReactNode;
}

function FieldFrame({ id, label, note, error, children }: FrameProps): ReactNode {
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children}
      {note !== undefined && <div className="field-note" id={`${id}-note`}>{note}</div>}
      {error !== null && error !== undefined && <div className="field-error" id={`${id}-error`} role="alert">{error}</div>}
    </div>
  );
}

function described(id: string, { note, error }: Labelled): { 'aria-describedby': string | undefined; 'aria-invalid': true | undefined } {
  const wrong = error !== null && error !== undefined;
  const ids = [note === undefined ? '' : `${id}-note`, wrong ? `${id}-error` : ''].filter(Boolean).join(' ');
  return { 'aria-describedby': ids === '' ? undefined : ids, 'aria-invalid': wrong || undefined };
}

export interface FieldProps extends Labelled, Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'className'> {
  readonly onChange: (value: string) => void;
  /** A code of digits: larger, spaced. */
  readonly code?: boolean;
}

/** A line of text with its label. */
export function Field({ label, note, error, onChange, code = false, ...rest }: FieldProps): ReactNode {
  const id = useId();
  const labelled = { label, note, error };
  return (
    <FieldFrame id={id} {...labelled}>
      <input id={id} className={code ? 'input input-code' : 'input'} {...described(id, labelled)} {...rest} onChange={(event) => onChange(event.target.value)} />
    </FieldFrame>
  );
}

export interface TextAreaProps extends Labelled, Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'className'> {
  readonly onChange: (value: string) => void;
}

export function TextArea({ label, note, error, onChange, ...rest }: TextAreaProps): ReactNode {
  const id = useId();
  const labelled = { label, note, error };
  return (
    <FieldFrame id={id} {...labelled}>
      <textarea id={id} className="input" {...described(id, labelled)} {...rest} onChange={(event) => onChange(event.target.value)} />
    </FieldFrame>
  );
}

export interface SelectProps extends Labelled, Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'className' | 'children'> {
  readonly onChange: (value: string) => void;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function Select({ label, note, error, onChange, options, ...rest }: SelectProps): ReactNode {
  const id = useId();
  const labelled = { label, note, error };
  return (
    <FieldFrame id={id} {...labelled}>
      <select id={id} className="input" {...described(id, labelled)} {...rest} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

export interface CheckProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
}

export function Check({ checked, onChange, children }: CheckProps): ReactNode {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{children}</span>
    </label>
  );
}
