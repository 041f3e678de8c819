/** Makes the pages that the browser opens, and beside each the texts that must be readable on it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTILE } from '../../test/tools/timeline/hostile';
import { change, evidence, pageOf } from '../../test/tools/timeline/rows';
import { findArchive } from '../../tools/query/archive-files';
import { openFieldChanges } from '../../tools/query/field-changes';
import { timeline } from '../../tools/timeline/main';

const [folder = '', out = ''] = process.argv.slice(2);

async function demoPage(): Promise<void> {
  const changes = await openFieldChanges(findArchive(folder));
  try {
    const { rows } = await changes.query(
      'SELECT case_id FROM field_changes GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1',
    );
    const caseId = String(rows[0]?.[0]);
    await timeline([caseId, '--folder', folder, '--out', join(out, 'demo.html')], Date.now());
    const texts = await changes.query(
      `SELECT DISTINCT unnest([event_id, old_value, new_value, field_id, performed_by_user_arn, performed_by_custom_entity,
         performed_by_iam_principal_arn, template_id]) AS text FROM field_changes WHERE case_id = ?`,
      [caseId],
    );
    save(
      'demo',
      texts.rows.flatMap(([text]) => (typeof text === 'string' ? [text] : [])),
    );
  } finally {
    changes.close();
  }
}

function hostilePage(): void {
  const rows = HOSTILE.flatMap((text, index) => [
    change(2 * index, {
      fieldId: `id ${text}`,
      fieldName: text,
      oldValue: `old ${text}`,
      newValue: text,
      eventType: text,
    }),
    change(2 * index + 1, { relatedItemType: text, userArn: null, customEntity: text, oldType: text, oldValue: text }),
  ]);
  const users = new Map(rows.map(({ userArn }) => [userArn ?? '', { name: HOSTILE[0] ?? '', team: HOSTILE[1] ?? '' }]));
  const proof = evidence({ domainId: HOSTILE[2] ?? '', problems: [...HOSTILE] });
  writeFileSync(
    join(out, 'hostile.html'),
    pageOf(rows, { caseId: HOSTILE.join(' '), users, evidence: proof, zone: 'Asia/Kathmandu' }),
  );
  // A half of a surrogate pair is no text: pages show U+FFFD for it.
  save(
    'hostile',
    HOSTILE.map((text) => text.toWellFormed()),
  );
}

function save(name: string, texts: readonly string[]): void {
  writeFileSync(join(out, `${name}.json`), JSON.stringify(texts));
}

demoPage()
  .then(hostilePage)
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
