-- All before ?1, but the latest of each monitor, which says what it was then.
DELETE FROM turn WHERE start_ms < ?1 AND start_ms <
    (SELECT max(start_ms) FROM turn AS later
     WHERE later.monitor = turn.monitor AND later.start_ms <= ?1)
