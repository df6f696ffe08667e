/** One of a few, seen all at once. */
import { useRef, type KeyboardEvent, type ReactNode } from 'react';

export interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
}

export interface SwitchProps<V extends string> {
  readonly label: string;
  readonly choices: readonly Choice<V>[];
  readonly value: V;
  readonly onChange: (value: V) => void;
}

/** A row of buttons of which one is pressed: for windows and units. */
export function Switch<V extends string>({ label, choices, value, onChange }: SwitchProps<V>): ReactNode {
  return (
    <div className="switch" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button key={choice.value} type="button" aria-pressed={choice.value === value} onClick={() => onChange(choice.value)}>
          {choice.label}
        </button>
      ))}
    </div>
  );
}

export interface TabsProps<V extends string> extends SwitchProps<V> {
  /** What the chosen tab shows. */
  readonly children: ReactNode;
}

/** Tabs of one panel: arrows move between them. */
export function Tabs<V extends string>({ label, choices, value, onChange, children }: TabsProps<V>): ReactNode {
  const row = useRef<HTMLDivElement>(null);
  const id = `tabs-${label.replaceAll(/\W+/g, '-').toLowerCase()}`;
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = (choices.findIndex((choice) => choice.value === value) + step + choices.length) % choices.length;
    onChange((choices[at] as Choice<V>).value);
    (row.current?.children[at] as HTMLElement | undefined)?.focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={row} onKeyDown={move}>
        {choices.map((choice) => (
          <button key={choice.value} type="button" role="tab" id={`${id}-${choice.value}`} className="tab" aria-selected={choice.value === value} aria-controls={`${id}-panel`} tabIndex={choice.value === value ? 0 : -1} onClick={() => onChange(choice.value)}>
            {choice.label}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </>
  );
}
