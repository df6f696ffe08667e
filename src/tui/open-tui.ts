/** The live view on a terminal, from its first frame until it is left. */
import { randomBytes } from 'node:crypto';
import { render } from 'ink';
import { createElement } from 'react';
import { App } from './app.ts';
import type { Operator } from './operator.ts';
import { createSession } from './session.ts';
import type { Style } from './style.ts';
import { followProcess } from './follow-process.ts';
import type { ViewState } from './view-state.ts';

export interface OpenTuiOptions {
  readonly operator: Operator;
  /** Both terminals. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly initial: ViewState;
  readonly style: Style;
}

/**
 * Resolves when the operator has left and the terminal is as it was before; rejects, then too, with what went wrong
 * inside. A signal that ends it (SIGTERM, SIGHUP, SIGINT) resolves it, and is raised again when the process has ended in
 * order, so that a parent sees what ended it.
 */
export async function openTui({ operator, stdin, stdout, initial, style }: OpenTuiOptions): Promise<void> {
  const session = createSession({ operator, initial, now: Date.now, random: () => randomBytes(9).toString('base64url') });
  const process = followProcess({
    onEnd: () => ink.unmount(),
    onStop: () => session.dispatch({ kind: 'key', key: 'ctrl-z' }),
    onContinue: () => session.dispatch({ kind: 'key', key: 'ctrl-l' }),
  });
  const ink = render(createElement(App, { session, style, pause: process.pause }), {
    stdin,
    stdout,
    exitOnCtrlC: false,
    alternateScreen: true,
    incrementalRendering: false,
    // Also where CI is set: it was asked for on a terminal.
    interactive: true,
  });
  // A terminal that is gone says so by one of the two.
  const leave = (): void => ink.unmount();
  stdin.once('end', leave).once('error', leave);
  try {
    await ink.waitUntilExit();
    if (process.failure() !== null) throw process.failure();
  } finally {
    stdin.off('end', leave).off('error', leave);
    process.unfollow();
  }
}
