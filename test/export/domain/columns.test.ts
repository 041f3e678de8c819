import { COLUMNS } from '../../../lambda/export/domain/columns';

describe('The columns of field_changes', () => {
  test('are those of the documented table, in this order: files are immutable, so none is renamed, retyped or removed', () => {
    expect(COLUMNS.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '?' : ''}`)).toEqual([
      'case_id string',
      'event_id string',
      'event_type string',
      'performed_time timestamp',
      'related_item_type string?',
      'performed_by_user_arn string?',
      'performed_by_custom_entity string?',
      'performed_by_other string?',
      'performed_by_iam_principal_arn string?',
      'field_index int',
      'field_id string?',
      'field_name string?',
      'field_type string?',
      'field_namespace string?',
      'old_value_type string?',
      'new_value_type string?',
      'old_value string?',
      'new_value string?',
      'old_value_double double?',
      'new_value_double double?',
      'old_value_boolean boolean?',
      'new_value_boolean boolean?',
      'template_id string?',
      'exported_at timestamp',
      'run_id string',
      'commit_seq bigint',
      'other string?',
    ]);
  });

  test.each(COLUMNS)(
    '$name is described by a sentence of its own, which fits into a Glue column comment',
    ({ name }) => {
      const descriptions: readonly string[] = COLUMNS.map(({ description }) => description);
      const description = descriptions[COLUMNS.findIndex((column) => column.name === name)] ?? '';
      expect(description).toMatch(/^.{10,}\.$/);
      expect(description.length).toBeLessThanOrEqual(255);
      expect(descriptions.filter((other) => other === description)).toHaveLength(1);
    },
  );
});
