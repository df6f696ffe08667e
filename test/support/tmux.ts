/** A real terminal: a shell in a tmux server of the test's own, whose keys are sent and whose screen is read. */
import { execFileSync, spawnSync } from 'node:child_process';

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

export interface TmuxOptions {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface TmuxShell {
  /** Keys by tmux's names, e.g. `Enter`, `Escape`, `C-c`, or characters. */
  press(...keys: string[]): void;
  /** Text as it is. */
  type(text: string): void;
  /** The screen as text, without blanks at the ends of its lines. */
  screen(): string;
  /** The same and all that has scrolled off it. */
  everything(): string;
  /** The screen with its colours, as escape codes. */
  colours(): string;
  /** Resolves with the screen when it has this; rejects with the screen when it does not come. */
  until(wanted: string | RegExp): Promise<string>;
  untilNot(unwanted: string | RegExp): Promise<string>;
  resize(columns: number, rows: number): void;
  /** From now on all that is written to the terminal goes to this file too, as it is. */
  record(file: string): void;
  /** A tmux format, e.g. `#{cursor_flag}`. */
  ask(format: string): string;
  kill(): void;
}

export const PROMPT = 'prompt>';
const CONTENT_WITHIN_MS = 15_000;
const POLL_MS = 25;
let servers = 0;

export async function startTmux({ columns, rows, cwd, env }: TmuxOptions): Promise<TmuxShell> {
  const server = `ainogap-test-${process.pid}-${++servers}`;
  const tmux = (...args: string[]): string => execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...args], { encoding: 'utf8', cwd, env: { ...env, TERM: 'xterm-256color' } });
  // Escape is passed on at once, as a terminal does.
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh', ';', 'set', '-g', 'escape-time', '0');
  const kill = (): void => void spawnSync('tmux', ['-L', server, 'kill-server']);
  process.once('exit', kill);
  const screen = (): string => tmux('capture-pane', '-p');
  const waiting = async (wanted: string | RegExp, there: boolean): Promise<string> => {
    const end = performance.now() + CONTENT_WITHIN_MS;
    for (;;) {
      const text = screen();
      if ((typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) === there) return text;
      if (performance.now() > end) throw new Error(`${there ? 'never' : 'always'} on the screen: ${String(wanted)}\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const shell: TmuxShell = {
    press: (...keys) => void tmux('send-keys', ...keys),
    type: (text) => void tmux('send-keys', '-l', text),
    screen,
    everything: () => tmux('capture-pane', '-p', '-S', '-'),
    colours: () => tmux('capture-pane', '-p', '-e'),
    until: (wanted) => waiting(wanted, true),
    untilNot: (unwanted) => waiting(unwanted, false),
    resize: (wide, high) => void tmux('resize-window', '-x', String(wide), '-y', String(high)),
    record: (file) => void tmux('pipe-pane', '-O', `cat > '${file}'`),
    ask: (format) => tmux('display-message', '-p', format).trim(),
    kill: () => {
      kill();
      process.off('exit', kill);
    },
  };
  try {
    // Not every sh takes its prompt from the environment.
    shell.type(`PS1='${PROMPT}'; clear`);
    shell.press('Enter');
    await shell.until(new RegExp(`^${PROMPT}$`, 'm'));
  } catch (error) {
    shell.kill();
    throw error;
  }
  return shell;
}
