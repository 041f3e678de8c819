/** Promise: a query is one statement that reads. Every other is refused in words that say so, and does nothing. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSmallDomain, START } from '../exporter';
import { databaseOfFile } from './database';

const database = databaseOfFile(async (archive) => {
  const { cases, tick, save } = createSmallDomain('domain-1');
  cases.addCase('case-1', START);
  await tick();
  save(archive);
});
const out = join(database.parent, 'out');

test.each([
  ['select 1; select 2', /holds 2 statements\. Expected one statement that reads/],
  ["select 1;; -- and\n copy (select 1) to 'OUT'", /COPY|2 statements|SELECT …\. Expected/],
  ['', /holds no statement, only blanks or comments/],
  [' ;; ', /holds no statement/],
  ['-- a comment\n/* and another */', /holds no statement/],
  ["copy (select 1) to 'OUT'", /The query is COPY …\. Expected one statement that reads.*--format csv > answer\.csv/],
  ["/* x */ CoPy field_changes TO 'OUT' (FORMAT parquet)", /is COPY …/],
  ["copy user_names from 'OUT'", /is COPY …/],
  ["attach 'OUT' as other", /is ATTACH …/],
  ['detach memory', /is DETACH …/],
  ['create table t as select 1', /is CREATE …/],
  ['create or replace view changes as select 1', /is CREATE …/],
  ['create secret (type s3)', /is CREATE …/],
  ['insert into user_names values (1, 2, 3)', /is INSERT …/],
  ['update user_names set name = 1', /is UPDATE …/],
  ['delete from user_names', /is DELETE …/],
  ['truncate user_names', /is TRUNCATE …/],
  ['merge into user_names using user_names u on false when matched then delete', /is MERGE …/],
  ['drop view changes', /is DROP …/],
  ['alter view changes rename to other', /is ALTER …/],
  ["comment on table user_names is 'x'", /is COMMENT …/],
  ['install httpfs', /is INSTALL …/],
  ['load icu', /is LOAD …/],
  ["set timezone = 'Asia/Kathmandu'", /is SET …/],
  ['set variable row_files = []', /is SET …/],
  ['reset timezone', /is RESET …/],
  ['use memory', /is USE …/],
  ['pragma enable_profiling', /is PRAGMA …/],
  ["export database 'OUT'", /is EXPORT …/],
  ["import database 'OUT'", /is IMPORT …/],
  ["call enable_logging(storage = 'file', storage_path = 'OUT')", /is CALL …/],
  ['checkpoint', /is CHECKPOINT …/],
  ['vacuum', /is VACUUM …/],
  ['begin', /is BEGIN …/],
  ['prepare p as select 1', /is PREPARE …/],
  ['execute p', /is EXECUTE …/],
  ["explain analyze copy (select 1) to 'OUT'", /is EXPLAIN ANALYZE …/],
  ['-- x\nexplain (format json) insert into user_names values (1, 2, 3)', /is EXPLAIN FORMAT …|is EXPLAIN/],
  ["select * from enable_logging(storage = 'file', storage_path = 'OUT')", /calls enable_logging\(\), which does more/],
  ["from (select * from enable_profiling(save_location := 'OUT'))", /calls enable_profiling\(\)/],
  ['with x as (from checkpoint()) select * from x', /calls checkpoint\(\)/],
  ['select (select count(*) from force_checkpoint())', /calls force_checkpoint\(\)/],
  ["from query('select * from enable_logging()')", /calls query\(\)/],
  ["from json_execute_serialized_sql('{}')", /calls json_execute_serialized_sql\(\)/],
  ["select write_log('x')", /calls write_log\(\)/],
  ['with x as (delete from user_names returning *) select * from x', /A CTE needs a SELECT/],
  ['select 1 into t', /SELECT INTO not supported/],
  ['pivot user_names on team using count(*)', /PIVOT reads if it names its values: ON column IN/],
  ['selec 1', /syntax error at or near "selec"[\s\S]*LINE 1/],
  ['select 1 as "\u001b[31m\u202e', /unterminated quoted identifier[\s\S]*\[U\+001B\]\[31m\[U\+202E\]/],
])('refused: %j', async (sql, words) => {
  await expect(database.query(sql.replace('OUT', out))).rejects.toMatchObject({
    name: 'QueryError',
    message: expect.stringMatching(words),
  });
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(database.parent).sort()).toEqual(['archive']);
  expect((await database.query('select count(*) as n from user_names')).objects).toEqual([{ n: 0 }]);
});

test.each([
  'select 1',
  'select 1;',
  "select 'a;b' -- ; c\n; -- end",
  '\ufeffselect 1',
  'with a as materialized (select 1) select * from a',
  'from field_changes limit 1',
  'table field_changes',
  'values (1)',
  '(select 1) union all (select 2)',
  'describe field_changes',
  'show tables',
  'summarize field_changes',
  'explain select 1',
  'explain analyze (select 1)',
  '/* why */ EXPLAIN (FORMAT json) SELECT 1',
  'pivot user_names on team in (1) using count(*)',
  'select * from unnest([1, 2]), range(3), generate_series(1, 2)',
  'select list_transform([1], lambda x: x + 1)',
  'with recursive r(n) as (select 1 union all select n + 1 from r where n < 3) select * from r',
])('answered: %j', async (sql) => {
  expect((await database.query(sql)).rows.length).toBeGreaterThanOrEqual(0);
});

test('a question asks no network for code', async () => {
  await expect(database.query("select * from 'https://127.0.0.1:9/x.parquet'")).rejects.toMatchObject({
    name: 'QueryError',
  });
  expect((await database.query("select current_setting('autoinstall_known_extensions') as it")).objects).toEqual([
    { it: false },
  ]);
});
