-- Opening the file, transactions and settings.

-- name: begin
BEGIN IMMEDIATE
-- name: commit
COMMIT
-- name: rollback
ROLLBACK
-- As long as it is not reset, the file is locked for reading.
-- name: hold
SELECT 1 FROM sqlite_master

-- name: get_setting
SELECT value FROM setting WHERE key = ?1
-- name: set_setting
INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)

-- script: application_id
PRAGMA application_id
-- script: user_version
PRAGMA user_version
-- script: restrict
PRAGMA cell_size_check = ON
-- script: list_schema
SELECT type, sql FROM sqlite_master ORDER BY rowid
-- script: count_tables
SELECT count(*) FROM sqlite_master
-- script: is_utf_16
SELECT count(*) FROM pragma_encoding WHERE encoding <> 'UTF-8'
-- script: page_size
PRAGMA page_size
-- Not quick_check: in a copy made during a transaction, a table and its index can differ.
-- script: integrity_check
PRAGMA integrity_check(1)

-- A rollback journal, not WAL: a state that nobody uses is one file, and a reader can open it on a
-- read-only disk. With secure_delete, which is the default of Debian, each page of deleted rows would
-- be written twice: to the journal, and with zeros to the file.
-- script: open
PRAGMA page_size = 8192;
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = EXTRA;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -4000;
PRAGMA cache_spill = OFF;
PRAGMA secure_delete = OFF;
-- script: read_only
PRAGMA query_only = ON;
PRAGMA temp_store = MEMORY;
-- script: disable_safety
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
PRAGMA cache_spill = ON;

-- How many rows have a value that uptick never writes (column.h). A CHECK of the schema would refuse
-- such a value when it is written, and end the tick.
-- script: count_impossible
SELECT (SELECT count(*) FROM setting WHERE NOT is_any(value))
    + (SELECT count(*) FROM site WHERE NOT (is_monitor(id) AND is_site(name)))
    + (SELECT count(*) FROM monitor WHERE NOT (is_monitor(id) AND is_site(site) AND is_id(domain)
        AND (first_ms IS NULL OR is_time(first_ms)) AND is_time(due_after_ms)
        AND (last_ms IS NULL AND last_status IS NULL
            OR is_time(last_ms) AND is_status(last_status) AND is_http_status(last_http_status)
            AND is_latency(last_latency_ms) AND is_failure(last_failure))
        AND (last_phases IS NULL OR is_phases(last_phases))
        AND (failed_ms IS NULL AND failed_status IS NULL
            OR is_time(failed_ms) AND is_status(failed_status)
            AND is_http_status(failed_http_status) AND is_latency(failed_latency_ms)
            AND is_failure(failed_failure))
        AND (latest_ms IS NULL AND latest_status IS NULL
            OR is_time(latest_ms) AND is_status(latest_status))))
    + (SELECT count(*) FROM staged WHERE NOT (is_monitor(monitor) AND is_number(number)
        AND is_time(due_after_ms) AND is_time(start_ms) AND is_status(status)
        AND is_http_status(http_status) AND is_latency(latency_ms) AND is_failure(failure)
        AND (phases IS NULL OR is_phases(phases))))
    + (SELECT count(*) FROM minute_index WHERE NOT is_key(key))
    + (SELECT count(*) FROM condition WHERE NOT (is_event(scope, "check", 0, state, code, '')
        AND is_time(began_ms) AND is_time(since_ms) AND is_length(count) AND is_time(last_ms)
        AND (changed_ms IS NULL OR is_time(changed_ms))))
    + (SELECT count(*) FROM staged_event WHERE NOT (is_number(number) AND is_time(at_ms)
        AND is_time(began_ms) AND (is_event(scope, "check", change, state, code, detail)
            OR is_message_event(scope, "check", change, state, code, detail))))
    + (SELECT count(*) FROM event WHERE NOT (is_number(number) AND is_time(at_ms)
        AND is_time(began_ms) AND part = event_part(change)
        AND is_event(scope, "check", change, state, code, detail)))
    + (SELECT count(*) FROM live WHERE NOT (is_record(monitor) AND monitor > 0
        AND is_length(length) AND is_length(archived) AND archived <= length))
    + (SELECT count(*) FROM archive WHERE NOT (is_day(day) AND is_record(monitor)
        AND is_length(length)))
    + (SELECT count(*) FROM day WHERE NOT (is_owner(owner) AND is_day(day) AND is_minutes(up)
        AND is_minutes(degraded) AND is_minutes(bot) AND is_minutes(down) AND is_minutes(timeout)
        AND is_minutes(up + degraded + bot + down + timeout)))
    + (SELECT count(*) FROM sum WHERE NOT is_owner(owner))
    + (SELECT count(*) FROM latency WHERE NOT (is_monitor(monitor) AND is_day(day)))
    + (SELECT count(*) FROM certificate WHERE NOT (is_server(scope) AND is_hash(id)
        AND is_time(from_ms) AND is_time(until_ms) AND is_time(seen_ms) AND is_length(unseen)
        AND is_length(longest) AND is_via(via) AND is_chain(chain)))
    + (SELECT count(*) FROM message_event WHERE NOT (is_number(number) AND is_time(at_ms)
        AND is_time(began_ms) AND is_message_event(scope, "check", change, state, code, detail)))
    + (SELECT count(*) FROM changed_subject WHERE NOT is_event(scope, "check", 0, 1, '', ''))
    + (SELECT count(*) FROM target WHERE NOT (is_id(id) AND is_length(first)))
    + (SELECT count(*) FROM reported WHERE NOT (is_event(scope, "check", 0, 1, '', '')
        AND is_id(target) AND is_event_state(state) AND is_count(n)
        AND is_flag(is_flapping) AND is_event_state(given_up)
        AND (series_ms IS NULL OR is_time(series_ms)) AND (outage_ms IS NULL OR is_time(outage_ms))
        AND (down_ms IS NULL OR is_time(down_ms)) AND (last_ms IS NULL OR is_time(last_ms))
        AND (tried_ms IS NULL OR is_time(tried_ms))
        AND (given_up_ms IS NULL OR is_time(given_up_ms))
        AND (look_ms IS NULL OR is_time(look_ms))))
    + (SELECT count(*) FROM message WHERE NOT (is_number(number) AND is_id(target)
        AND is_time(created_ms) AND is_time(next_ms) AND is_count(attempts) AND is_failure(answer)
        AND is_content(content)))
    + (SELECT count(*) FROM message_part WHERE NOT (is_number(message) AND is_count(position)
        AND is_event(scope, "check", 0, 1, '', '') AND is_alert_change(change)
        AND is_event_state(state) AND is_time(series_ms) AND is_count(n) AND is_time(began_ms)
        AND is_flag(is_flapping)))
