import { useEffect, useState, type ReactNode } from 'react';
import { Field } from '../parts/fields.tsx';

export interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  /** Called when one is done typing: by Enter, or on leaving the field. */
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** What a value must look like; what does not is told and not asked for. */
  readonly pattern?: RegExp;
  readonly wrong?: string;
}

/** A filter that is typed: each letter would be a question of its own otherwise. */
export function FilterField({ label, value, onChange, placeholder, pattern, wrong }: FilterFieldProps): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const typed = text.trim();
  const fits = typed === '' || pattern === undefined || pattern.test(typed);
  const done = (): void => {
    if (fits && typed !== value) onChange(typed);
  };
  return <Field label={label} value={text} onChange={setText} onBlur={done} onKeyDown={(event) => event.key === 'Enter' && done()} error={fits ? null : (wrong ?? 'Not of this form.')} placeholder={placeholder} autoComplete="off" spellCheck={false} />;
}
