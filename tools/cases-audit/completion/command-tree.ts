/** The command line as values, read from commander: what a shell may complete. */
import type { Command, Option } from 'commander';

/** What follows an option, or stands in place of an argument. */
export type Taken = 'nothing' | 'file' | 'folder' | 'text' | readonly string[];

export interface CompletedOption {
  /** With its dashes, `--json`; the short form, too, where there is one. */
  readonly flags: readonly string[];
  readonly takes: Taken;
  readonly isRepeated: boolean;
  readonly description: string;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its first argument is. */
  readonly argument: Taken;
}

/** All commands of a program, in its order, each with `--help`. */
export function commandsIn(program: Command): CompletedCommand[] {
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
