/** What was looked at, how it is, and what to do about it. Never holds a secret. */
export interface Finding {
  /** What was looked at: `config`, `disk`, `upstream anthropic` … */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'problem';
  /** One sentence without a full stop at its end. */
  readonly message: string;
  /** The next command, where it is no `ok`. */
  readonly next?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });
export const warning = (check: string, message: string, next?: string): Finding => ({ check, level: 'warning', message, ...(next === undefined ? {} : { next }) });
export const problem = (check: string, message: string, next?: string): Finding => ({ check, level: 'problem', message, ...(next === undefined ? {} : { next }) });

/** `1.5 GB`, `12.0 MB`, `640 kB`. */
export function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

/** `3 s`, `12 min`, `5 h`, `9 days`. */
export function spanText(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
