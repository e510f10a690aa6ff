-- The ledger: the committed lengths of the CSV files.

-- ?2 is the number of the event log in place of a monitor.
-- name: next_live
SELECT monitor, site, domain, length, archived,
    EXISTS (SELECT 1 FROM staged WHERE staged.monitor = live.monitor)
        OR live.monitor = ?2 AND EXISTS (SELECT 1 FROM staged_event)
FROM live LEFT JOIN monitor ON monitor.id = live.monitor
WHERE live.monitor > ?1 AND (monitor.id IS NOT NULL OR live.monitor = ?2)
ORDER BY live.monitor LIMIT 1
-- name: get_live
SELECT length, archived,
    EXISTS (SELECT 1 FROM staged WHERE staged.monitor = ?1)
        OR ?1 = ?2 AND EXISTS (SELECT 1 FROM staged_event)
FROM (SELECT 1) LEFT JOIN live ON live.monitor = ?1
-- Live files that must exist: not all of their rows are in the archives.
-- name: count_live
SELECT count(*) FROM live WHERE archived < length
-- name: put_live
INSERT OR REPLACE INTO live (monitor, length, archived) VALUES (?1, ?2, ?3)
-- name: delete_live
DELETE FROM live WHERE monitor = ?1

-- name: get_archive
SELECT length FROM archive WHERE day = ?1 AND monitor = ?2
-- name: count_archives
SELECT count(*) FROM archive WHERE day >= CASE WHEN monitor = ?3 THEN ?2 ELSE ?1 END
-- name: put_archive
INSERT OR REPLACE INTO archive (day, monitor, length) VALUES (?1, ?2, ?3)
-- name: delete_archive
DELETE FROM archive WHERE day = ?1 AND monitor = ?2
-- name: delete_archives_before
DELETE FROM archive WHERE day < ?1 AND monitor <> ?2
-- name: delete_event_logs_before
DELETE FROM archive WHERE day < ?1 AND monitor = ?2
