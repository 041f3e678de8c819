import type { CompletedCommand, CompletedOption, Taken } from './command-tree';

/** For zsh 5 and later: a file `_cases-audit` in a folder of `fpath`, or sourced after `compinit`. Options show what they do. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const described = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join('\n');
  return `#compdef cases-audit
# Completion of cases-audit for zsh: cases-audit completion zsh > ~/.zfunc/_cases-audit
_cases-audit() {
  local context state line
  typeset -A opt_args
  local -a commands
  commands=(
${described}
    'help:Shows the help of a command.'
  )
  _arguments -C '(-h --help)'{-h,--help}'[display help for command]' '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join('\n')}
        help) _describe -t commands command commands ;;
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _cases-audit ]; then _cases-audit "$@"; else compdef _cases-audit cases-audit; fi
`;
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const specs = [
    ...options.map(specOf),
    ...(argument === 'nothing' ? [] : [quoted(`1:argument:${actionOf(argument)}`)]),
  ];
  return `        ${name})\n          _arguments \\\n${specs.map((spec) => `            ${spec}`).join(' \\\n')}\n          ;;`;
}

function specOf({ flags, takes, isRepeated, description }: CompletedOption): string {
  const value = takes === 'nothing' ? '' : `:value:${actionOf(takes)}`;
  const text = `[${description.replaceAll(/[[\]\\]/g, '\\$&')}]${value}`;
  // So that both `--state=<file>` and `--state <file>` are completed.
  const named = (flag: string) => (takes === 'nothing' ? flag : `${flag}=`);
  if (isRepeated) return quoted(`*${named(flags[0] ?? '')}${text}`);
  const others = flags.length > 1 ? `(${flags.join(' ')})` : '';
  // Braces are zsh's own way to say the same of two names.
  return others === ''
    ? quoted(`${named(flags[0] ?? '')}${text}`)
    : `${quoted(others)}{${flags.join(',')}}${quoted(text)}`;
}

function actionOf(takes: Taken): string {
  if (takes === 'folder') return '_files -/';
  if (takes === 'file') return '_files';
  if (typeof takes === 'string') return ' ';
  return `(${takes.join(' ')})`;
}

/** Within single quotes, whatever the text holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
