-- The minute index. Rows are in the order of the hours.

-- name: get_samples
SELECT samples FROM minute_index WHERE key = ?1
-- name: put_samples
INSERT OR REPLACE INTO minute_index (key, samples) VALUES (?1, ?2)
-- name: list_samples
SELECT key, samples FROM minute_index WHERE key BETWEEN ?1 AND ?2 ORDER BY key
-- name: first_key
SELECT min(key) FROM minute_index WHERE key >= ?1

-- name: list_keys_before
SELECT key FROM minute_index WHERE key < ?1 ORDER BY key
-- name: delete_samples
DELETE FROM minute_index WHERE key = ?1
