SELECT id, site, domain FROM monitor
WHERE id = (SELECT min(monitor) FROM staged WHERE monitor > ?1)
