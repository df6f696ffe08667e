/** For bash 3.2 and newer, without the package bash-completion: tables of what there is, and one function that walks the line. */
import { everyCommand, type CommandNode } from './completion-tree.ts';
import { argumentsWithSource, valuedOptions } from './script-facts.ts';

export function bashScript(tree: CommandNode, version: string): string {
  return `# bash completion for ainogap ${version}, made by \`ainogap completion bash\`.

# The commands and options below the command $1.
__ainogap_facts() {
  case $1 in
${everyCommand(tree).map(factsLine).join('\n')}
    *) commands='' options='' ;;
  esac
}

# What the value of the option $2 of the command $1 can be; fails when it takes none.
__ainogap_option() {
  case "$1 $2" in
${valuedOptions(tree).map(({ path, name, source }) => `    ${path === null ? `*' ${name}'` : `'${path} ${name}'`}) source='${source}' ;;`).join('\n')}
    *) return 1 ;;
  esac
}

# What the argument $2, counted from 0, of the command $1 can be.
__ainogap_argument() {
  case "$1 $2" in
${argumentsWithSource(tree).map(({ path, at, source }) => `    '${path} '${at}) source='${source}' ;;`).join('\n')}
    *) source='' ;;
  esac
}
${WALK}`;
}

function factsLine({ path, commands, options }: CommandNode): string {
  return `    '${path}') commands='${commands.map(({ name }) => name).join(' ')}' options='${options.flatMap(({ names }) => names).join(' ')}' ;;`;
}

const WALK = String.raw`
# Offers each line of $2 that begins with $1, quoted as it has to stand on the line; $3 is the quote that is open.
__ainogap_offer() {
  local line IFS=$'\n'
  for line in $2; do
    [[ $line == "$1"* ]] || continue
    if [[ -z $3 && $line == *[!A-Za-z0-9_.,@%+:=/-]* ]]; then printf -v line '%q' "$line"; fi
    COMPREPLY[${'$'}{#COMPREPLY[@]}]=$line
  done
}

__ainogap_files() {
  local line IFS=$'\n'
  type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
  for line in $(compgen "$1" -- "$2"); do COMPREPLY[${'$'}{#COMPREPLY[@]}]=$line; done
}

_ainogap() {
  local program=${'$'}{COMP_WORDS[0]} path='' pending='' config='' plain='' commands options source word quote=''
  local at=1 count=0 current=${'$'}{COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while [[ $at -lt $COMP_CWORD ]]; do
    word=${'$'}{COMP_WORDS[at]}
    at=$((at + 1))
    if [[ -n $pending ]]; then
      # bash makes a word of the sign in --option=value.
      [[ $word == '=' ]] && continue
      [[ $pending == --config ]] && config=${'$'}{word//[\\\'\"]/}
      pending=''
    elif [[ -z $plain && $word == -- ]]; then
      plain=1
    elif [[ -z $plain && $word == -* ]]; then
      __ainogap_option "$path" "$word" && pending=$word
    else
      __ainogap_facts "$path"
      if [[ $count -eq 0 && " $commands " == *" $word "* ]]; then path="$path${'$'}{path:+ }$word"
      else count=$((count + 1)); fi
    fi
  done

  [[ -n $pending && $current == '=' ]] && current=''
  case $current in
    \"*) quote='"' ;;
    \'*) quote="'" ;;
  esac
  # What was typed, without its quoting.
  local typed=${'$'}{current//[\\\'\"]/}
  if [[ -n $pending ]]; then
    __ainogap_option "$path" "$pending"
  else
    __ainogap_facts "$path"
    if [[ -z $plain && $current == -* ]]; then
      __ainogap_offer "$current" "${'$'}{options// /$'\n'}" "$quote"
      return 0
    fi
    [[ $count -eq 0 ]] && __ainogap_offer "$typed" "${'$'}{commands// /$'\n'}" "$quote"
    __ainogap_argument "$path" "$count"
  fi
  case $source in
    files) __ainogap_files -f "$typed" ;;
    folders) __ainogap_files -d "$typed" ;;
    words\ *) source=${'$'}{source#words }; __ainogap_offer "$typed" "${'$'}{source// /$'\n'}" "$quote" ;;
    ask\ *)
      [[ $config == '~/'* ]] && config=$HOME${'$'}{config#'~'}
      local answer
      answer=$("$program" __complete "${'$'}{source#ask }" ${'$'}{config:+--config "$config"} -- "$typed" 2>/dev/null | cut -f 1)
      __ainogap_offer "$typed" "$answer" "$quote"
      ;;
  esac
  return 0
}

complete -F _ainogap ainogap
`;
