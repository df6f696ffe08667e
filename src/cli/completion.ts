/** `ainogap completion`: a script for a shell that completes commands, options, names and ids. */
import type { Command } from 'commander';
import { addCommand, globalOptions } from './add-command.ts';
import { usageError } from './cli-error.ts';
import { SHELLS, type Shell } from './completion/shells.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';
import { productVersion } from './version.ts';

const INSTALL = `
Put it where the shell looks for completions, and open a new shell:
  bash  ainogap completion bash > ~/.local/share/bash-completion/completions/ainogap
        (needs the package bash-completion; without it, in ~/.bashrc: source <(ainogap completion bash))
  zsh   ainogap completion zsh > "\${fpath[1]}/_ainogap"
        (or in ~/.zshrc, after compinit: source <(ainogap completion zsh))
  fish  ainogap completion fish > ~/.config/fish/completions/ainogap.fish
For all users, as root: /usr/share/bash-completion/completions/ainogap, /usr/share/zsh/vendor-completions/_ainogap,
/usr/share/fish/vendor_completions.d/ainogap.fish. Make it anew after an upgrade.

Buyers, routes, keys and the like come from the database that the command would use, and only where it can be read.`;

export function registerCompletion(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'completion <shell>',
    description: `print what makes a shell complete ainogap's commands, options, names and ids: ${SHELLS.join(', ')}`,
    example: 'source <(ainogap completion bash)',
  })
    .addHelpText('after', INSTALL)
    .action(async (shell: string, _options: unknown, command: Command) => {
      const known = SHELLS.find((name) => name === shell);
      if (known === undefined) throw usageError(`there is no completion for "${shell}"; there is one for ${SHELLS.join(', ')}.`, 'ainogap completion --help');
      const script = await scriptFor(known, ctx);
      if (globalOptions(command).json) return printJson(ctx, { shell: known, script });
      ctx.stdout.write(script);
    });
}

/** From all commands, whichever of them this process has loaded. */
async function scriptFor(shell: Shell, ctx: CliContext): Promise<string> {
  const [{ createProgram }, { completionTree }] = await Promise.all([import('./program.ts'), import('./completion/completion-tree.ts')]);
  const tree = completionTree(await createProgram(ctx));
  const version = productVersion();
  if (shell === 'bash') return (await import('./completion/bash-script.ts')).bashScript(tree, version);
  if (shell === 'zsh') return (await import('./completion/zsh-script.ts')).zshScript(tree, version);
  return (await import('./completion/fish-script.ts')).fishScript(tree, version);
}
