/** `ainogap top`: what can be said of it without loading the live view, which every other command would pay for. */
import type { Command } from 'commander';
import { addCommand, globalOptions } from './add-command.ts';
import type { CliContext } from './context.ts';

export interface TopOptions {
  readonly once?: boolean;
  readonly watch?: boolean;
  readonly interval?: string;
  readonly view?: string;
  readonly width?: string;
  readonly height?: string;
  readonly ascii?: boolean;
}

export function registerTop(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'top',
    description: 'watch who spends what, live, beside a running gateway or without one; it changes nothing but what you confirm (top-ups, keys, buyers)',
    example: 'ainogap top\nainogap top --once --view buyers --width 120\nainogap top --watch --json --interval 5 | jq .overview.lastMinute',
  })
    .option('--once', 'print one frame as text and leave (the default where stdout is no terminal)')
    .option('--watch', 'with --json: a document a line, one per interval, until it is stopped')
    .option('--interval <seconds>', 'between two reads, 0.2 to 60 (default: 0.5)')
    .option('--view <name>', 'overview (default), buyers, routes, keys, live or upstreams')
    .option('--width <columns>', 'with --once: 20 to 400 (default: the terminal, else 80)')
    .option('--height <rows>', 'with --once: 5 to 120 (default: the terminal, else 24)')
    .option('--ascii', 'no characters beyond ASCII')
    .action(async (options: TopOptions, command: Command) => {
      const { runTop } = await import('./run-top.ts');
      await runTop(ctx, options, globalOptions(command));
    });
}
