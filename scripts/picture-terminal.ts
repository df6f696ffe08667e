/** A terminal that runs the product. */
import { PROMPT, startTmux, type TmuxOptions, type TmuxShell } from '../test/support/tmux.ts';

export interface PictureTerminal extends TmuxShell {
  /** Starts a command that stays. */
  begin(args: readonly string[]): void;
  /** Runs a command to its end; what it printed, with colours. */
  run(args: readonly string[]): Promise<string>;
}

export async function openPictureTerminal({ launcher, ...options }: TmuxOptions & { readonly launcher: string }): Promise<PictureTerminal> {
  const shell = await startTmux(options);
  const begin = (args: readonly string[]): void => {
    shell.type(`clear; ${[process.execPath, launcher, ...args].map(quoted).join(' ')}`);
    shell.press('Enter');
  };
  const run = async (args: readonly string[]): Promise<string> => {
    begin(args);
    // The typed line goes with `clear`; the next prompt stands below what was printed.
    await shell.until(new RegExp(`\\n${PROMPT}\\s*$`));
    return shell.colours().split(PROMPT)[0]?.trimEnd() ?? '';
  };
  return { ...shell, begin, run };
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
