-- One line for each thing: table | what of it | how it is made.
WITH ours AS (SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '__EF*')
SELECT name || ' | table | ' || iif(instr(sql, 'AUTOINCREMENT'), 'a table that counts its rows', 'a table') FROM ours
UNION ALL
SELECT t.name || ' | column ' || c.name || ' | ' || c.type || iif(c."notnull", ' NOT NULL', '')
    || iif(c.pk, ' key ' || c.pk, '') || iif(c.hidden, ' computed', '')
FROM ours t, pragma_table_xinfo(t.name) c
UNION ALL
SELECT t.name || ' | foreign key "' || k."from" || '" | ' || k."table" || '.' || coalesce(k."to", 'its key')
    || ' ON DELETE ' || k.on_delete || ' ON UPDATE ' || k.on_update
FROM ours t, pragma_foreign_key_list(t.name) k
UNION ALL
SELECT tbl_name || ' | ' || type || ' ' || name || ' | ' || sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL
