/** A column as Glue describes it. Names are lower case. */
export interface GlueColumn {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

/** Names of the tables beside the rows. */
export const MANIFEST_TABLE = 'manifest_files';
export const DICTIONARY_TABLE = 'dictionary_files';
export const USER_TABLE = 'user_names';

const LIVE = 'struct<watermark:bigint,passstartedat:bigint,anchor:bigint,provenuntil:bigint,heldpasses:int>';
const WALK = 'struct<startedat:bigint,lowest:bigint,token:string>';
const RELATED = `struct<watermark:bigint,walk:${WALK},tickswithoutbottom:int,heldpasses:int>`;
const SWEEP =
  'struct<number:int,purpose:string,startedat:bigint,anchor:bigint,finishedat:bigint,exportfrom:bigint,paiduntil:double,' +
  'casesread:bigint,eventsmissed:bigint,totalcount:bigint,casesfound:bigint,caseshidden:bigint,heldpasses:int,isaccounted:boolean>';
const COUNTS =
  'struct<calls:map<string,bigint>,casesfound:bigint,casesread:bigint,pages:bigint,events:bigint,rows:bigint,' +
  'quarantined:bigint,replayed:bigint,nullelements:bigint,anomalies:bigint,totalcount:bigint>';
const OBJECT =
  'struct<key:string,sha256:string,bytes:bigint,rows:bigint,firstperformedtime:string,lastperformedtime:string>';
const DEBT = 'struct<cause:string,cases:bigint,neverread:bigint,since:bigint,missingfrom:bigint>';
const WAITING =
  'struct<caseid:string,templateid:string,touched:bigint,lastupdated:bigint,since:bigint,missingfrom:bigint,neverread:boolean>';
const HISTORY =
  'struct<sweepnumber:int,startedat:bigint,finishedat:bigint,exportfrom:bigint,casesfound:bigint,casesnotfound:bigint>';

/**
 * The members of a manifest (`lambda/export/domain/manifest.ts`), in lower case as Hive's names are; the JSON reader
 * ignores case. Times of lanes are epoch milliseconds; the pace of a check may fall between two of them.
 */
export const MANIFEST_COLUMNS: readonly GlueColumn[] = [
  column('version', 'int', 'Version of this format.'),
  column('domainid', 'string', 'Id of the Cases domain.'),
  column('seq', 'bigint', 'Number of the commit.'),
  column('previoussha256', 'string', 'SHA-256 of the manifest before this one; null for the first.'),
  column('runid', 'string', 'Invocation that made the commit.'),
  column('fence', 'bigint', 'Number of the lease under which it was made.'),
  column('exportdate', 'string', 'Day of the export, YYYY-MM-DD, UTC.'),
  column('exportedat', 'string', 'When the commit was made, ISO 8601, UTC.'),
  column('lanes', `struct<live:${LIVE},related:${RELATED},sweep:${SWEEP}>`, 'Where the lanes stand after it.'),
  column('livepassfinished', 'boolean', 'True where the commit ends a pass over all recent changes.'),
  column('counts', COUNTS, 'What was counted since the commit before.'),
  column('objects', `array<${OBJECT}>`, 'The files of the commit, with their hashes.'),
  column('redo', 'struct<sha256:string,bytes:bigint>', 'The redo log, by its hash.'),
  column(
    'gaps',
    'array<struct<caseid:string,cause:string,since:string,attempts:int>>',
    'The oldest open entries of the retry list, as many as fit; debts counts all of them.',
  ),
  column('debts', `array<${DEBT}>`, 'What is known of and not read, by cause; null in manifests that keep no account.'),
  column('history', HISTORY, 'The last finished scan over all cases under the account; null before the first.'),
  column('unexplainedtouches', 'bigint', 'Cases whose newest touch was accepted though no event explains it.'),
  column(
    'changedupstream',
    'array<string>',
    'Ids of cases of which an exported event reads differently now or is gone.',
  ),
  column(
    'halfread',
    'array<struct<caseid:string,templateid:string,touched:bigint>>',
    'Cases of which only the first pages are exported so far.',
  ),
  column('waiting', `array<${WAITING}>`, 'Cases that were too fresh to be read.'),
  column('openquarantine', 'bigint', 'Events in quarantine that no replay has emitted yet.'),
  column('gone', 'array<string>', 'Ids of cases that turned out to be deleted.'),
  column(
    'cases',
    'struct<count:bigint,sha256:string>',
    'How many cases the commit holds, and the SHA-256 of the list of their digests; null in manifests of the first builds.',
  ),
  column(
    'signingkeys',
    'array<string>',
    'SHA-256 of the public half of each key that signs the note of the commit; null where none is configured.',
  ),
  column(
    'voids',
    'struct<sha256:string,runid:string,at:string>',
    'Only where an operator voided the commit: the manifest that it replaces.',
  ),
  column('bundlesha256', 'string', 'SHA-256 of the function’s code.'),
  column('settingssha256', 'string', 'SHA-256 of the function’s settings.'),
];

const OPTION = 'struct<value:string,name:string,active:boolean>';
const TEMPLATE = 'struct<templateid:string,name:string,status:string>';

/** A field dictionary as a commit wrote it. Older files lack options and templates. */
export const DICTIONARY_COLUMNS: readonly GlueColumn[] = [
  column('version', 'int', 'Version of this format.'),
  column('domainid', 'string', 'Id of the Cases domain.'),
  column('seq', 'bigint', 'Number of the commit that wrote it.'),
  column(
    'fields',
    'array<struct<fieldid:string,name:string,type:string,namespace:string,deleted:boolean>>',
    'The fields of the domain.',
  ),
  column(
    'options',
    `array<struct<fieldid:string,asof:string,options:array<${OPTION}>>>`,
    'Labels of the values of select fields; null where they could not be looked up.',
  ),
  column(
    'templates',
    `struct<asof:string,templates:array<${TEMPLATE}>>`,
    'Names of the templates; null where they could not be looked up.',
  ),
];

/** A list that the owner may keep: the person behind an ARN. */
export const USER_COLUMNS: readonly GlueColumn[] = [
  column('user_arn', 'string', 'ARN of the Amazon Connect user, as in performed_by_user_arn.'),
  column('name', 'string', 'Name as it should be read.'),
  column('team', 'string', 'Team, or empty.'),
];

/** Lets Athena read text line by line. */
const TEXT = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
} as const;

/** A file is one JSON object in one line. */
export const JSON_FORMAT = {
  ...TEXT,
  serde: 'org.openx.data.jsonserde.JsonSerDe',
  serdeParameters: { 'case.insensitive': 'TRUE' },
} as const;

/** The format of spreadsheets: commas, double quotes. */
export const CSV_FORMAT = { ...TEXT, serde: 'org.apache.hadoop.hive.serde2.OpenCSVSerde' } as const;

function column(name: string, type: string, comment: string): GlueColumn {
  return { name, type, comment };
}
