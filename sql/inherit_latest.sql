-- The latest check of a monitor of which the CSV has no row any more.
UPDATE OR IGNORE main.monitor AS here
SET latest_ms = theirs.latest_ms, latest_status = theirs.latest_status
FROM old.monitor AS theirs
WHERE here.site = theirs.site AND here.domain = theirs.domain AND here.latest_ms IS NULL
    AND theirs.latest_status BETWEEN 1 AND 5
