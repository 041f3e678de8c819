-- Manifests as they are stored, one row a commit. The stack makes the same table in Glue; this statement is for a catalog that is
-- kept by hand. Replace <archive-bucket> and <domain-ids> (all ever exported, comma, no blanks).
CREATE EXTERNAL TABLE manifest_files (
  version int COMMENT 'Version of this format.',
  domainid string COMMENT 'Id of the Cases domain.',
  seq bigint COMMENT 'Number of the commit.',
  previoussha256 string COMMENT 'SHA-256 of the manifest before this one; null for the first.',
  runid string COMMENT 'Invocation that made the commit.',
  fence bigint COMMENT 'Number of the lease under which it was made.',
  exportdate string COMMENT 'Day of the export, YYYY-MM-DD, UTC.',
  exportedat string COMMENT 'When the commit was made, ISO 8601, UTC.',
  lanes struct<live:struct<watermark:bigint,passstartedat:bigint,anchor:bigint,provenuntil:bigint,heldpasses:int>,related:struct<watermark:bigint,walk:struct<startedat:bigint,lowest:bigint,token:string>,tickswithoutbottom:int,heldpasses:int>,sweep:struct<number:int,purpose:string,startedat:bigint,anchor:bigint,finishedat:bigint,exportfrom:bigint,paiduntil:double,casesread:bigint,eventsmissed:bigint,totalcount:bigint,casesfound:bigint,caseshidden:bigint,heldpasses:int,isaccounted:boolean>> COMMENT 'Where the lanes stand after it.',
  livepassfinished boolean COMMENT 'True where the commit ends a pass over all recent changes.',
  counts struct<calls:map<string,bigint>,casesfound:bigint,casesread:bigint,pages:bigint,events:bigint,rows:bigint,quarantined:bigint,replayed:bigint,nullelements:bigint,anomalies:bigint,totalcount:bigint> COMMENT 'What was counted since the commit before.',
  objects array<struct<key:string,sha256:string,bytes:bigint,rows:bigint,firstperformedtime:string,lastperformedtime:string>> COMMENT 'The files of the commit, with their hashes.',
  redo struct<sha256:string,bytes:bigint> COMMENT 'The redo log, by its hash.',
  gaps array<struct<caseid:string,cause:string,since:string,attempts:int>> COMMENT 'The oldest open entries of the retry list, as many as fit; debts counts all of them.',
  debts array<struct<cause:string,cases:bigint,neverread:bigint,since:bigint,missingfrom:bigint>> COMMENT 'What is known of and not read, by cause; null in manifests that keep no account.',
  history struct<sweepnumber:int,startedat:bigint,finishedat:bigint,exportfrom:bigint,casesfound:bigint,casesnotfound:bigint> COMMENT 'The last finished scan over all cases under the account; null before the first.',
  unexplainedtouches bigint COMMENT 'Cases whose newest touch was accepted though no event explains it.',
  changedupstream array<string> COMMENT 'Ids of cases of which an exported event reads differently now or is gone.',
  halfread array<struct<caseid:string,templateid:string,touched:bigint>> COMMENT 'Cases of which only the first pages are exported so far.',
  waiting array<struct<caseid:string,templateid:string,touched:bigint,lastupdated:bigint,since:bigint,missingfrom:bigint,neverread:boolean>> COMMENT 'Cases that were too fresh to be read.',
  openquarantine bigint COMMENT 'Events in quarantine that no replay has emitted yet.',
  gone array<string> COMMENT 'Ids of cases that turned out to be deleted.',
  cases struct<count:bigint,sha256:string> COMMENT 'How many cases the commit holds, and the SHA-256 of the list of their digests; null in manifests of the first builds.',
  signingkeys array<string> COMMENT 'SHA-256 of the public half of each key that signs the note of the commit; null where none is configured.',
  voids struct<sha256:string,runid:string,at:string> COMMENT 'Only where an operator voided the commit: the manifest that it replaces.',
  bundlesha256 string COMMENT 'SHA-256 of the function’s code.',
  settingssha256 string COMMENT 'SHA-256 of the function’s settings.'
)
PARTITIONED BY (
  domain_id string COMMENT 'Id of the Cases domain.'
)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES (
  'case.insensitive' = 'TRUE'
)
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://<archive-bucket>/manifests/'
TBLPROPERTIES (
  'classification' = 'json',
  'projection.enabled' = 'true',
  'projection.domain_id.type' = 'enum',
  'projection.domain_id.values' = '<domain-ids>',
  'storage.location.template' = 's3://<archive-bucket>/manifests/domain_id=${domain_id}/'
)
