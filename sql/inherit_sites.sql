INSERT OR IGNORE INTO site (name) SELECT name FROM old.site
