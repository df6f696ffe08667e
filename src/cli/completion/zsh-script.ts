/** For zsh: one function a command, in the words of its own _arguments, with descriptions. */
import { everyCommand, type ArgumentNode, type CommandNode, type OptionNode } from './completion-tree.ts';
import { shortDescription } from './script-facts.ts';
import type { ValueSource } from './value-source.ts';

export function zshScript(tree: CommandNode, version: string): string {
  return `#compdef ainogap
# zsh completion for ainogap ${version}, made by \`ainogap completion zsh\`.
${ASK}
${everyCommand(tree).filter(hasMore).map(commandFunction).join('\n\n')}

if [[ $funcstack[1] == _ainogap ]]; then
  _ainogap "$@"
else
  compdef _ainogap ainogap
fi
`;
}

const ASK = String.raw`
# Names and ids of the kind $1, from the database of the configuration that the line names.
_ainogap_ask() {
  local -a lines offers config
  local line tab=$'\t' at=$ainogap_line[(I)--config]
  (( at > 0 && at < $#ainogap_line )) && config=(--config ${'$'}{~${'$'}{(Q)ainogap_line[at+1]}})
  lines=(${'$'}{(f)"$($ainogap_line[1] __complete $1 $config -- ${'$'}{(Q)PREFIX} 2>/dev/null)"})
  for line in $lines; do offers+=("${'$'}{${'$'}{line%%$tab*}//:/\\:}:${'$'}{line#*$tab}"); done
  _describe -V $1 offers
}
`;

/** Something can follow it. */
const hasMore = (node: CommandNode): boolean => node.commands.length + node.options.length + node.arguments.length > 0;
const functionName = (path: string): string => `_ainogap${path === '' ? '' : `_${path.replaceAll(/[ -]/g, '_')}`}`;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** In a specification, brackets and colons have meanings of their own. */
const specText = (text: string): string => shortDescription(text).replaceAll(/[[\]:\\]/g, '\\$&');

function commandFunction(node: CommandNode): string {
  const { path, commands } = node;
  // The first function keeps the whole line: below it, zsh shows each function its own part.
  const line = path === '' ? '  local -a ainogap_line=("${words[@]}")\n' : '';
  const specs = [...node.options.map(optionSpec), ...(commands.length > 0 ? ["'1: :->command'", "'*:: :->rest'"] : node.arguments.map(argumentSpec))];
  return `${functionName(path)}() {\n${line}  local context state state_descr\n  local -A opt_args\n${commands.length > 0 ? '  local curcontext=$curcontext\n' : ''}  _arguments ${commands.length > 0 ? '-C ' : ''}-s \\\n    ${specs.join(' \\\n    ')}\n${commands.length > 0 ? belowThis(commands) : ''}}`;
}

function belowThis(commands: readonly CommandNode[]): string {
  const list = commands.map(({ name, description }) => `      ${quoted(`${name}:${shortDescription(description)}`)}`).join('\n');
  const cases = commands.filter(hasMore).map(({ name, path }) => `        ${name}) ${functionName(path)} ;;`).join('\n');
  return `  case $state in
    command)
      local -a commands=(
${list}
      )
      _describe command commands
      ;;
    rest)
      case $words[1] in
${cases}
      esac
      ;;
  esac
`;
}

/** `'(-h --help)'{-h,--help}'[show help]'`. */
function optionSpec({ names, description, value }: OptionNode): string {
  const [only] = names;
  const tail = `[${specText(description)}]${value === null ? '' : `:${specText(value.name)}:${action(value.source)}`}`;
  const sign = value === null ? '' : '=';
  if (names.length === 1) return quoted(`${only ?? ''}${sign}${tail}`);
  return `${quoted(`(${names.join(' ')})`)}{${names.map((name) => `${name}${sign}`).join(',')}}${quoted(tail)}`;
}

function argumentSpec({ name, source, variadic }: ArgumentNode): string {
  return quoted(`${variadic ? '*' : ''}:${specText(name)}:${action(source)}`);
}

function action(source: ValueSource): string {
  if (source.kind === 'files') return '_files';
  if (source.kind === 'folders') return '_files -/';
  if (source.kind === 'words') return `(${source.words.join(' ')})`;
  return source.kind === 'asked' ? `{_ainogap_ask ${source.asked}}` : ' ';
}
