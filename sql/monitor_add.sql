INSERT INTO monitor (site, domain) VALUES (?1, ?2)
