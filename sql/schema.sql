-- state.db, version 3. All times are in milliseconds since the epoch; hours and days are numbered
-- since the epoch.
PRAGMA application_id = 0x7570746b; -- "uptk"
PRAGMA user_version = 3;

-- Small numbers by their key: enum storage_note in storage.h and enum inner_note in database.h.
CREATE TABLE note (
    key INTEGER PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name NOT GLOB '*[^A-Za-z0-9._-]*')
) STRICT;

-- Every monitor ever recorded: one that left the configuration keeps its row and its history.
-- last_* is its latest check, failed_* the latest that was not UP; NULL where there is none. Those
-- are by the order of recording, and latest_* is by time.
CREATE TABLE monitor (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL CHECK (site NOT GLOB '*[^A-Za-z0-9._-]*'),
    domain TEXT NOT NULL CHECK (domain NOT GLOB '*[^A-Za-z0-9._-]*'),
    first_ms INTEGER,
    served_ms INTEGER NOT NULL DEFAULT 0,
    last_ms INTEGER,
    last_status INTEGER,
    last_http_status INTEGER,
    last_latency_ms INTEGER,
    last_failure TEXT,
    last_phases BLOB,
    failed_ms INTEGER,
    failed_status INTEGER,
    failed_http_status INTEGER,
    failed_latency_ms INTEGER,
    failed_failure TEXT,
    latest_ms INTEGER,
    latest_status INTEGER,
    UNIQUE (site, domain)
) STRICT;

-- Results that are not known to be in the CSV yet, in the order of their coming. Their phases
-- (phases.c) are no part of the CSV, and NULL where they are not known.
CREATE TABLE staged (
    monitor INTEGER NOT NULL,
    number INTEGER NOT NULL,
    served_ms INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),
    http_status INTEGER NOT NULL,
    latency_ms INTEGER NOT NULL,
    failure TEXT NOT NULL CHECK (length(CAST(failure AS BLOB)) < 512),
    phases BLOB,
    PRIMARY KEY (monitor, number)
) STRICT, WITHOUT ROWID;

-- The last check to start in each minute of an hour, packed (marks.h), of monitors whose ids follow
-- each other. place is the hour times 2^20, and then a number for the ids (recent.c): a tick changes
-- one hour's rows, which lie together, a page each.
CREATE TABLE recent (
    place INTEGER PRIMARY KEY,
    marks BLOB NOT NULL
) STRICT;

-- Checks that came out otherwise than the one before them in time (interruption.h, turns.h), which
-- started at before_ms. Where rows that came late made it a turn, its http_status and failure are
-- not known.
CREATE TABLE turn (
    monitor INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    before_ms INTEGER,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),
    http_status INTEGER NOT NULL,
    failure TEXT NOT NULL CHECK (length(CAST(failure AS BLOB)) < 512),
    PRIMARY KEY (monitor, start_ms)
) STRICT, WITHOUT ROWID;

-- The ledger: the lengths vouched for. The first `archived` bytes of a live file are in the
-- archives as well; where that is all of it, the file may be gone.
CREATE TABLE live (
    monitor INTEGER PRIMARY KEY,
    length INTEGER NOT NULL CHECK (length >= 0),
    archived INTEGER NOT NULL CHECK (archived BETWEEN 0 AND length)
) STRICT;

-- The monitor is an id; or one negated, and the length is then that of its pack, unpacked.
CREATE TABLE archive (
    day INTEGER NOT NULL,
    monitor INTEGER NOT NULL,
    length INTEGER NOT NULL CHECK (length >= 0),
    PRIMARY KEY (day, monitor)
) STRICT, WITHOUT ROWID;

-- Minutes of a day by status. The owner is a monitor's id, or a site's id negated.
CREATE TABLE day (
    owner INTEGER NOT NULL,
    day INTEGER NOT NULL,
    up INTEGER NOT NULL CHECK (up BETWEEN 0 AND 1440),
    degraded INTEGER NOT NULL CHECK (degraded BETWEEN 0 AND 1440),
    bot INTEGER NOT NULL CHECK (bot BETWEEN 0 AND 1440),
    down INTEGER NOT NULL CHECK (down BETWEEN 0 AND 1440),
    timeout INTEGER NOT NULL CHECK (timeout BETWEEN 0 AND 1440),
    PRIMARY KEY (owner, day)
) STRICT, WITHOUT ROWID;

-- Sums of `day` over the spans, and its last 89 days (day.c), as of the day in a note, so that a
-- build reads one row an owner.
CREATE TABLE sum (
    owner INTEGER PRIMARY KEY,
    minutes BLOB NOT NULL
) STRICT;
