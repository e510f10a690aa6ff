PRAGMA page_size = 8192;
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = EXTRA;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -4000;
PRAGMA cache_spill = OFF;
