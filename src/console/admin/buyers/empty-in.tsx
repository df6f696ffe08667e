import type { ReactNode } from 'react';
import { lasting } from '../../format.ts';

const SOON_MINUTES = 60;

/** Bold with a mark below an hour. */
export function EmptyIn({ minutes }: { readonly minutes: number | null }): ReactNode {
  return minutes !== null && minutes < SOON_MINUTES ? <strong className="number">! {lasting(minutes)}</strong> : <span className="number">{lasting(minutes)}</span>;
}
