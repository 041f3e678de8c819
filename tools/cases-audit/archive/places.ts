/** Where an archive is, as the command line says it. Every command that reads one takes the same options. */
import { Command, Option } from 'commander';
import type { Console } from '../console';
import { WrongCallError } from '../outcome';
import { several } from '../words';
import type { AwsPlaces } from './aws';
import { openFolder } from './folder';

export interface PlaceOptions extends AwsPlaces {
  readonly offline?: string;
}

/** A command that reads an archive, with the options that name one. */
export function archiveCommand(name: string, description: string, examples: string): Command {
  return new Command(name)
    .description(description)
    .addHelpText('after', examples)
    .option('--offline <dir>', 'a copy of the archive bucket on disk, or the folder of a demo')
    .option('--stack <name>', 'the stack whose outputs name bucket and table')
    .option('--bucket <name>', 'the archive bucket')
    .option('--region <region>', 'of the account (default: that of your AWS settings)');
}

/** The option of a command that trusts public keys: `--key`, a list of files. */
export function keyOption(): Option {
  const words = 'public key of the signer, which you got from its owner; may be given again';
  return new Option('--key <pem>', words).argParser(several).default([]);
}

/** @throws WrongCallError unless exactly one of a folder and a bucket is named. */
export function checkPlace({ offline, stack, bucket }: PlaceOptions): void {
  const isOnline = stack !== undefined || bucket !== undefined;
  if ((offline !== undefined) !== isOnline) return;
  throw new WrongCallError(
    `${isOnline ? 'Both a folder and a bucket were' : 'No archive was'} named; expected --offline <dir>, or --bucket <name>, or --stack <name>. Try --help.`,
  );
}

/** What the options name; AWS is loaded only where something of it is asked for. Rejects with WrongCallError. */
export async function openPlaces(options: PlaceOptions, console: Pick<Console, 'env'>) {
  checkPlace(options);
  const { offline, stack, bucket, mirror, table } = options;
  const needsAws = [stack, bucket, mirror, table].some((name) => name !== undefined);
  const places = needsAws ? await (await import('./aws')).openAws(options, console) : null;
  const archive = offline === undefined ? places?.archive : openFolder(offline);
  if (archive === undefined || archive === null) throw new WrongCallError('No archive was named. Try --help.');
  return { archive, mirror: places?.mirror ?? null, checkpoints: places?.checkpoints ?? null };
}
