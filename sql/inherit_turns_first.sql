-- That row was a turn for want of any before it: it is what the old state says of it. Where that
-- does not know it as a turn, it is none, unless it came out otherwise.
DELETE FROM main.turn
WHERE before_ms IS NULL
    AND (SELECT CASE status WHEN 5 THEN 4 ELSE status END FROM main.turn AS earlier
         WHERE earlier.monitor = turn.monitor AND earlier.start_ms < turn.start_ms
         ORDER BY start_ms DESC LIMIT 1) = CASE status WHEN 5 THEN 4 ELSE status END
    AND NOT EXISTS (SELECT 1 FROM old.turn AS there
         JOIN old.monitor AS theirs ON theirs.id = there.monitor
         JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
         WHERE here.id = turn.monitor AND there.start_ms = turn.start_ms)
