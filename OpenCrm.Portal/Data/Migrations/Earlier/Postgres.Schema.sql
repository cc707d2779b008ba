-- One line for each thing: table | what of it | how it is made. The name of the schema is taken out, because the portal's tables may be in any.
WITH ours AS (
    SELECT c.oid, c.relname::text AS name, quote_ident(n.nspname) || '.' AS prefix FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE '\_\_EF%'
)
SELECT name || ' | table | a table' FROM ours
UNION ALL
SELECT t.name || ' | column ' || a.attname || ' | ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    || CASE a.attidentity WHEN '' THEN '' ELSE ' counts its rows' END || CASE a.attgenerated WHEN '' THEN '' ELSE ' computed' END
FROM ours t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT t.name || ' | constraint ' || c.conname || ' | ' || replace(pg_get_constraintdef(c.oid), t.prefix, '')
FROM ours t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT t.name || ' | index ' || i.relname || ' | ' || replace(pg_get_indexdef(i.oid), t.prefix, '')
    || CASE WHEN x.indisvalid THEN '' ELSE ' invalid' END
FROM ours t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
WHERE i.relname <> 'IX_Users_SearchText'
UNION ALL
SELECT t.name || ' | trigger ' || g.tgname || ' | ' || replace(pg_get_triggerdef(g.oid), t.prefix, '')
    || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' disabled' END || ' ' || f.prosrc
FROM ours t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal JOIN pg_proc f ON f.oid = g.tgfoid
