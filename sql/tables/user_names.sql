-- Names of people, from CSV files that the owner may put below users/ in the work bucket, with the header user_arn,name,team.
-- The stack makes the same table in Glue; this statement is for a catalog that is kept by hand. Replace <work-bucket>.
CREATE EXTERNAL TABLE user_names (
  user_arn string COMMENT 'ARN of the Amazon Connect user, as in performed_by_user_arn.',
  name string COMMENT 'Name as it should be read.',
  team string COMMENT 'Team, or empty.'
)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://<work-bucket>/users/'
TBLPROPERTIES (
  'classification' = 'csv',
  'skip.header.line.count' = '1'
)
