INSERT OR IGNORE INTO monitor (site, domain) SELECT site, domain FROM old.monitor WHERE first_ms > 0
