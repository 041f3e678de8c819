-- Field dictionaries as they are stored, one row whenever something in them changed. The stack makes the same table in Glue; this
-- statement is for a catalog that is kept by hand. Replace <archive-bucket> and <domain-ids> (all ever exported, comma, no blanks).
CREATE EXTERNAL TABLE dictionary_files (
  version int COMMENT 'Version of this format.',
  domainid string COMMENT 'Id of the Cases domain.',
  seq bigint COMMENT 'Number of the commit that wrote it.',
  fields array<struct<fieldid:string,name:string,type:string,namespace:string,deleted:boolean>> COMMENT 'The fields of the domain.',
  options array<struct<fieldid:string,asof:string,options:array<struct<value:string,name:string,active:boolean>>>> COMMENT 'Labels of the values of select fields; null where they could not be looked up.',
  templates struct<asof:string,templates:array<struct<templateid:string,name:string,status:string>>> COMMENT 'Names of the templates; null where they could not be looked up.'
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
LOCATION 's3://<archive-bucket>/fields/'
TBLPROPERTIES (
  'classification' = 'json',
  'projection.enabled' = 'true',
  'projection.domain_id.type' = 'enum',
  'projection.domain_id.values' = '<domain-ids>',
  'storage.location.template' = 's3://<archive-bucket>/fields/domain_id=${domain_id}/'
)
