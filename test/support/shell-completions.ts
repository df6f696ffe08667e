/** What real shells offer for a line, with the product's own completion script loaded. */
import { execFile, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { LAUNCHER } from './product.ts';

const exec = promisify(execFile);

export const SHELLS_HERE = (['bash', 'zsh', 'fish'] as const).filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);

export interface CompletionShells {
  /** For each line, the cursor at its end: what can stand there, sorted, without the shell's quoting. */
  offered(shell: 'bash' | 'zsh' | 'fish', lines: readonly string[]): Promise<string[][]>;
}

/** In `folder`, where there is a `config.yaml`; `bin`, `home` and `scripts` are made below it. */
export async function openCompletionShells(folder: string): Promise<CompletionShells> {
  for (const name of ['bin', 'home', 'scripts']) fs.mkdirSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'bin/ainogap'), `#!/bin/sh\nexec '${process.execPath}' '${LAUNCHER}' "$@"\n`, { mode: 0o755 });
  const env = { HOME: path.join(folder, 'home'), PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, LANG: 'C.UTF-8', TERM: 'xterm' };
  const run = async (program: string, ...args: string[]): Promise<string> => (await exec(program, args, { cwd: folder, env, timeout: 50_000, killSignal: 'SIGKILL' })).stdout;
  const script = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, 'scripts', name);
    await fs.promises.writeFile(file, text);
    return file;
  };
  const completion = async (shell: string, name: string): Promise<string> => script(name, await run('ainogap', 'completion', shell));

  const bash = async (lines: readonly string[]): Promise<string> => {
    const calls = lines.map((line) => `ask ${bashWords(line).map(quoted).join(' ')}`);
    const ask = `ask() {
  local word typed=\${@: -1}
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _ainogap; echo '<LINE>'
  for word in "\${COMPREPLY[@]}"; do
    case $typed in [\\'\\"]*) echo "$word" ;; *) eval "printf '%s\\n' $word" ;; esac
  done
}`;
    return run('bash', '--norc', await script('ask.bash', [`source ${quoted(await completion('bash', 'ainogap.bash'))}`, ask, ...calls].join('\n')));
  };
  const fish = async (lines: readonly string[]): Promise<string> => {
    const calls = lines.map((line) => `echo '<LINE>'; complete -C ${fishQuoted(line)} | string replace -r '\\t.*' ''`);
    return run('fish', '--no-config', await script('ask.fish', [`source ${quoted(await completion('fish', 'ainogap.fish'))}`, ...calls, 'true'].join('\n')));
  };
  const zsh = async (lines: readonly string[]): Promise<string> => {
    await completion('zsh', '_ainogap');
    return run('zsh', '-f', await script('ask.zsh', ZSH), path.join(folder, 'scripts'), ...lines);
  };
  const ask = { bash, zsh, fish };
  return {
    offered: async (shell, lines) => {
      const [, ...answers] = (await ask[shell](lines)).split('<LINE>\n');
      // fish repeats the option before the value.
      return answers.map((answer) => [...new Set(answer.split('\n').filter((value) => value !== ''))].map((value) => value.replace(/^--[a-z]+=/, '')).toSorted());
    },
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const fishQuoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;

/** As bash splits a line for completion: the sign in `--by=h` is a word. */
const bashWords = (line: string): string[] => line.split(' ').flatMap((word) => word.split(/(=)/).filter((part, at, parts) => part !== '' || parts.length === 1 || at === parts.length - 1));

/** A terminal of its own for each line, in which whatever is to be offered is printed as well. */
const ZSH = String.raw`
zmodload zsh/zpty
folder=$1; shift
for line in "$@"; do
  zpty shell zsh -f -i
  zpty -w shell "PS1= PS2=; stty -echo cols 300; fpath=(${'$'}{(q)folder} \$fpath); autoload -Uz compinit; compinit -C -d ${'$'}{(q)folder}/dump; bindkey '^I' complete-word
compadd() {
  if [[ \${argv[(r)-[OAD]]} == -[OAD] ]]; then builtin compadd \"\$@\"; return; fi
  local -a hits; builtin compadd -A hits \"\$@\"; (( \$#hits )) && print -rl -- '<HIT>'\$^hits'</HIT>'
  builtin compadd \"\$@\"
}
finish() { print '<END>'; exit }
comppostfuncs=(finish); print '<RE''ADY>'"
  zpty -r -m shell answer '*<READY>*'
  zpty -w -n shell "$line"$'\t'
  zpty -r -m shell answer '*<END>*'
  zpty -d shell
  print '<LINE>'
  for hit in ${'$'}{(f)answer}; do
    [[ $hit == *'<HIT>'*'</HIT>'* ]] && print -r -- ${'$'}{(Q)${'$'}{${'$'}{hit#*'<HIT>'}%%'</HIT>'*}}
  done
done
true
`;
