/**
 * How manifests and dictionaries get into the table of commits, and how the views over it are kept. Of a domain the table holds
 * commits 1 to `held`; the views take those before `held` from it, and commit `held` and all after it from the archive. So what
 * a domain owes now, and how far it is, never comes from the table.
 */
import type { ArchivePrefix } from '../../lambda/export/domain/keys';
import { COMMITS_TABLE, type CuratedStatements } from './curated-statements';
import {
  askCatalog,
  choice,
  filled,
  fillingIn,
  jsonata,
  manifestsOf,
  nameOf,
  numberOf,
  query,
  results,
  type State,
  sdk,
  substituted,
  thenResults,
} from './refresh-states';

/** Of a domain in one execution: the first fill of a large archive goes on in the next, and the views are narrowed meanwhile. */
const MERGES_PER_DOMAIN = 4;

/** Queries that began before a merge are planned by then, and read what they planned. */
const SETTLE_SECONDS = 60;

/** A page that holds a row for each domain. */
const ROWS_PER_PAGE = 1_000;

type CommitStatements = Pick<
  CuratedStatements,
  'held' | 'mergeCommits' | 'allManifests' | 'allDictionaries' | 'storedManifests' | 'storedDictionaries'
>;

/** What the states below keep in variables of the whole machine. A MERGE takes at most `commitsPerMerge` commits. */
export function commitVariables(
  statements: CommitStatements,
  { domains, commitsPerMerge }: { readonly domains: readonly string[]; readonly commitsPerMerge: number },
): Record<string, unknown> {
  const { held, mergeCommits, allManifests, allDictionaries, storedManifests, storedDictionaries } = statements;
  return {
    domains: [...domains],
    commitsPerMerge,
    askHeld: held,
    mergeCommits,
    allManifests,
    allDictionaries,
    storedManifests,
    storedDictionaries,
  };
}

/**
 * Before the table is made or dropped, the views are freed of it: else they would leave out what it no longer holds. Begins with
 * `AskCommits`, or with `FreeManifests` where it will be dropped; goes on to `there` or, once the views are free, to `free`.
 */
export function freeViews(there: string, free: string): Record<string, State> {
  return {
    AskCommits: askCatalog(
      { DatabaseName: substituted('Database'), Name: COMMITS_TABLE },
      {},
      { hasCommits: true },
      'CommitsThere',
    ),
    CommitsThere: choice([['$hasCommits', there]], 'FreeManifests'),
    FreeManifests: query(jsonata('$storedManifests'), { Output: {}, Next: 'FreeDictionaries' }),
    FreeDictionaries: query(jsonata('$storedDictionaries'), { Output: {}, Next: 'LetReadersEnd' }),
    LetReadersEnd: { Type: 'Wait', Seconds: SETTLE_SECONDS, Next: free },
  };
}

/** Which commit is the first of each domain: 1, or a later one where S3 deletes the oldest manifests by age. */
export function findFirsts(next: string): Record<string, State> {
  const prefix = manifestsOf('$states.input');
  const number = numberOf('$states.result.Contents[0].Key', prefix);
  const first = sdk('s3:listObjectsV2', {
    Arguments: { Bucket: substituted('ArchiveBucket'), Prefix: jsonata(prefix), MaxKeys: 1 },
    Output: {
      id: jsonata('$states.input'),
      first: jsonata(`$exists($states.result.Contents) ? ${number} : 1`),
    },
    End: true,
  });
  return {
    FindFirsts: {
      Type: 'Map',
      Items: jsonata('$domains'),
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: 'FindFirst', States: { FindFirst: first } },
      Assign: { firsts: jsonata('$states.result') },
      Output: {},
      Next: next,
    },
  };
}

/** Of one domain, whose id is `$domainId`: merges until the table holds what is published (`$newest`). Ends in `next`. */
export function mergeCommits(next: string): Record<string, State> {
  return {
    BeginCommits: { Type: 'Pass', Assign: { until: 0, merges: 0 }, Next: 'AskHeld' },
    AskHeld: query(filled('askHeld', ['firsts', firstsOf('$firsts[id = $domainId]')]), thenResults('ReadHeld')),
    ReadHeld: results({ Assign: { held: jsonata(HELD_OR_BEFORE) }, Next: 'CommitsLeft' }, ROWS_PER_PAGE),
    CommitsLeft: choice(
      [
        ['$held < $until', 'CommitMissing'],
        [`$held < $newest and $merges < ${MERGES_PER_DOMAIN}`, 'NextCommits'],
      ],
      next,
    ),
    NextCommits: {
      Type: 'Pass',
      Assign: {
        until: jsonata('$min([$newest, $held + $commitsPerMerge])'),
        merges: jsonata('$merges + 1'),
      },
      Next: 'MergeCommits',
    },
    MergeCommits: query(
      filled(
        'mergeCommits',
        ['domain_id', '$domainId'],
        ['held', '$string($held)'],
        ['until', '$string($until)'],
        ['held_name', nameOf('$held')],
        ['until_name', nameOf('$until')],
      ),
      { Next: 'AskHeld' },
    ),
    CommitMissing: {
      Type: 'Fail',
      Error: 'CommitMissing',
      Cause: jsonata("'Of ' & $domainId & ', the archive has no manifest of commit ' & $string($held + 1)"),
    },
  };
}

/** Tells the views how far the table is, of every domain. Hands `output` to `next`. */
export function narrowViews(output: string, next: string): Record<string, State> {
  return {
    AskAllHeld: query(filled('askHeld', ['firsts', firstsOf('$firsts')]), thenResults('ReadAllHeld')),
    ReadAllHeld: results({ Assign: { bounds: jsonata(BOUNDS) }, Output: {}, Next: 'LetReadersGo' }, ROWS_PER_PAGE),
    LetReadersGo: { Type: 'Wait', Seconds: SETTLE_SECONDS, Next: 'NarrowManifests' },
    NarrowManifests: query(narrowed('Manifests', BEFORE, MANIFESTS_SINCE), { Output: {}, Next: 'NarrowDictionaries' }),
    NarrowDictionaries: query(narrowed('Dictionaries', DICTIONARIES_BEFORE, DICTIONARIES_SINCE), {
      Output: jsonata(output),
      Next: next,
    }),
  };
}

/** How many commits of a domain the table holds without a hole, by the answer to `askHeld`. Anything but digits is an error. */
function heldOf(domainId: string): string {
  return `(
    $text := $states.result.ResultSet.Rows[Data[0].VarCharValue = ${domainId}].Data[1].VarCharValue;
    $not($exists($text)) ? 0 : $contains($text, /^[0-9]+$/) ? $number($text) : $error('held is no number: ' & $text)
  )`;
}

/** Where the table holds none, merging begins before the first. */
const HELD_OR_BEFORE = `$max([${heldOf('$domainId')}, $firsts[id = $domainId].first - 1])`;

const BOUNDS = `[$map($firsts, function($of) { {'id': $of.id, 'first': $of.first, 'held': ${heldOf('$of.id')}} })]`;

/** Up to, and without, the last commit that the table holds: that one is read from the archive. */
const BEFORE = eachBound(`"(domain_id = '" & id & "' AND seq < " & $string(held) & ")"`);

/** The last commit that the table holds, and what came after it. A path is the one thing by which files are not opened. */
const MANIFESTS_SINCE = eachBound(paths('manifests/', nameOf('held'), "'999999999999'"));

/** Dictionaries stay where S3 deletes manifests by age: those before the first manifest are in the archive alone. */
const DICTIONARIES_BEFORE = eachBound(
  `"(domain_id = '" & id & "' AND seq >= " & $string(first) & " AND seq < " & $string(held) & ")"`,
);
const DICTIONARIES_SINCE = eachBound(
  `${paths('fields/', nameOf('held'), "'999999999999'")} & ' OR ' & ${paths('fields/', "'000000000000'", nameOf('(first - 1)'))}`,
);

function paths(prefix: ArchivePrefix, from: string, until: string): string {
  const folder = `'s3://${substituted('ArchiveBucket')}/${prefix}domain_id=" & id & "/`;
  return `"(\\"$path\\" >= ${folder}" & ${from} & ".json' AND \\"$path\\" <= ${folder}" & ${until} & ".json')"`;
}

function eachBound(condition: string): string {
  return `$join($bounds.(${condition}), '\\n  OR ')`;
}

/** Where the table holds nothing, nobody has seen yet that paths are as expected. */
function narrowed(view: 'Manifests' | 'Dictionaries', before: string, since: string): string {
  const text = fillingIn(`all${view}`, ['before', before], ['since', since]);
  return jsonata(`$sum($bounds.held) = 0 ? $stored${view} : (${text})`);
}

function firstsOf(list: string): string {
  return `$join(${list}.("('" & id & "', " & $string(first) & ")"), ', ')`;
}
