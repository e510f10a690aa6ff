SELECT monitor, site, domain, length, archived,
       EXISTS (SELECT 1 FROM staged WHERE staged.monitor = live.monitor)
FROM live JOIN monitor ON monitor.id = live.monitor
WHERE live.monitor > ?1 ORDER BY live.monitor LIMIT 1
