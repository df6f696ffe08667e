/** The thread's side of the bridge as a whole: follows what the main thread says, answers with an application. */
import type { MessagePort } from 'node:worker_threads';
import type { LogLevel } from '../errors.ts';
import type { Log, LogFields } from '../log.ts';
import { RequestAnswers, type Post } from './answer-requests.ts';
import type { ApiApp } from './api-app.ts';
import type { ApiPlan } from './api-plan.ts';
import type { ToApiWorker } from './bridge-messages.ts';
import type { EventStreams } from './event-streams.ts';

export interface ServedApp {
  readonly app: ApiApp;
  readonly streams: EventStreams;
  readonly onPlan: (plan: ApiPlan) => void;
  readonly onStop: () => void;
}

const poster =
  (port: MessagePort): Post =>
  (message, transfer = []) =>
    port.postMessage(message, [...transfer]);

/** What is said to it reaches the main thread's log. */
export function bridgedLog(port: MessagePort): Log {
  const post = poster(port);
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void =>
      post({ kind: 'log', level, event, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function serveBridge(port: MessagePort, { app, streams, onPlan, onStop }: ServedApp): void {
  const answers = new RequestAnswers(app, poster(port));
  port.on('message', (message: ToApiWorker) => {
    switch (message.kind) {
      case 'request':
        return answers.start(message);
      case 'sent':
        return answers.sent(message.id, message.bytes);
      case 'left':
        return answers.left(message.id);
      case 'plan':
        return onPlan(message.plan);
      case 'endStreams':
        return streams.endAll();
      case 'stop':
        return onStop();
    }
  });
}
