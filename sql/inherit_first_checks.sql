-- A first check whose rows are gone was in a day that was counted: a time that is only damaged was not.
UPDATE OR IGNORE main.monitor AS here SET first_ms = theirs.first_ms
FROM old.monitor AS theirs
WHERE here.site = theirs.site AND here.domain = theirs.domain AND theirs.first_ms > 0
    AND (here.first_ms IS NULL OR theirs.first_ms < here.first_ms)
    AND (here.first_ms IS NULL OR EXISTS
        (SELECT 1 FROM old.day WHERE owner = theirs.id AND day < here.first_ms / 86400000))
