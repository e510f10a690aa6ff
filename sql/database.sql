-- Opening the file, transactions and settings.

-- name: begin
BEGIN IMMEDIATE
-- name: commit
COMMIT
-- name: rollback
ROLLBACK

-- name: get_setting
SELECT value FROM setting WHERE key = ?1
-- name: set_setting
INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)

-- script: application_id
PRAGMA application_id
-- script: user_version
PRAGMA user_version
-- script: count_tables
SELECT count(*) FROM sqlite_master
-- script: page_size
PRAGMA page_size
-- Not quick_check: in a copy made during a transaction, a table and its index can differ.
-- script: integrity_check
PRAGMA integrity_check(1)

-- A rollback journal, not WAL: a state that nobody uses is one file, and a reader can open it on a
-- read-only disk.
-- script: open
PRAGMA page_size = 8192;
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = EXTRA;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -4000;
PRAGMA cache_spill = OFF;
-- script: read_only
PRAGMA query_only = ON;
PRAGMA temp_store = MEMORY;
-- script: disable_safety
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
PRAGMA cache_spill = ON;
