/** What the refresh does with one domain. The states' input is its id. */
import { choice, column, jsonata, query, results, type State, sdk, substituted, thenResults } from './refresh-states';

/**
 * A list of so many manifests stays well below the 256 KiB that a state may hand on. A quiet domain leaves one every few
 * minutes all the same, so the search leaps: twice as far each time, until it is beyond the newest.
 */
const MANIFESTS_PER_PAGE = 400;

/** Fails by itself: `failed` in its answer, which is `{domainId, status}`, lets the other domains be refreshed. */
export function domainStates(): Record<string, State> {
  return {
    Domain: {
      // One branch, for its Catch: that of a task would not catch what an expression does.
      Type: 'Parallel',
      Branches: [{ StartAt: 'Begin', States: { ...findRange(), ...mergeRange() } }],
      Output: jsonata('$states.result[0]'),
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Output: { domainId: jsonata('$states.input'), status: 'failed', error: jsonata('$states.errorOutput.Error') },
          Next: 'DomainFailed',
        },
      ],
      End: true,
    },
    DomainFailed: { Type: 'Pass', End: true },
  };
}

/** From what the table holds to the newest manifest that is published: a commit without one may still lack rows. */
function findRange(): Record<string, State> {
  return {
    Begin: { Type: 'Pass', Assign: { domainId: jsonata('$states.input'), merged: '0' }, Next: 'AskPosition' },
    AskPosition: query(filled('position', ['domain_id', '$domainId']), thenResults('ReadPosition')),
    ReadPosition: results({
      Assign: {
        lastCommit: jsonata(LAST_COMMIT),
        lastDate: jsonata(column(1, 'date')),
        newest: jsonata(`$number(${LAST_COMMIT})`),
        leap: 0,
      },
      Next: 'FindManifests',
    }),
    FindManifests: sdk('s3:listObjectsV2', {
      Arguments: {
        Bucket: substituted('ArchiveBucket'),
        Prefix: jsonata(MANIFESTS),
        StartAfter: jsonata(`${MANIFESTS} & $pad($string($newest + $leap), -12, '0') & '.json'`),
        MaxKeys: MANIFESTS_PER_PAGE,
      },
      Assign: {
        newest: jsonata(`$exists($states.result.Contents) ? ${LAST_NUMBER} : $newest`),
        leap: jsonata(LEAP),
        searching: jsonata('$exists($states.result.Contents) ? $states.result.IsTruncated = true : $leap > 0'),
      },
      Next: 'Searching',
    }),
    Searching: choice(
      [
        ['$searching', 'FindManifests'],
        ['$newest > $number($lastCommit)', 'AskNext'],
      ],
      'UpToDate',
    ),
  };
}

/** A commit whose rows the table has already, by another one, leaves no trace: it must not be asked for again and again. */
const LAST_COMMIT = `($commit := ${column(0, 'number')}; $number($commit) > $number($merged) ? $commit : $merged)`;

const MANIFESTS = "'manifests/domain_id=' & $domainId & '/'";

/** With a 1 in front, as text that begins with zeros is no number to a strict reader. */
const LAST_NUMBER = `$number('1' & $substring($substringAfter($states.result.Contents[-1].Key, ${MANIFESTS}), 0, 12)) - 1000000000000`;

/** Something is there: further. Nothing is there: half the way, and the last of it in one page. */
const LEAP = `$exists($states.result.Contents) ? 2 * $leap + ${MANIFESTS_PER_PAGE}
  : $leap < ${MANIFESTS_PER_PAGE} ? 0 : $floor($leap / 2)`;

function mergeRange(): Record<string, State> {
  return {
    AskNext: query(
      filled(
        'next',
        ['domain_id', '$domainId'],
        ['last_date', '$lastDate'],
        ['last_commit', '$lastCommit'],
        ['newest_published', '$string($newest)'],
      ),
      thenResults('ReadNext'),
    ),
    ReadNext: results({
      Assign: {
        untilCommit: jsonata(column(0, 'number')),
        untilDate: jsonata(column(1, 'date')),
        newestCommit: jsonata(column(2, 'number')),
      },
      Next: 'AnythingNext',
    }),
    // A quiet domain has manifests without rows.
    AnythingNext: choice([["$untilCommit = '0'", 'UpToDate']], 'Merge'),
    Merge: query(
      filled(
        'merge',
        ['domain_id', '$domainId'],
        ['last_date', '$lastDate'],
        ['until_date', '$untilDate'],
        ['until_commit', '$untilCommit'],
      ),
      { Assign: { merged: jsonata('$untilCommit') }, Next: 'AnythingLeft' },
    ),
    AnythingLeft: choice([['$untilCommit = $newestCommit', 'UpToDate']], 'AskPosition'),
    UpToDate: {
      Type: 'Pass',
      Output: { domainId: jsonata('$domainId'), status: 'refreshed', newestPublished: jsonata('$newest') },
      End: true,
    },
  };
}

function filled(statement: string, ...values: readonly (readonly [name: string, value: string])[]): string {
  return jsonata([`$${statement}`, ...values.map(([name, value]) => `$replace('{${name}}', ${value})`)].join(' ~> '));
}
