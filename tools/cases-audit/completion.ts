/** `cases-audit completion`: the script that lets a shell complete commands and options. */
import { Argument, Command, type Option } from 'commander';
import type { Console } from './console';

const SHELLS = { bash: bashScript, zsh: zshScript } as const;

const EXAMPLES = `
Examples:
  source <(cases-audit completion bash)                      in ~/.bashrc
  cases-audit completion zsh > ~/.zfunc/_cases-audit         with ~/.zfunc in fpath, before compinit

Exit codes: 0 printed · 2 wrong call
`;

/** The commands are read when the script is asked for: those that are beside this one then. */
export function completionCommand(console: Console): Command {
  return new Command('completion')
    .description('Prints the script by which bash or zsh completes commands and options.')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText('after', EXAMPLES)
    .action((shell: string, _options: unknown, command: Command) => {
      console.out(SHELLS[shell as keyof typeof SHELLS](commandsIn(command.parent ?? command)));
      console.exit(0);
    });
}

/** What follows an option, or stands in place of an argument. */
type Taken = 'nothing' | 'file' | 'folder' | 'text' | readonly string[];

interface CompletedOption {
  /** With its dashes, `--json`; the short form, too, where there is one. */
  readonly flags: readonly string[];
  readonly takes: Taken;
  readonly isRepeated: boolean;
  readonly description: string;
}

interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its first argument is. */
  readonly argument: Taken;
}

/** All commands of a program, in its order, each with `--help`. */
function commandsIn(program: Command): CompletedCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [...command.options.map(completed), HELP],
    argument: argumentOf(command),
  }));
}

const HELP: CompletedOption = {
  flags: ['-h', '--help'],
  takes: 'nothing',
  isRepeated: false,
  description: 'display help for command',
};

function completed(option: Option): CompletedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined && flag !== null);
  const isRepeated = option.variadic || Array.isArray(option.defaultValue);
  return { flags, takes: takenBy(option), isRepeated, description: option.description };
}

/** By the name of the value: `<dir>`, `<file>` … */
function takenBy(option: Option): Taken {
  if (option.argChoices !== undefined) return option.argChoices;
  const [, value] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  if (value === undefined) return 'nothing';
  if (/^(dir|folder)\b/.test(value)) return 'folder';
  return /^(file|pem|csv)\b/.test(value) ? 'file' : 'text';
}

function argumentOf(command: Command): Taken {
  const [argument] = command.registeredArguments;
  if (argument === undefined) return 'nothing';
  if (argument.argChoices !== undefined) return argument.argChoices;
  return /\b(dir|folder)\b/.test(argument.name()) ? 'folder' : 'text';
}

/**
 * For bash 4 and later, with or without the package bash-completion. It completes commands, options, and files and folders where an
 * option takes them.
 */
function bashScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of cases-audit for bash: source <(cases-audit completion bash)
_cases_audit() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # bash splits at "=": --offline=<folder> is three words.
  if [[ $word == = ]]; then word=; fi
  if [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    ${completing([...commands.map(({ name }) => name), 'help', '--help'])}
    return
  fi
  case "$command $before" in
${commands.flatMap(valueCases).join('\n')}
    *) _cases_audit_options ;;
  esac
}
_cases_audit_options() {
  case $command in
${commands.map(bashCase).join('\n')}
    help) ${completing(commands.map(({ name }) => name))} ;;
  esac
}
complete -F _cases_audit cases-audit
`;
}

/** What stands after an option that takes something. */
function valueCases({ name, options }: CompletedCommand): string[] {
  const cases = new Map<string, string[]>();
  for (const { flags, takes } of options) {
    if (takes === 'nothing') continue;
    const action = completing(takes);
    cases.set(action, [...(cases.get(action) ?? []), ...flags.map((flag) => `'${name} ${flag}'`)]);
  }
  return [...cases].map(([action, patterns]) => `    ${patterns.join(' | ')}) ${action} ;;`);
}

function bashCase({ name, options, argument }: CompletedCommand): string {
  const flags = options.flatMap((option) => option.flags.filter((flag) => flag.startsWith('--')));
  if (argument === 'nothing' || argument === 'text') return `    ${name}) ${completing(flags)} ;;`;
  return `    ${name}) if [[ $word == -* ]]; then ${completing(flags)}; else ${completing(argument)}; fi ;;`;
}

function completing(takes: Taken): string {
  // One name a line, so that blanks in a name are kept.
  if (takes === 'folder') return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$word")`;
  if (takes === 'file') return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word")`;
  if (typeof takes === 'string') return ':';
  return `mapfile -t COMPREPLY < <(compgen -W '${takes.join(' ')}' -- "$word")`;
}

/** For zsh 5 and later: a file `_cases-audit` in a folder of `fpath`, or sourced after `compinit`. Options show what they do. */
function zshScript(commands: readonly CompletedCommand[]): string {
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
${commands.map(zshCase).join('\n')}
        help) _describe -t commands command commands ;;
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _cases-audit ]; then _cases-audit "$@"; else compdef _cases-audit cases-audit; fi
`;
}

function zshCase({ name, options, argument }: CompletedCommand): string {
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
