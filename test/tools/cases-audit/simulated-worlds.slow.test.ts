/**
 * Promise: no history that the exporter itself makes is called contradicted, whatever clocks, crashes, voids, restores and sick cases it
 * met. Manifests and quarantine of simulated worlds are held against each other as a check does it.
 */
import { domainInKeys } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { objectKeyIn } from '../../../tools/cases-audit/archive/archive-keys';
import { readStoredManifest } from '../../../tools/cases-audit/archive/manifests';
import { readCommitData } from '../../../tools/cases-audit/verify/commit-data';
import { carryOf, problemsAfter, problemsOfOne } from '../../../tools/cases-audit/verify/sense';
import type { Carry } from '../../../tools/cases-audit/verify/state-file';
import { liveBadDays, populate } from '../../simulation/bad-days';
import { judge } from '../../simulation/oracle';
import { planOf } from '../../simulation/plan';
import { judgeWithTheSick } from '../../simulation/sick-ending';
import { Simulation } from '../../simulation/simulation';

const SEEDS = Array.from({ length: 80 }, (_, index) => index + 1);

/** Everything that the world's exporter has published, by key. */
async function publishedIn(seed: number): Promise<ReadonlyMap<string, Uint8Array>> {
  const simulation = new Simulation(planOf(seed), {});
  const { archive } = simulation.checks;
  const files = new Map<string, Uint8Array>();
  const written = archive.written.bind(archive);
  archive.written = (role, key, bytes) => {
    if (!key.startsWith('staging/')) files.set(key, bytes);
    written(role, key, bytes);
  };
  populate(simulation);
  await liveBadDays(simulation);
  await judgeWithTheSick(simulation);
  await judge(simulation);
  return files;
}

async function problemsIn(files: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const problems: string[] = [];
  let before: Carry | null = null;
  for (const key of [...files.keys()].filter((each) => each.startsWith('manifests/')).sort()) {
    const manifest = readStoredManifest(key, files.get(key) as Uint8Array);
    if ('problem' in manifest) throw new Error(manifest.problem);
    const found = [
      ...problemsOfOne(manifest, domainInKeys(manifest.domainId), manifest.seq),
      ...(before === null ? [] : problemsAfter(before, manifest)),
    ];
    problems.push(...found.map(({ words }) => words), ...(await quarantineProblems(files, manifest, before)));
    before = carryOf(manifest, '', false);
  }
  return problems;
}

/** Rows are JSON in these worlds: only what is no file of rows is decoded. */
async function quarantineProblems(files: ReadonlyMap<string, Uint8Array>, manifest: Manifest, before: Carry | null) {
  const key = objectKeyIn('quarantine', domainInKeys(manifest.domainId), manifest.exportDate, manifest.seq);
  const bytes = manifest.objects.some((object) => object.key === key) ? files.get(key) : undefined;
  const { cases: _, ...others } = manifest;
  const { problems, openQuarantined } = await readCommitData(
    { ...others, objects: manifest.objects.filter((object) => object.key === key) },
    new Map(bytes === undefined ? [] : [['quarantine', bytes]]),
  );
  const open = (before?.openQuarantine ?? 0) + (openQuarantined ?? 0);
  const differs = open === manifest.openQuarantine ? [] : [`${manifest.openQuarantine} open, expected ${open}`];
  return [...problems.map(({ words }) => words), ...differs];
}

test('no simulated world is called contradicted', async () => {
  const found: { seed: number; problems: string[] }[] = [];
  for (const seed of SEEDS) {
    const problems = await problemsIn(await publishedIn(seed));
    if (problems.length > 0) found.push({ seed, problems });
  }
  expect(found).toEqual([]);
});
