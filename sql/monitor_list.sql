SELECT id, site, domain FROM monitor ORDER BY id
