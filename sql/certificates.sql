-- Certificates of servers, and what their events need.

-- name: list_certificates
SELECT scope, id, from_ms, until_ms, seen_ms, unseen, longest, via, substr(chain, 1, 64)
FROM certificate ORDER BY scope, id
-- name: list_chains
SELECT scope, id, from_ms, until_ms, seen_ms, unseen, longest, via, chain
FROM certificate ORDER BY scope, until_ms, id
-- name: get_chain
SELECT chain FROM certificate WHERE scope = ?1 AND id = ?2
-- name: put_certificate
INSERT OR REPLACE INTO certificate
    (from_ms, until_ms, seen_ms, unseen, longest, scope, id, via, chain)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
-- name: update_certificate
UPDATE certificate SET seen_ms = ?1, unseen = ?2, longest = ?3, via = ?6
WHERE scope = ?4 AND id = ?5
-- name: delete_certificate
DELETE FROM certificate WHERE scope = ?1 AND id = ?2

-- As of a moment that is past.
-- name: delete_later_certificates
DELETE FROM certificate WHERE from_ms > ?1
-- name: revive_certificates
UPDATE certificate SET unseen = 0 WHERE seen_ms >= ?1

-- The detail of the last event of an open condition that names a certificate.
-- name: get_certificate_detail
SELECT detail FROM (
    SELECT 1 AS is_staged, number, detail FROM staged_event
    WHERE "check" = ?1 AND began_ms = ?2 AND scope = ?3 AND change <> ?4
    UNION ALL
    SELECT 0, number, detail FROM event
    WHERE "check" = ?1 AND began_ms = ?2 AND scope = ?3 AND change <> ?4)
ORDER BY is_staged DESC, number DESC LIMIT 1
