/** Figures in a line of text, a cell or a panel. */
import type { ReactNode } from 'react';
import { lasting, timeLocal, timeUtc, tokens, usdc, type TimePrecision } from '../format.ts';

export interface UsdcProps {
  readonly micros: number | null | undefined;
  /** 2 for balances, 4 for rates, 6 on receipts. */
  readonly digits?: 0 | 2 | 4 | 6;
  /** Leave the unit out where a column's head says it. */
  readonly unit?: boolean;
}

export function Usdc({ micros, digits = 2, unit = true }: UsdcProps): ReactNode {
  const known = micros !== null && micros !== undefined;
  return (
    <span className="number" title={known ? `${usdc(micros, 6)} USDC` : undefined}>
      {usdc(micros, digits)}
      {unit && known && <span className="unit"> USDC</span>}
    </span>
  );
}

export function Tokens({ count }: { readonly count: number | null | undefined }): ReactNode {
  return <span className="number">{tokens(count)}</span>;
}

/** A moment in UTC, with the reader's own time in the tooltip. */
export function Time({ at, precision = 'second' }: { readonly at: string | null | undefined; readonly precision?: TimePrecision }): ReactNode {
  if (at === null || at === undefined) return <span className="number">{timeUtc(at)}</span>;
  return (
    <time className="number" dateTime={at} title={timeLocal(at)}>
      {timeUtc(at, precision)}
    </time>
  );
}

export function Lasting({ minutes }: { readonly minutes: number | null | undefined }): ReactNode {
  return <span className="number">{lasting(minutes)}</span>;
}

export interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
  readonly large?: boolean;
  /** The value is words, not a figure. */
  readonly words?: boolean;
}

/** A figure with its name above and what belongs to it below; put several into `<Figures>`. */
export function Figure({ label, value, note, large = false, words = false }: FigureProps): ReactNode {
  return (
    <div className={large ? 'figure figure-large' : words ? 'figure figure-words' : 'figure'}>
      <dt className="figure-label">{label}</dt>
      <dd className="figure-value">{value}</dd>
      {note !== undefined && <dd className="figure-note">{note}</dd>}
    </div>
  );
}

export function Figures({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="figures">{children}</dl>;
}

/** Facts as a list of names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
