-- How many monitors have staged results, up to ?1, and whether all of them have a live file.
SELECT count(*), coalesce(min(coalesce(length > archived, 0)), 1)
FROM (SELECT DISTINCT monitor FROM staged ORDER BY monitor LIMIT ?1)
LEFT JOIN live USING (monitor)
