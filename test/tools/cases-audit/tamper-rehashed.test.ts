/**
 * Promise: whoever can write to an archive and makes all hashes anew cannot make it pass: without the key no signature holds, and where
 * the key itself was misused, a note that somebody else holds tells. What a file says is held against what its manifest says, too.
 */
import { fieldChangesKey, manifestKey, noteKey, quarantineKey } from '../../../lambda/export/domain/keys';
import type { FindingKind } from '../../../tools/cases-audit/verify/findings';
import {
  copyOf,
  DOMAIN,
  exportModel,
  type Files,
  type ModelCommit,
  newSigner,
  type RenderOptions,
  render,
} from './signed-archive';
import { verifierOfFile } from './verify-files';

const { verify, scratch } = verifierOfFile();
const [signer, stranger] = [newSigner(), newSigner('somebody-else')];
let commits: ModelCommit[];
let sound: Files;

beforeAll(async () => {
  ({ commits } = await exportModel());
  sound = await render(commits, { signers: () => [signer] });
});

const DAY = '2026-01-10';
type Change = (commits: ModelCommit[]) => void;
const at = (all: ModelCommit[], seq: number) => all[seq - 1] as ModelCommit;

function forged(change: Change, options: RenderOptions): Promise<Files> {
  const copy = copyOf(commits);
  change(copy);
  return render(copy, options);
}

const dropRow: Change = (all) => {
  at(all, 2).rows.shift();
  at(all, 2).manifest.counts = { ...at(all, 2).manifest.counts, rows: 1 };
};
const doubleRow: Change = (all) => {
  at(all, 7).rows.unshift(at(all, 2).rows[0] as ModelCommit['rows'][number]);
  at(all, 7).manifest.counts = { ...at(all, 7).manifest.counts, rows: 3 };
};
const alterRow: Change = (all) => {
  (at(all, 2).rows[0] as ModelCommit['rows'][number]).event_type = 'Case.Forged';
};
const alterCount: Change = (all) => {
  at(all, 2).manifest.counts = { ...at(all, 2).manifest.counts, casesRead: 99 };
};
const alterGone: Change = (all) => {
  at(all, 6).manifest.gone = ['case-4', 'case-1'];
};
const alterWatermark: Change = (all) => {
  const { lanes } = at(all, 4).manifest;
  at(all, 4).manifest.lanes = { ...lanes, live: { ...lanes.live, watermark: (lanes.live.watermark ?? 0) + 60_000 } };
};
const alterSeed: Change = (all) => {
  at(all, 2).seed = Buffer.alloc(32);
};
const alterDictionary: Change = (all) => {
  at(all, 1).fields = { ...at(all, 1).fields, templates: null };
};
const alterQuarantine: Change = (all) => {
  const { quarantine } = at(all, 3);
  if (quarantine?.events[0]) quarantine.events[0] = { ...quarantine.events[0], event: { forged: true } };
};
const leaveOutCommit: Change = (all) => {
  all.splice(6, 1);
  at(all, 7).manifest.seq = 7;
};

const CHANGES: readonly (readonly [string, Change, first: number])[] = [
  ['a row dropped', dropRow, 2],
  ['a row doubled', doubleRow, 7],
  ['a row altered, with its statistics', alterRow, 2],
  ['a count altered', alterCount, 2],
  ['the gone list altered', alterGone, 6],
  ['a watermark altered', alterWatermark, 4],
  ['the seed changed', alterSeed, 2],
  ['the dictionary altered', alterDictionary, 1],
  ['the quarantine object altered', alterQuarantine, 3],
  ['a commit left out and the later ones renumbered', leaveOutCommit, 7],
];

describe.each(CHANGES)('%s, and all hashes made anew', (_, change, first) => {
  const key = noteKey(DOMAIN, first);

  test('with the old signatures: they do not hold any more', async () => {
    const { exitCode, findings } = await verify(await forged(change, { signaturesOf: sound }), { signers: [signer] });
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual({
      kind: 'signature-wrong',
      domain: DOMAIN,
      commit: first,
      key,
      words: expect.stringMatching(/signature of note \d+ under the key .* does not hold/),
    });
  });

  test('without signatures from there on: nothing is proven from there on', async () => {
    const files = await forged(change, { signers: (seq) => (seq < first ? [signer] : []) });
    const { exitCode, findings, domains } = await verify(files, { signers: [signer], now: Date.UTC(2026, 0, 11) });
    const sense = findings.filter(({ kind }) => kind !== 'unsigned');
    expect(exitCode).toBe(sense.length > 0 ? 1 : 3);
    expect(domains[0]?.signed?.commit ?? 0).toBe(first - 1);
    expect(findings).toContainEqual({
      kind: 'unsigned',
      domain: DOMAIN,
      commit: first,
      key,
      words: expect.stringMatching(/no signature of a given key/),
    });
  });

  test('signed by a stranger, whose key lies in the archive: nothing is proven from there on', async () => {
    const files = await forged(change, { signers: (seq) => [seq < first ? signer : stranger] });
    const { findings, domains } = await verify(files, { signers: [signer], now: Date.UTC(2026, 0, 11) });
    expect(domains[0]?.signed?.commit ?? 0).toBe(first - 1);
    expect(findings).toContainEqual({
      kind: 'unknown-key',
      domain: DOMAIN,
      commit: first,
      key,
      words: expect.stringContaining(stranger.key.id),
    });
  });

  test('signed with our own key: a note that somebody else holds tells', async () => {
    const state = `${scratch.emptyFolder()}/state.json`;
    await verify(sound, { signers: [signer], args: ['--state', state] });
    const files = await forged(change, { signers: () => [signer] });
    const { exitCode, findings } = await verify(files, { signers: [signer], args: ['--state', state] });
    expect(exitCode).toBe(1);
    expect(findings.filter(({ kind }) => kind === 'fork' || kind === 'rollback')).toMatchObject([
      { commit: 8, key: manifestKey(DOMAIN, 8), words: expect.stringMatching(/FORK|ROLLBACK/) },
    ]);
  });
});

describe('a stranger’s signature line below ours', () => {
  test('introduces nobody, as no signature covers it', async () => {
    // The stranger adds a line to an old note, puts the key into the archive, and signs what was forged later.
    const files = await forged(alterWatermark, { signers: (seq) => [seq < 4 ? signer : stranger] });
    const text = Buffer.from(files.get(noteKey(DOMAIN, 3)) as Uint8Array).toString();
    const theirs = await render(copyOf(commits), { signers: () => [stranger] });
    const line =
      Buffer.from(theirs.get(noteKey(DOMAIN, 3)) as Uint8Array)
        .toString()
        .split('\n\n')[1] ?? '';
    files.set(noteKey(DOMAIN, 3), Buffer.from(text + line));
    const { exitCode, domains } = await verify(files, { signers: [signer], now: Date.UTC(2026, 0, 11) });
    expect(exitCode).toBe(3);
    expect(domains[0]?.signed?.commit).toBe(3);
  });
});

test('during a rotation a signed manifest introduces the second key, which then vouches alone', async () => {
  const files = await render(commits, {
    signers: (seq) => (seq < 3 ? [signer] : seq < 6 ? [signer, stranger] : [stranger]),
  });
  const { exitCode, domains } = await verify(files, { signers: [signer] });
  expect(exitCode).toBe(0);
  expect(domains[0]?.signed).toMatchObject({ commit: 8, keyIds: [stranger.key.id] });
});

describe('what a manifest says of its data is held against the data, whoever signed', () => {
  const casesOf = () =>
    new Map(
      commits.map(({ manifest: { seq } }) => {
        const { cases } = JSON.parse(Buffer.from(sound.get(manifestKey(DOMAIN, seq)) as Uint8Array).toString());
        return [seq, cases];
      }),
    );
  const rowsKey = (seq: number) => fieldChangesKey(DOMAIN, DAY, seq);

  test.each<[string, Change, FindingKind, number, string, RegExp]>([
    [
      'a false count of rows',
      (all) => {
        at(all, 2).manifest.counts = { ...at(all, 2).manifest.counts, rows: 5 };
      },
      'counts-differ',
      2,
      manifestKey(DOMAIN, 2),
      /counts 5 rows, and lists files that hold 2/,
    ],
    ['a row altered', alterRow, 'cases-differ', 2, manifestKey(DOMAIN, 2), /a row, an event or the seed was altered/],
    [
      'a row dropped',
      (all) => {
        at(all, 1).rows.splice(0, 1);
        at(all, 1).manifest.counts = { ...at(all, 1).manifest.counts, rows: 4 };
      },
      'cases-differ',
      1,
      manifestKey(DOMAIN, 1),
      /it holds 3 cases, and its manifest lists 4/,
    ],
    ['a row doubled', doubleRow, 'row-twice', 7, rowsKey(7), /1 row of commit 7 is in commit 2, too/],
    [
      'a case swapped for another',
      (all) => {
        for (const row of at(all, 2).rows) row.case_id = 'case-9';
      },
      'cases-differ',
      2,
      manifestKey(DOMAIN, 2),
      /manifest/,
    ],
    ['the seed changed', alterSeed, 'cases-differ', 2, manifestKey(DOMAIN, 2), /the seed was altered/],
    ['a quarantined event altered', alterQuarantine, 'cases-differ', 3, manifestKey(DOMAIN, 3), /an event or the seed/],
    [
      'a quarantined event taken out',
      (all) => {
        at(all, 3).quarantine = { events: [], replayed: [] };
      },
      'quarantine-differs',
      3,
      quarantineKey(DOMAIN, 3),
      /holds 0 events.*counts 1 and 0/,
    ],
    [
      'an event replayed that nobody kept',
      (all) => {
        at(all, 7).quarantine = { events: [], replayed: [{ quarantinedIn: 3, caseId: 'x', eventKey: 'y' }] };
      },
      'quarantine-differs',
      7,
      quarantineKey(DOMAIN, 7),
      /names 1 as replayed/,
    ],
    [
      'a dictionary of another commit',
      (all) => {
        at(all, 1).fields = { ...at(all, 1).fields, seq: 4 };
      },
      'object-misplaced',
      1,
      'fields/domain_id=domain-1/000000000001.json',
      /none of this domain and commit/,
    ],
    [
      'quarantine that does not add up',
      (all) => {
        at(all, 5).manifest.openQuarantine = 0;
      },
      'quarantine-differs',
      5,
      manifestKey(DOMAIN, 5),
      /counts 0 events in quarantine; after 1 before it/,
    ],
    [
      'a watermark that goes back',
      (all) => {
        const { lanes } = at(all, 5).manifest;
        at(all, 5).manifest.lanes = { ...lanes, related: { ...lanes.related, watermark: 0 } };
      },
      'watermark-back',
      5,
      manifestKey(DOMAIN, 5),
      /related watermark goes back/,
    ],
    [
      'an export date that goes back',
      (all) => {
        at(all, 4).manifest.exportDate = '2026-01-09';
      },
      'date-back',
      4,
      manifestKey(DOMAIN, 4),
      /goes back from 2026-01-10 to 2026-01-09/,
    ],
    [
      'a gap that the account does not count',
      (all) => {
        at(all, 5).manifest.gaps = [];
      },
      'counts-differ',
      5,
      manifestKey(DOMAIN, 5),
      /names 0 gaps, and its account of debts counts 1/,
    ],
  ])('%s', async (_, change, kind, commit, key, words) => {
    const files = await forged(change, { signers: () => [signer], casesOf: casesOf() });
    const { exitCode, findings } = await verify(files, { signers: [signer] });
    expect(findings).toContainEqual({ kind, domain: DOMAIN, commit, key, words: expect.stringMatching(words) });
    expect(exitCode).toBe(1);
  });

  test('a gap that vanishes without a word is said: only the table’s retry list could say why', async () => {
    const forget: Change = (all) => {
      at(all, 6).manifest.gone = [];
    };
    const files = await forged(forget, { signers: () => [signer] });
    const { exitCode, limits } = await verify(files, { signers: [signer] });
    expect(exitCode).toBe(0);
    expect(limits).toContainEqual({ what: 'closed gaps', why: expect.stringContaining('as of commit 6 on') });
  });

  test('false statistics, which hide rows from a query engine', async () => {
    const bytes = Buffer.from(sound.get(rowsKey(2)) as Uint8Array);
    const at = bytes.lastIndexOf('case-3');
    bytes.write('case-2', at);
    const files = await withFile(rowsKey(2), bytes);
    const { findings } = await verify(files, { signers: [signer] });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'rows-differ',
        commit: 2,
        key: rowsKey(2),
        words: expect.stringContaining('statistics of case_id'),
      }),
    );
  });

  test('bytes that are no Parquet and have the right hash', async () => {
    const files = await withFile(rowsKey(2), Buffer.from('PAR1 nothing PAR1'));
    const { exitCode, findings } = await verify(files, { signers: [signer] });
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'rows-differ',
        commit: 2,
        key: rowsKey(2),
        words: expect.stringContaining('cannot be read as Parquet'),
      }),
    );
  });

  function withFile(key: string, bytes: Uint8Array): Promise<Files> {
    return render(commits, { signers: () => [signer], replaced: new Map([[key, bytes]]), casesOf: casesOf() });
  }
});

test('an event that the exporter left out from the start is not to be seen in an archive, and a check says so', async () => {
  const files = await forged(dropRow, { signers: () => [signer] });
  const { exitCode, limits } = await verify(files, { signers: [signer] });
  expect(exitCode).toBe(0);
  expect(limits).toContainEqual({
    what: 'the source',
    why: expect.stringContaining('a check of the archive cannot know'),
  });
});
