import { useState } from 'react';
import { ApiFailure } from '../api-client.ts';

export interface Attempt {
  readonly running: boolean;
  readonly error: ApiFailure | null;
  /** One at a time; a failure is kept for the page to show. */
  readonly run: (work: () => Promise<void>) => void;
  readonly clear: () => void;
}

export function useAttempt(): Attempt {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const run = (work: () => Promise<void>): void => {
    if (running) return;
    setRunning(true);
    setError(null);
    work()
      .catch((reason: unknown) => setError(asFailure(reason)))
      .finally(() => setRunning(false));
  };
  return { running, error, run, clear: () => setError(null) };
}

function asFailure(reason: unknown): ApiFailure {
  if (reason instanceof ApiFailure) return reason;
  // What browsers say when a passkey's dialog was closed or timed out.
  if (reason instanceof Error && (reason.name === 'NotAllowedError' || reason.name === 'AbortError'))
    return new ApiFailure({ status: 0, code: 'passkey_not_used', message: 'The passkey was not used: the dialog was closed or timed out. Try again, or use your password.' });
  return new ApiFailure({ status: 0, code: 'page_error', message: reason instanceof Error ? reason.message : String(reason) });
}
