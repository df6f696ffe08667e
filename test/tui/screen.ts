/** The view in Ink, on a terminal that is a pair of plain objects: of any size, which can change. */
import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { createElement } from 'react';
import { expect, vi } from 'vitest';
import { App } from '../../src/tui/app.ts';
import { initialState } from '../../src/tui/initial-state.ts';
import { createSession } from '../../src/tui/session.ts';
import { createStyle } from '../../src/tui/style.ts';
import type { View, ViewState } from '../../src/tui/view-state.ts';
import type { FakeOperator } from './fake-operator.ts';

/** Ink's `render` takes any streams. That of ink-testing-library has 100 columns for ever and no rows. */
class FakeStdout extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  readonly written: string[] = [];

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string, done?: () => void): boolean {
    if (text !== '') this.written.push(text);
    if (typeof done === 'function') done();
    return true;
  }
}

class FakeStdin extends EventEmitter {
  readonly isTTY = true;
  raw = false;
  #waiting: string | null = null;

  type(text: string): void {
    this.#waiting = text;
    this.emit('readable');
  }
  read(): string | null {
    const text = this.#waiting;
    this.#waiting = null;
    return text;
  }
  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  setEncoding(): void {}
  ref(): void {}
  unref(): void {}
}

export interface ScreenOptions {
  readonly operator: FakeOperator;
  readonly view?: View;
  readonly columns?: number;
  readonly rows?: number;
  readonly intervalMs?: number;
}

export interface Screen {
  /** The last frame. */
  text(): string;
  /** How many frames were drawn. */
  frames(): number;
  /** All that was written to the terminal. */
  written(): string;
  state(): ViewState;
  /** As the terminal sends it, one piece after the other: characters and escape sequences. */
  type(...pieces: string[]): Promise<void>;
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves when the last frame has this; rejects with the frame when it does not come. */
  shows(wanted: string | RegExp): Promise<void>;
  hasNot(unwanted: string | RegExp): Promise<void>;
  /** Resolves when the view was left. */
  readonly left: Promise<unknown>;
  /** How often the process was to be stopped, by Ctrl-Z. */
  pauses(): number;
  close(): void;
}

export const ENTER = '\r';
export const ESCAPE = '\u001b';
export const DOWN = '\u001b[B';

const FRAME_WITHIN_MS = 5_000;

export function openScreen({ operator, view = 'overview', columns = 100, rows = 30, intervalMs = 200 }: ScreenOptions): Screen {
  const stdout = new FakeStdout(columns, rows);
  const stdin = new FakeStdin();
  let [serial, pauses] = [0, 0];
  const session = createSession({ operator, initial: initialState({ view, intervalMs }), now: Date.now, random: () => String(++serial) });
  const pause = async (): Promise<void> => void pauses++;
  const ink = render(createElement(App, { session, style: createStyle({ colourLevel: 0, unicode: true }), pause }), {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    debug: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const frames = (): string[] => stdout.written.filter((text) => !text.startsWith('\u001b') && text !== '\n');
  const text = (): string => frames().at(-1) ?? '';
  const found = (wanted: string | RegExp): boolean => (typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text()));
  const until = (wanted: string | RegExp, there: boolean): Promise<void> =>
    vi.waitFor(
      () => {
        if (found(wanted) !== there) throw new Error(`${there ? 'never' : 'always'} on the screen: ${String(wanted)}\n${text()}`);
      },
      { timeout: FRAME_WITHIN_MS, interval: 5 },
    );
  return {
    text,
    frames: () => frames().length,
    written: () => stdout.written.join(''),
    state: () => session.state(),
    type: async (...pieces) => {
      for (const piece of pieces) {
        stdin.type(piece);
        // A lone Escape is taken for one when nothing follows it within 20 ms.
        if (piece === ESCAPE) await new Promise((resolve) => setTimeout(resolve, 40));
      }
    },
    paste: (pasted) => stdin.type(`\u001b[200~${pasted}\u001b[201~`),
    resize: (wide, high) => {
      Object.assign(stdout, { columns: wide, rows: high });
      stdout.emit('resize');
    },
    shows: (wanted) => until(wanted, true),
    hasNot: (unwanted) => until(unwanted, false),
    left: ink.waitUntilExit(),
    pauses: () => pauses,
    close: () => ink.unmount(),
  };
}

/** Open, and past its first reading of the busy snapshot: its clock is on the screen. */
export async function openReadScreen(options: ScreenOptions): Promise<Screen> {
  const screen = openScreen(options);
  await vi.waitFor(() => expect(options.operator.reads()).toBeGreaterThan(0));
  await screen.shows(/12:04:17|12:04 UTC/);
  return screen;
}
