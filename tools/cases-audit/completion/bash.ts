import type { CompletedCommand, Taken } from './command-tree';

/**
 * For bash 4 and later, with or without the package bash-completion. It completes commands, options, and files and folders where an
 * option takes them.
 */
export function bashScript(commands: readonly CompletedCommand[]): string {
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
${commands.map(commandCase).join('\n')}
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

function commandCase({ name, options, argument }: CompletedCommand): string {
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
