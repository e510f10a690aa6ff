-- The tables of state.db. All times are in milliseconds since the epoch. Hours and days are counted
-- since the epoch.

-- script: schema
BEGIN IMMEDIATE;
PRAGMA application_id = 0x7570746b; -- "uptk"; APPLICATION_ID in storage.c
PRAGMA user_version = 8; -- SCHEMA_VERSION in storage.c; carry_over.sql also reads older versions

-- Numbers kept from one tick to the next. The keys are enum storage_setting.
CREATE TABLE setting (
    key INTEGER PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name NOT GLOB '*[^A-Za-z0-9._-]*')
) STRICT;

-- Every monitor that was ever recorded. One that leaves the configuration keeps its row.
-- last_* is the check recorded last, failed_* the last one that was not UP. latest_* is the latest
-- check in time, which can be another one if the clock was set back. NULL: there is none.
CREATE TABLE monitor (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL CHECK (site NOT GLOB '*[^A-Za-z0-9._-]*'),
    domain TEXT NOT NULL CHECK (domain NOT GLOB '*[^A-Za-z0-9._-]*'),
    first_ms INTEGER,
    due_after_ms INTEGER NOT NULL DEFAULT 0,
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

-- Results that are not in the CSV yet. The numbers of a monitor are in the order of staging. The
-- CSV has no phases; NULL: unknown.
CREATE TABLE staged (
    monitor INTEGER NOT NULL,
    number INTEGER NOT NULL,
    due_after_ms INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),
    http_status INTEGER NOT NULL,
    latency_ms INTEGER NOT NULL,
    failure TEXT NOT NULL CHECK (length(CAST(failure AS BLOB)) < 512),
    phases BLOB,
    PRIMARY KEY (monitor, number)
) STRICT, WITHOUT ROWID;

-- The last check that started in each minute of one hour, for monitors with neighbouring ids
-- (samples.h). The key is made of the hour and a number for the ids (minute_index.h), so a tick
-- changes neighbouring rows. Each row fills one page.
CREATE TABLE minute_index (
    key INTEGER PRIMARY KEY,
    samples BLOB NOT NULL
) STRICT;

-- Open conditions (confirm.h). "check" is enum event_check, state is enum event_state.
CREATE TABLE condition (
    scope TEXT NOT NULL,
    "check" INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    state INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    changed_ms INTEGER,
    code TEXT NOT NULL,
    PRIMARY KEY (scope, "check")
) STRICT, WITHOUT ROWID;

-- Events that are not in the event log yet, in the order of staging.
CREATE TABLE staged_event (
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    scope TEXT NOT NULL,
    "check" INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    change INTEGER NOT NULL,
    state INTEGER NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- The event log of 400 days, ordered by conditions. The numbers are in the order of the log. That is
-- not always the order of the events: if the clock was set back, the end of a condition can be in
-- the archive of an earlier day; and events that were lost are derived later. So a condition has
-- parts: 0 is EVENT_OPENED, 2 EVENT_CLOSED, 1 all others. The second key finds the conditions that
-- changed in a span of time. It repeats the columns of the first key, because SQLite would read the
-- table for each entry otherwise.
CREATE TABLE event (
    scope TEXT NOT NULL,
    "check" INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    part INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    number INTEGER NOT NULL,
    change INTEGER NOT NULL,
    state INTEGER NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (scope, "check", began_ms, part, at_ms, number),
    UNIQUE (at_ms, number, scope, "check", began_ms, part)
) STRICT, WITHOUT ROWID;

-- The conditions that were confirmed, or need no confirmation: an event has another state than
-- EVENT_UP and EVENT_SUSPECT (1).
CREATE INDEX event_outage ON event (scope, "check", began_ms) WHERE state > 1;

-- The events of the log that are about messages (event.h), with numbers from the same sequence. They
-- are not in table event, so nothing that reads conditions can depend on what was sent.
CREATE TABLE message_event (
    scope TEXT NOT NULL,
    "check" INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    number INTEGER NOT NULL,
    change INTEGER NOT NULL,
    state INTEGER NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (scope, "check", change, began_ms, at_ms, number),
    UNIQUE (at_ms, number, scope, "check", change, began_ms)
) STRICT, WITHOUT ROWID;

-- The subjects that have new events of a condition, until they are decided (alert_table.h).
CREATE TABLE changed_subject (
    scope TEXT NOT NULL,
    "check" INTEGER NOT NULL,
    PRIMARY KEY (scope, "check")
) STRICT, WITHOUT ROWID;

-- The targets of the configuration, and the number of the last event before each one was there.
CREATE TABLE target (
    id TEXT PRIMARY KEY,
    first INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was reported to a target about a subject (alert.h). A missing moment is NULL. look_ms is when
-- the subject has to be decided again.
CREATE TABLE reported (
    scope TEXT NOT NULL,
    "check" INTEGER NOT NULL,
    target TEXT NOT NULL,
    state INTEGER NOT NULL,
    n INTEGER NOT NULL,
    is_flapping INTEGER NOT NULL,
    given_up INTEGER NOT NULL,
    series_ms INTEGER,
    outage_ms INTEGER,
    down_ms INTEGER,
    last_ms INTEGER,
    tried_ms INTEGER,
    given_up_ms INTEGER,
    look_ms INTEGER,
    PRIMARY KEY (scope, "check", target),
    UNIQUE (look_ms, scope, "check", target)
) STRICT, WITHOUT ROWID;

-- Messages that wait to be delivered. The content is JSON (alert/message.h).
CREATE TABLE message (
    number INTEGER PRIMARY KEY,
    target TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    next_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    answer TEXT NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (next_ms, number)
) STRICT;

-- What each message is about: one row for each subject.
CREATE TABLE message_part (
    message INTEGER NOT NULL,
    position INTEGER NOT NULL,
    scope TEXT NOT NULL,
    "check" INTEGER NOT NULL,
    change INTEGER NOT NULL,
    state INTEGER NOT NULL,
    series_ms INTEGER NOT NULL,
    n INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    is_flapping INTEGER NOT NULL,
    PRIMARY KEY (message, position),
    UNIQUE (scope, "check", message)
) STRICT, WITHOUT ROWID;

-- The certificates that servers use (certificates.h): one row for each verified chain of a server,
-- with the text of chain.h and the validity of the certificate that ends first. seen_ms is a check
-- that saw it, at most two hours before the last one; unseen and longest are those of
-- expiry_notice.h. via is the monitor whose check was redirected to the server; '' if a monitor
-- has its URL.
CREATE TABLE certificate (
    scope TEXT NOT NULL,
    id TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    unseen INTEGER NOT NULL,
    longest INTEGER NOT NULL,
    via TEXT NOT NULL,
    chain TEXT NOT NULL,
    PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- The committed lengths of live files. The first `archived` bytes are also in the archives. If that
-- is the whole file, the file may be missing.
CREATE TABLE live (
    monitor INTEGER PRIMARY KEY,
    length INTEGER NOT NULL CHECK (length >= 0),
    archived INTEGER NOT NULL CHECK (archived BETWEEN 0 AND length)
) STRICT;

-- The committed lengths of the files of the archives. A negated monitor id is the compressed file;
-- its length is that of the uncompressed rows.
CREATE TABLE archive (
    day INTEGER NOT NULL,
    monitor INTEGER NOT NULL,
    length INTEGER NOT NULL CHECK (length >= 0),
    PRIMARY KEY (day, monitor)
) STRICT, WITHOUT ROWID;

-- The minutes of a day by status. The owner is the id of a monitor, or the negated id of a site.
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

-- The sums of `day` over each span, and its last 89 days (days.c), as of SETTING_SUMS_DAY. With
-- them, a build of the dashboard reads one row for each owner.
CREATE TABLE sum (
    owner INTEGER PRIMARY KEY,
    minutes BLOB NOT NULL
) STRICT;

-- The latencies of a monitor over 7 and 30 days, which end with `day` (latency_table.h).
CREATE TABLE latency (
    monitor INTEGER PRIMARY KEY,
    day INTEGER NOT NULL,
    slots BLOB NOT NULL
) STRICT;

COMMIT;
