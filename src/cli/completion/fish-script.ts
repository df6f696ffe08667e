/** For fish 3.1 and newer: one function that walks the line and prints what can follow, with descriptions. */
import { everyCommand, type CommandNode } from './completion-tree.ts';
import { argumentsWithSource, shortDescription, valuedOptions } from './script-facts.ts';

export function fishScript(tree: CommandNode, version: string): string {
  return `# fish completion for ainogap ${version}, made by \`ainogap completion fish\`.

# The commands below the command $argv[1], with their descriptions.
function __ainogap_commands
    switch $argv[1]
${everyCommand(tree)
  .filter(({ commands }) => commands.length > 0)
  .map((node) => listing(node.path, node.commands.map(({ name, description }) => [name, description])))
  .join('\n')}
    end
end

# The options of the command $argv[1].
function __ainogap_options
    switch $argv[1]
${everyCommand(tree)
  .filter(({ options }) => options.length > 0)
  .map((node) => listing(node.path, node.options.flatMap(({ names, description }) => names.map((name): Told => [name, description]))))
  .join('\n')}
    end
end

# What the value of an option can be, for \`COMMAND OPTION\`; fails when it takes none.
function __ainogap_option
    switch $argv[1]
${valuedOptions(tree).map(({ path, name, source }) => `        case ${path === null ? `'* ${name}'` : quoted(`${path} ${name}`)}\n            echo ${quoted(source)}`).join('\n')}
        case '*'
            return 1
    end
end

# What an argument can be, for \`COMMAND NUMBER\`.
function __ainogap_argument
    switch $argv[1]
${argumentsWithSource(tree).map(({ path, at, source }) => `        case ${quoted(`${path} ${at}`)}\n            echo ${quoted(source)}`).join('\n')}
    end
end
${WALK}`;
}

type Told = readonly [name: string, description: string];

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;

function listing(path: string, told: readonly Told[]): string {
  const words = told.map(([name, description]) => `                ${quoted(name)} ${quoted(shortDescription(description))}`).join(' \\\n');
  return `        case ${quoted(path)}\n            printf '%s\\t%s\\n' \\\n${words}`;
}

const WALK = String.raw`
# Prints what fits the source $argv[1]: typed so far $argv[2], program $argv[3], configuration $argv[4].
function __ainogap_offer
    set -l kind (string split ' ' -- $argv[1])
    switch "$kind[1]"
        case files
            __fish_complete_path $argv[2]
        case folders
            __fish_complete_directories $argv[2] ''
        case words
            printf '%s\n' $kind[2..-1]
        case ask
            set -l config
            test -n "$argv[4]"; and set config --config $argv[4]
            $argv[3] __complete $kind[2] $config -- $argv[2] 2>/dev/null
    end
end

function __ainogap_complete
    set -l line (commandline -opc)
    set -l current (commandline -ct | string unescape)
    test -n "$current"; or set current ''
    set -l program $line[1]
    set -l path ''
    set -l pending ''
    set -l config ''
    set -l plain ''
    set -l count 0
    for word in $line[2..-1]
        if test -n "$pending"
            test "$pending" = --config; and set config (string replace -r '^~/' "$HOME/" -- $word)
            set pending ''
        else if test -z "$plain" -a "$word" = --
            set plain 1
        else if test -z "$plain"; and string match -q -- '-*' $word
            set -l parts (string split -m 1 '=' -- $word)
            if __ainogap_option "$path $parts[1]" >/dev/null
                if set -q parts[2]
                    test "$parts[1]" = --config; and set config $parts[2]
                else
                    set pending $word
                end
            end
        else if test $count -eq 0; and contains -- $word (__ainogap_commands "$path" | string replace -r '\t.*' '')
            set path (string trim -- "$path $word")
        else
            set count (math $count + 1)
        end
    end

    if test -n "$pending"
        __ainogap_offer (__ainogap_option "$path $pending") $current $program $config
        return
    end
    if test -z "$plain"; and string match -q -- '-*' $current
        set -l parts (string split -m 1 '=' -- $current)
        if set -q parts[2]
            set -l source (__ainogap_option "$path $parts[1]")
            and __ainogap_offer "$source" "$parts[2]" $program $config | string replace -r '^' -- "$parts[1]="
        else
            __ainogap_options "$path"
        end
        return
    end
    test $count -eq 0; and __ainogap_commands "$path"
    __ainogap_offer (__ainogap_argument "$path $count"; or echo '') $current $program $config
end

complete -c ainogap -f -k -a '(__ainogap_complete)'
`;
