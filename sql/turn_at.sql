SELECT start_ms, before_ms, status FROM turn WHERE monitor = ?1 AND start_ms <= ?2
ORDER BY start_ms DESC LIMIT 1
