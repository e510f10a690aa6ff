SELECT monitor, site, domain, length, archived FROM live JOIN monitor ON monitor.id = live.monitor
WHERE live.monitor > ?1 ORDER BY live.monitor LIMIT 1
