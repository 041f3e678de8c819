/** `cases-audit completion`: the script that lets a shell complete commands and options. */
import { Argument, Command } from 'commander';
import type { Console } from '../console';
import { bashScript } from './bash';
import { commandsIn } from './command-tree';
import { zshScript } from './zsh';

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
