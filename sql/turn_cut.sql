-- All but the newest ?1 of each monitor.
WITH crowd AS (SELECT monitor FROM turn GROUP BY monitor HAVING count(*) > ?1),
    cut AS (SELECT monitor, (SELECT start_ms FROM turn WHERE turn.monitor = crowd.monitor
        ORDER BY start_ms DESC LIMIT 1 OFFSET ?1 - 1) AS first_ms FROM crowd)
DELETE FROM turn WHERE (monitor, start_ms) IN
    (SELECT cut.monitor, old.start_ms FROM cut
     JOIN turn AS old ON old.monitor = cut.monitor AND old.start_ms < cut.first_ms)
