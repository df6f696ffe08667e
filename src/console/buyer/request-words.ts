/** The states of a request for people. */
import type { Tone } from '../parts/notices.tsx';

const STATES: Readonly<Record<string, readonly [string, Tone]>> = {
  completed: ['completed', 'good'],
  running: ['running', 'wait'],
  refused: ['refused', 'off'],
  upstream_error: ['upstream error', 'bad'],
  client_left: ['client left', 'off'],
  interrupted: ['interrupted', 'bad'],
  failed: ['failed', 'bad'],
  recovered: ['recovered', 'plain'],
};
export const STATUSES = ['completed', 'refused', 'upstream_error', 'client_left', 'interrupted', 'failed', 'recovered'] as const;

export const stateWord = (status: string): string => STATES[status]?.[0] ?? status.replaceAll('_', ' ');
export const stateTone = (status: string): Tone => STATES[status]?.[1] ?? 'plain';
