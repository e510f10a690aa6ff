-- The latencies of the days that are counted, for the charts of 7 and 30 days.

-- name: get_latencies
SELECT monitor, day, slots FROM latency WHERE monitor = ?1
-- name: list_latencies
SELECT monitor, day, slots FROM latency WHERE monitor BETWEEN ?1 AND ?2 ORDER BY monitor
-- name: put_latencies
INSERT OR REPLACE INTO latency (monitor, day, slots) VALUES (?1, ?2, ?3)
-- name: delete_latencies
DELETE FROM latency WHERE monitor = ?1
-- name: delete_latencies_before
DELETE FROM latency WHERE day < ?1
