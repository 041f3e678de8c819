/** What the refresh does with one domain. The states' input is its id. */
import { mergeCommits } from './refresh-commits';
import {
  choice,
  column,
  filled,
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

/**
 * A list of so many manifests stays well below the 256 KiB that a state may pass on. Even a quiet domain leaves one
 * every few minutes, so the search leaps: twice as far each time, until it is beyond the newest.
 */
const MANIFESTS_PER_PAGE = 400;

/** Fails by itself: a `failed` status in its answer, `{domainId, status}`, lets the other domains be refreshed. */
export function domainStates(): Record<string, State> {
  return {
    Domain: {
      // A single branch, for its Catch: that of a task would not catch errors of expressions.
      Type: 'Parallel',
      Branches: [{ StartAt: 'Begin', States: { ...findRange(), ...mergeRange(), ...mergeCommits('UpToDate') } }],
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

/**
 * Finds the commits after the table's last one, up to the newest published manifest: a commit without a manifest may
 * still lack rows.
 */
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
        StartAfter: jsonata(`${MANIFESTS} & ${nameOf('$newest + $leap')} & '.json'`),
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
      'BeginCommits',
    ),
  };
}

/**
 * A commit whose rows the table already has from another one leaves no trace, and must not be requested again and
 * again.
 */
const LAST_COMMIT = `($commit := ${column(0, 'number')}; $number($commit) > $number($merged) ? $commit : $merged)`;

const MANIFESTS = manifestsOf('$domainId');

const LAST_NUMBER = numberOf('$states.result.Contents[-1].Key', MANIFESTS);

/** If a manifest is found, leap further; if not, go back half the way, and read the last part as one page. */
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
    AnythingNext: choice([["$untilCommit = '0'", 'BeginCommits']], 'Merge'),
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
    AnythingLeft: choice([['$untilCommit = $newestCommit', 'BeginCommits']], 'AskPosition'),
    UpToDate: {
      Type: 'Pass',
      Output: { domainId: jsonata('$domainId'), status: 'refreshed', newestPublished: jsonata('$newest') },
      End: true,
    },
  };
}
