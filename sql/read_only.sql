PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;
