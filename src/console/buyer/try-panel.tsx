import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { TryBill } from '../../api/schemas/buyer.ts';
import type { RequestDetail } from '../../api/schemas/usage.ts';
import { ApiFailure } from '../api-client.ts';
import { Button } from '../parts/button.tsx';
import { TextArea } from '../parts/fields.tsx';
import { ErrorNote } from '../parts/notices.tsx';
import { Panel } from '../parts/page.tsx';
import { ReceiptView } from '../parts/receipt-view.tsx';
import { useItem } from '../queries.ts';
import { runTry } from './try-stream.ts';

export interface TryPanelProps {
  readonly route: string;
  readonly model: string;
  readonly disabled: boolean;
}

interface Trial {
  readonly text: string;
  readonly running: boolean;
  readonly bill: TryBill | null;
  readonly error: ApiFailure | null;
}
const NONE: Trial = { text: '', running: false, bill: null, error: null };

/** A real request over the chosen route, charged like any other; the answer appears as it comes, then its bill. */
export function TryPanel({ route, model, disabled }: TryPanelProps): ReactNode {
  const [prompt, setPrompt] = useState('In one sentence: why is the sea salty?');
  const [trial, setTrial] = useState<Trial | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const change = (more: (before: Trial) => Partial<Trial>): void => setTrial((before) => ({ ...(before ?? NONE), ...more(before ?? NONE) }));

  const start = async (): Promise<void> => {
    const stop = new AbortController();
    running.current = stop;
    setTrial({ ...NONE, running: true });
    try {
      await runTry({ route, model, prompt }, { text: (delta) => change(({ text }) => ({ text: text + delta })), bill: (bill) => change(() => ({ bill })) }, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) change(() => ({ error: error instanceof ApiFailure ? error : new ApiFailure({ status: 0, code: 'broken_off', message: 'The answer broke off. Its receipt is under Requests.' }) }));
    } finally {
      change(() => ({ running: false }));
    }
  };
  return (
    <Panel title="Try it" note="at most 0.02 USDC, from your balance">
      <form
        className="try"
        onSubmit={(event) => {
          event.preventDefault();
          if (trial?.running !== true) void start();
        }}
      >
        <TextArea label="Prompt" value={prompt} onChange={setPrompt} maxLength={2000} required rows={2} />
        <div className="button-row">
          <Button type="submit" look="primary" busy={trial?.running === true} disabled={disabled || prompt.trim() === ''}>
            Send to {model}
          </Button>
          {trial?.running === true && <Button onClick={() => running.current?.abort()}>Stop</Button>}
        </div>
      </form>
      {trial !== null && <TrialView trial={trial} />}
    </Panel>
  );
}

function TrialView({ trial }: { readonly trial: Trial }): ReactNode {
  return (
    <>
      {(trial.running || trial.text !== '') && (
        <div className="answer" aria-live="polite" aria-busy={trial.running}>
          {trial.text === '' ? '…' : trial.text}
        </div>
      )}
      <ErrorNote error={trial.error} />
      {trial.bill !== null && <Bill requestId={trial.bill.requestId} />}
    </>
  );
}

function Bill({ requestId }: { readonly requestId: string }): ReactNode {
  const detail = useItem<RequestDetail>(`/buyer/requests/${encodeURIComponent(requestId)}`);
  return (
    <>
      <ErrorNote error={detail.error} retry={detail.retry} />
      {detail.data !== undefined && <ReceiptView detail={detail.data} />}
      <p className="field-note">
        <Link href={`/requests/${requestId}`}>Open the receipt {requestId}</Link>
      </p>
    </>
  );
}
