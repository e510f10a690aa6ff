-- And so is what was before it; where the old state does not know, the turn that it knows last.
UPDATE main.turn SET before_ms = coalesce(
    (SELECT there.before_ms FROM old.turn AS there
     JOIN old.monitor AS theirs ON theirs.id = there.monitor
     JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
     WHERE here.id = turn.monitor AND there.start_ms = turn.start_ms),
    (SELECT max(start_ms) FROM main.turn AS earlier
     WHERE earlier.monitor = turn.monitor AND earlier.start_ms < turn.start_ms))
WHERE before_ms IS NULL
