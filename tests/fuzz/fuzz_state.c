/* state/: any state.db can be read, and shows possible numbers, or it is found to be damaged. */
#include "fuzz.h"

#include "base/clock.h"
#include "dashboard/history.h"
#include "dashboard/snapshot.h"
#include "state/alert_log.h"
#include "state/alert_table.h"
#include "state/carry_over.h"
#include "state/event_table.h"
#include "state/expiry.h"
#include "state/indexer.h"
#include "state/message_table.h"
#include "state/staged.h"

#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DOMAINS = 3, HOURS = 3, TABLES_MAX = 32, MUTATIONS_MAX = 8 };

static const int64_t now_ms = 1795479030000; /* 2026-11-24T00:10:30Z */

static const char yaml[] = "sites:\n"
                           "  - id: s\n"
                           "    domains:\n"
                           "      - {id: a, url: 'http://h/'}\n"
                           "      - {id: b, url: 'http://h/', interval_seconds: 30}\n"
                           "  - id: t\n"
                           "    domains:\n"
                           "      - {id: c, url: 'http://h/', interval_seconds: 3600}\n";

/* A good state, and what is needed to change it. */
static struct {
    struct config *config;
    char folder[32], path[64];
    char *bytes; /* of the state, with tables that take values of any type */
    size_t size;
    char *table[TABLES_MAX], *sql[TABLES_MAX]; /* the names and texts of its tables */
    size_t n_tables;
} good;

static void remove_files(void)
{
    static const char *const names[] = {"state.db", "state.db-journal", "state.db-wal",
                                        "state.db-shm"};
    char path[64];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", good.folder, names[i]);
        unlink(path);
    }
    rmdir(good.folder);
}

static struct storage *open_storage(enum storage_mode mode, struct error *error)
{
    struct storage *storage;
    enum storage_health health;

    error->text[0] = '\0';
    if (storage_open(&storage, good.path, mode, good.config, &health, error) == 0)
        return storage;
    must(!storage && *error->text, "a state is opened, or an error is set");
    must(health != STORAGE_SOUND && health != STORAGE_MISSING,
         "a state that is refused is damaged");
    return NULL;
}

/* Stages a check of each domain for every minute. Most of them are exported then. */
static int stage_results(struct storage *storage, int64_t from_ms, int minutes, struct error *error)
{
    static const enum status statuses[] = {STATUS_UP, STATUS_UP, STATUS_DOWN, STATUS_TIMEOUT,
                                           STATUS_BOT_DETECTED};

    for (int i = 0; i < minutes; i++) {
        struct staged_result results[DOMAINS] = {{0}};

        for (size_t d = 0; d < DOMAINS; d++) {
            struct check *check = &results[d].check;

            results[d].domain = d;
            results[d].due_after_ms = from_ms + i * MS_PER_MINUTE + 1;
            results[d].has_phases = i % 2;
            check->start_ms = from_ms + i * MS_PER_MINUTE;
            check->status = statuses[(i / 3 + (int)d) % 5];
            check->http_status = check->status == STATUS_UP ? 200 : 503;
            check->latency_ms = 87;
            strcpy(check->failure, check->status == STATUS_UP ? "" : "http_status: got 503");
        }
        if (staged_add(storage, results, DOMAINS, error))
            return -1;
    }
    return 0;
}

static int index_monitor(void *context, const struct staged_monitor *staged, struct error *error)
{
    struct minute_index *minute_index = context;
    struct ledger_live live = {staged->live.length + 100, 50};
    struct indexer indexer;

    must(staged->monitor.id > 0 && staged->n > 0, "a monitor has an id and results");
    indexer_begin(&indexer, minute_index, staged->monitor.id, &staged->summary, INT64_MAX);
    for (size_t i = 0; i < staged->n; i++) {
        const struct staged_result *one = &staged->results[i];

        must(one->check.status > STATUS_UNKNOWN && one->check.status < STATUS_COUNT,
             "a staged result has a status");
        if (indexer_add(&indexer, &one->check, one->has_phases ? &one->phases : NULL, error))
            return -1;
        indexer.due_after_ms = one->due_after_ms;
    }
    return indexer_end(&indexer, error) ||
                   ledger_set_live(minute_index->storage, staged->monitor.id, &live, error)
               ? -1
               : 0;
}

static int add_event(void *context, const struct event *event, struct error *error)
{
    bool is_new;

    must(event_is_valid(event), "a staged event is valid");
    return event_table_add(context, event, &is_new, error);
}

static int see_event(void *context, const struct event *event, struct error *error)
{
    (void)context;
    (void)error;
    must(event_is_valid(event), "an event is valid");
    return 0;
}

static int index_events(struct storage *storage, struct error *error)
{
    struct event_table_adding adding;
    int result;

    if (storage_begin(storage, error))
        return -1;
    result = event_table_begin(&adding, storage, error);
    if (result == 0)
        result = event_table_each_staged(storage, add_event, &adding, error);
    if (result == 0)
        result =
            event_table_end(&adding, error) || event_table_delete_staged(storage, error) ? -1 : 0;
    if (storage_end(storage, result, error) ||
        event_table_each_since(storage, now_ms - MS_PER_DAY, see_event, NULL, error))
        return -1;
    return event_table_each_of_check(storage, now_ms - MS_PER_DAY, EVENT_HTTP, see_event, NULL,
                                     error);
}

/* Messages about the first domain: one was sent, one waits. */
static int add_messages(struct storage *storage, struct error *error)
{
    const struct event sent = {now_ms,     "s/a",      EVENT_HTTP, now_ms - MS_PER_HOUR,
                               EVENT_SENT, EVENT_DOWN, "",         "ops 1 began"};
    const struct alert_message message = {.target = "ops",
                                          .content = "{}",
                                          .created_ms = now_ms,
                                          .next_ms = now_ms,
                                          .attempts = 1,
                                          .answer = "HTTP 503"};
    const struct alert_part part = {
        .change = ALERT_ENDED, .series_ms = now_ms, .n = 2, .outage.began_ms = now_ms};
    struct alert_reported reported = ALERT_NO_REPORTS;
    struct event_table_adding adding;
    int64_t number;
    bool is_new;

    return event_table_begin(&adding, storage, error) ||
                   event_table_add(&adding, &sent, &is_new, error) ||
                   event_table_end(&adding, error) || alert_log_restore(storage, now_ms, error) ||
                   alert_table_put_reported(storage, "ops", EVENT_HTTP, "s/b", &reported, now_ms,
                                            error) ||
                   message_table_add(storage, &message, (const char *const[]){"s/a"}, &part, 1,
                                     &number, error)
               ? -1
               : 0;
}

static int see_subject(void *context, enum event_check check, const char *scope,
                       struct error *error)
{
    struct storage *storage = context;
    struct alert_reported reported;
    struct alert_story story;
    int64_t number;

    must(check >= 0 && check < EVENT_CHECKS && strlen(scope) < EVENT_SCOPE_MAX,
         "a subject has a kind and a scope");
    if (alert_table_read_story(storage, check, scope, now_ms - MS_PER_HOUR, &story, error) ||
        alert_table_get_reported(storage, "ops", check, scope, &reported, error) ||
        message_table_find(storage, "ops", check, scope, &number, error))
        return -1;
    must(reported.n >= 0 && reported.state < EVENT_STATES, "a report is possible");
    return alert_table_put_reported(storage, "ops", check, scope, &reported, now_ms + 1, error);
}

static int see_part(void *context, const char *scope, const struct alert_part *part,
                    struct error *error)
{
    (void)context;
    (void)scope;
    (void)error;
    must(part->change > ALERT_NONE && part->change < ALERT_CHANGES && part->n >= 0,
         "a part is possible");
    return 0;
}

static int see_message(void *context, const struct alert_message *message, struct error *error)
{
    must(message->attempts >= 0 && *message->target < 127, "a message is possible");
    return message_table_each_part(context, message->number, see_part, NULL, error);
}

/* What a tick and a rebuild do with targets, reports and messages. */
static int use_alerts(struct storage *storage, struct error *error)
{
    int64_t number;
    int result;

    if (storage_begin(storage, error))
        return -1;
    result = alert_table_each_subject(storage, now_ms, see_subject, storage, error) ||
                     alert_table_next(storage, &number, error) ||
                     message_table_each(storage, INT64_MAX, see_message, storage, error) ||
                     message_table_count_undelivered(storage, &number, error) ||
                     event_table_each_of_messages(storage, 9, see_event, NULL, error) ||
                     alert_table_delete_unused(storage, error) ||
                     alert_log_restore(storage, now_ms, error) ||
                     alert_table_set_targets(storage, now_ms, error)
                 ? -1
                 : 0;
    return storage_end(storage, result, error);
}

static int write_messages(struct storage *storage, struct error *error)
{
    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, add_messages(storage, error), error);
}

/* What an export does with the state. */
static int index_staged(struct storage *storage, struct error *error)
{
    static struct minute_index minute_index;
    int result;

    if (storage_begin(storage, error))
        return -1;
    minute_index_begin(&minute_index, storage);
    result = staged_each(storage, index_monitor, &minute_index, error);
    if (result == 0)
        result = minute_index_save(&minute_index, error);
    if (result == 0)
        result = staged_delete_all(storage, error);
    return storage_end(storage, result, error);
}

static void must_run(sqlite3 *db, const char *sql)
{
    must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static sqlite3 *open_database(void)
{
    sqlite3 *db = NULL;

    must(sqlite3_open(good.path, &db) == SQLITE_OK, "the file can be opened");
    sqlite3_exec(db,
                 "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA writable_schema = "
                 "ON; PRAGMA ignore_check_constraints = ON",
                 NULL, NULL, NULL);
    return db;
}

static int keep_table(void *context, int n, char **values, char **names)
{
    (void)context, (void)n, (void)names;
    must(good.n_tables < TABLES_MAX, "the schema has few tables");
    good.table[good.n_tables] = strdup(values[0]);
    good.sql[good.n_tables++] = strdup(values[1]);
    return 0;
}

static void read_state(void)
{
    int fd = open(good.path, O_RDONLY);
    struct stat status;

    must(fd >= 0 && fstat(fd, &status) == 0, "the state is there");
    good.size = (size_t)status.st_size;
    good.bytes = malloc(good.size);
    must(good.bytes && read(fd, good.bytes, good.size) == (ssize_t)good.size, "the state is read");
    close(fd);
}

static void make_good(void)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
    struct error error;
    struct storage *storage;
    sqlite3 *db;

    strcpy(good.folder, "/dev/shm/fuzz-state-XXXXXX");
    if (!mkdtemp(good.folder)) {
        strcpy(good.folder, "/tmp/fuzz-state-XXXXXX");
        must(mkdtemp(good.folder) != NULL, "a folder is made");
    }
    snprintf(good.path, sizeof good.path, "%s/state.db", good.folder);
    atexit(remove_files);
    good.config = config_parse("c", yaml, strlen(yaml), &mistakes);
    storage = open_storage(STORAGE_READ_WRITE, &error);
    must(stage_results(storage, now_ms - HOURS * MS_PER_HOUR, 60 * HOURS - 20, &error) == 0 &&
             index_staged(storage, &error) == 0 && index_events(storage, &error) == 0 &&
             history_count_days(storage, good.config, now_ms / MS_PER_DAY, &error) == 0 &&
             ledger_set_archive(storage, now_ms / MS_PER_DAY - 1, 1, 100, &error) == 0 &&
             storage_set_built(storage, now_ms - MS_PER_MINUTE, now_ms, 5, &error) == 0 &&
             write_messages(storage, &error) == 0 &&
             stage_results(storage, now_ms - 20 * MS_PER_MINUTE, 5, &error) == 0,
         "a good state is made");
    snapshot_free(snapshot_take(storage, good.config, now_ms, &error));
    storage_close(storage);

    /* STRICT would refuse values of another type. */
    db = open_database();
    must(sqlite3_exec(db, "SELECT name, sql FROM sqlite_master WHERE type = 'table'", keep_table,
                      NULL, NULL) == SQLITE_OK,
         "the schema is read");
    must_run(db, "UPDATE sqlite_master SET sql = replace(replace(sql, ') STRICT, WITHOUT', ') "
                 "WITHOUT'), ') STRICT', ')')");
    sqlite3_close(db);
    read_state();
}

static const struct {
    const char *table, *column;
} columns[] = {
    {"setting", "key"},
    {"setting", "value"},
    {"site", "id"},
    {"site", "name"},
    {"monitor", "id"},
    {"monitor", "site"},
    {"monitor", "domain"},
    {"monitor", "first_ms"},
    {"monitor", "due_after_ms"},
    {"monitor", "last_ms"},
    {"monitor", "last_status"},
    {"monitor", "last_http_status"},
    {"monitor", "last_latency_ms"},
    {"monitor", "last_failure"},
    {"monitor", "last_phases"},
    {"monitor", "failed_ms"},
    {"monitor", "failed_status"},
    {"monitor", "failed_http_status"},
    {"monitor", "failed_latency_ms"},
    {"monitor", "failed_failure"},
    {"monitor", "latest_ms"},
    {"monitor", "latest_status"},
    {"staged", "monitor"},
    {"staged", "number"},
    {"staged", "due_after_ms"},
    {"staged", "start_ms"},
    {"staged", "status"},
    {"staged", "http_status"},
    {"staged", "latency_ms"},
    {"staged", "failure"},
    {"staged", "phases"},
    {"minute_index", "key"},
    {"latency", "monitor"},
    {"latency", "day"},
    {"latency", "slots"},
    {"minute_index", "samples"},
    {"condition", "scope"},
    {"condition", "\"check\""},
    {"condition", "began_ms"},
    {"condition", "state"},
    {"condition", "since_ms"},
    {"condition", "count"},
    {"condition", "last_ms"},
    {"condition", "changed_ms"},
    {"condition", "code"},
    {"event", "scope"},
    {"event", "\"check\""},
    {"event", "began_ms"},
    {"event", "number"},
    {"event", "at_ms"},
    {"event", "change"},
    {"event", "state"},
    {"event", "code"},
    {"event", "detail"},
    {"staged_event", "scope"},
    {"staged_event", "\"check\""},
    {"staged_event", "began_ms"},
    {"staged_event", "number"},
    {"staged_event", "at_ms"},
    {"staged_event", "change"},
    {"staged_event", "state"},
    {"staged_event", "code"},
    {"staged_event", "detail"},
    {"live", "monitor"},
    {"live", "length"},
    {"live", "archived"},
    {"archive", "day"},
    {"archive", "monitor"},
    {"archive", "length"},
    {"day", "owner"},
    {"day", "day"},
    {"day", "up"},
    {"day", "down"},
    {"day", "timeout"},
    {"sum", "owner"},
    {"sum", "minutes"},
    {"message_event", "scope"},
    {"message_event", "\"check\""},
    {"message_event", "began_ms"},
    {"message_event", "at_ms"},
    {"message_event", "number"},
    {"message_event", "change"},
    {"message_event", "state"},
    {"message_event", "code"},
    {"message_event", "detail"},
    {"changed_subject", "scope"},
    {"changed_subject", "\"check\""},
    {"target", "id"},
    {"target", "first"},
    {"reported", "scope"},
    {"reported", "\"check\""},
    {"reported", "target"},
    {"reported", "state"},
    {"reported", "n"},
    {"reported", "is_flapping"},
    {"reported", "given_up"},
    {"reported", "series_ms"},
    {"reported", "outage_ms"},
    {"reported", "down_ms"},
    {"reported", "last_ms"},
    {"reported", "tried_ms"},
    {"reported", "given_up_ms"},
    {"reported", "look_ms"},
    {"message", "number"},
    {"message", "target"},
    {"message", "created_ms"},
    {"message", "next_ms"},
    {"message", "attempts"},
    {"message", "answer"},
    {"message", "content"},
    {"message_part", "message"},
    {"message_part", "position"},
    {"message_part", "scope"},
    {"message_part", "\"check\""},
    {"message_part", "change"},
    {"message_part", "state"},
    {"message_part", "series_ms"},
    {"message_part", "n"},
    {"message_part", "began_ms"},
    {"message_part", "is_flapping"},
};

static const char *const schemas[] = {
    "CREATE TABLE more (x)",
    "CREATE INDEX more ON monitor (first_ms) WHERE first_ms > 0",
    "CREATE VIEW more AS SELECT * FROM monitor",
    "CREATE TRIGGER more AFTER INSERT ON staged BEGIN DELETE FROM monitor; END",
    "DROP TABLE archive; CREATE VIEW archive (day, monitor, length) AS WITH RECURSIVE c(x) AS "
    "(SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x, x, 4 FROM c",
    "DROP TABLE sum; CREATE TABLE sum (owner INTEGER PRIMARY KEY, minutes AS "
    "(zeroblob(1000000000)))",
    "DROP TABLE live",
    "ALTER TABLE day RENAME TO days",
    "ALTER TABLE site ADD COLUMN x",
    "ANALYZE",
    "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'live') "
    "WHERE name = 'setting'",
    "UPDATE sqlite_master SET sql = replace(sql, 'INTEGER', 'ANY') WHERE name = 'day'",
    "UPDATE sqlite_master SET type = 'view' WHERE name = 'day'",
    "UPDATE sqlite_master SET sql = replace(sql, ')', ',)') WHERE name = 'site'",
    "PRAGMA user_version = 3",
    "PRAGMA application_id = 5",
};

/* Writes a value as SQL. */
static void put_value(struct input *input, const char *column, char *into, size_t size)
{
    static const long long numbers[] = {0,         1,        -1,          2,        5,
                                        6,         1440,     1441,        20781,    INT32_MAX,
                                        INT64_MAX, -719529,  2932897,     1L << 31, 28311525,
                                        INT64_MIN, 1L << 40, -(1L << 40), 999,      1000};
    uint8_t kind = input_byte(input);

    switch (kind % 10) {
    case 0:
    case 1:
        snprintf(into, size, "%lld + 0", numbers[input_byte(input) % (sizeof numbers / 8)]);
        break;
    case 2:
        snprintf(into, size, "%lld + 0", (long long)input_number(input, 8) + 1);
        break;
    case 3:
        snprintf(into, size, "NULL");
        break;
    case 4:
        snprintf(into, size, "printf('%%.*c', %d, char(%d))", (int)input_number(input, 2),
                 input_byte(input));
        break;
    case 5:
        snprintf(into, size, "CAST(%s AS BLOB)", column);
        break;
    case 6:
        snprintf(into, size, "zeroblob(%d)", (int)input_number(input, 2) % 10000);
        break;
    case 7:
        snprintf(into, size, "1e300 * %d", input_byte(input) - 128);
        break;
    case 8:
        snprintf(into, size, "%s + %d", column, (int)input_number(input, 2) - 32768);
        break;
    default:
        snprintf(into, size, "-%s", column);
        break;
    }
}

/* Changes a value, a table or the schema. Returns whether the schema was changed. */
static bool mutate(struct input *input, sqlite3 *db)
{
    uint8_t kind = input_byte(input);
    size_t n = input_byte(input) % (sizeof columns / sizeof columns[0]);
    const char *table = columns[n].table, *column = columns[n].column;
    char value[128], sql[512];

    if (kind % 16 == 15) {
        sqlite3_exec(db, schemas[n % (sizeof schemas / sizeof schemas[0])], NULL, NULL, NULL);
        return true;
    }
    put_value(input, column, value, sizeof value);
    if (kind % 16 == 14)
        snprintf(sql, sizeof sql, "DELETE FROM %s", table);
    else if (kind % 2)
        snprintf(sql, sizeof sql, "UPDATE OR IGNORE %s SET %s = %s", table, column, value);
    else
        snprintf(sql, sizeof sql,
                 "UPDATE OR IGNORE %s SET %s = %s WHERE %s = (SELECT %s FROM %s LIMIT 1 OFFSET %d)",
                 table, column, value, column, column, table, input_byte(input) % 8);
    sqlite3_exec(db, sql, NULL, NULL, NULL);
    return false;
}

static void restore_schema(sqlite3 *db)
{
    for (size_t i = 0; i < good.n_tables; i++) {
        char *sql = sqlite3_mprintf("UPDATE sqlite_master SET sql = %Q WHERE name = %Q",
                                    good.sql[i], good.table[i]);

        sqlite3_exec(db, sql, NULL, NULL, NULL);
        sqlite3_free(sql);
    }
}

/* Writes the good state with changes: first of its values, then of its bytes. */
static void write_mutated(struct input *input)
{
    int n = input_byte(input) % MUTATIONS_MAX, n_bytes = n == 7 ? 4 : 0, fd;
    bool has_schema = false;
    sqlite3 *db;

    remove_files();
    mkdir(good.folder, 0700);
    fd = open(good.path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    must(fd >= 0 && write(fd, good.bytes, good.size) == (ssize_t)good.size, "the state is written");
    db = open_database();
    for (int i = 0; i < n && input->left; i++)
        has_schema |= mutate(input, db);
    if (!has_schema)
        restore_schema(db);
    sqlite3_close(db);
    for (int i = 0; i < n_bytes && input->left; i++) {
        off_t at = (off_t)(input_number(input, 3) % good.size);
        uint8_t byte = input_byte(input);

        must(pwrite(fd, &byte, 1, at) == 1, "a byte is written");
    }
    close(fd);
}

static void must_be_uptimes(const struct uptime uptimes[SPANS])
{
    for (int span = 0; span < SPANS; span++) {
        must(uptimes[span].uptime >= 0 && uptimes[span].uptime <= 100000, "an uptime is a part");
        must(uptimes[span].measured >= 0 && uptimes[span].measured <= 100000, "so is measured");
    }
}

static void must_be_recorded(const struct recorded *recorded)
{
    if (!recorded)
        return;
    must(recorded->status > STATUS_UNKNOWN && recorded->status < STATUS_COUNT, "it has a status");
    must(recorded->http_status >= 0 && recorded->http_status < 1000, "it has an HTTP status");
    must(recorded->latency_ms >= -1, "it has a latency, or none");
    must(strlen(recorded->failure) < FAILURE_MAX, "it has a failure text");
}

static void must_be_slots(const struct latency_slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        must(slots[i].median <= slots[i].p95 && slots[i].status < STATUS_COUNT,
             "a slot has percentiles and a status");
}

static void must_be_sound(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < DOMAINS; i++) {
        const struct domain_view *view = &snapshot->domains[i];

        must_be_uptimes(view->uptime);
        must_be_slots(view->week, LATENCY_WEEK_SLOTS);
        must_be_slots(view->month, LATENCY_MONTH_SLOTS);
        must_be_recorded(view->last);
        must_be_recorded(view->last_failure);
        for (size_t b = 0; b < snapshot->n_buckets; b++)
            must(view->timeline[b] < STATUS_COUNT, "a cell is a status");
        for (int day = 0; day < DAYS_SHOWN; day++)
            must(view->days[day].good + view->days[day].bad <= MINUTES_PER_DAY,
                 "a day has no more minutes than it has");
        for (int list = 0; list < OUTAGE_LISTS; list++) {
            must(view->outages[list].n_week <= view->outages[list].n_all,
                 "more in a week than in all");
            must(view->outages[list].n <= view->outages[list].n_all,
                 "an outage that is kept is known");
            for (size_t o = 0; o < view->outages[list].n; o++)
                must(view->outages[list].items[o] != NULL, "an outage is there");
        }
    }
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *view = &snapshot->sites[i];

        must_be_uptimes(view->uptime);
        for (size_t k = 0; k < view->n_day_runs; k++)
            must(view->day_runs[k].first + view->day_runs[k].n <= DAY_BUCKETS &&
                     view->day_runs[k].status < STATUS_COUNT,
                 "a run is of a day");
    }
}

static int read_snapshot(struct storage *storage, struct error *error)
{
    struct snapshot *snapshot = snapshot_take(storage, good.config, now_ms, error);

    if (!snapshot)
        return -1;
    must_be_sound(snapshot);
    snapshot_free(snapshot);
    return 0;
}

static int read_ledger(struct storage *storage, struct error *error)
{
    struct monitor_id monitor = {.id = 0};
    struct ledger_live live;
    int64_t length;
    bool staged;

    do {
        if (ledger_next_live(storage, &monitor, &live, &staged, error))
            return -1;
        must(!monitor.id ||
                 (live.length >= 0 && live.archived >= 0 && live.archived <= live.length),
             "a file has a length");
    } while (monitor.id);
    return ledger_get_archive(storage, now_ms / MS_PER_DAY - 1, 1, &length, error);
}

/* The steps of a tick. */
static int tick(struct storage *storage, struct error *error)
{
    int64_t day = now_ms / MS_PER_DAY, *due_after_ms, *wait_until_ms;

    if (monitors_load_due_after(storage, &due_after_ms, &wait_until_ms, error))
        return -1;
    free(due_after_ms);
    free(wait_until_ms);
    if (stage_results(storage, now_ms - 90 * MS_PER_MINUTE, 1, error) ||
        stage_results(storage, now_ms, 1, error) || index_staged(storage, error) ||
        index_events(storage, error) || use_alerts(storage, error) ||
        history_count_days(storage, good.config, day, error) || read_ledger(storage, error) ||
        expiry_delete(storage, now_ms - MS_PER_DAY, day - 1, day - 1, day - 1, error))
        return -1;
    return read_snapshot(storage, error);
}

/* After -1, the state is damaged, and says so. */
static void must_be_damage(const struct storage *storage, int result, const struct error *error)
{
    must(result == 0 || *error->text, "a failure has an error");
    must(result == 0 || storage_is_damaged(storage), error->text);
}

/* What is copied from the state into a new one is never damage. */
static void carry_over(void)
{
    struct error error;
    struct storage *storage = open_storage(STORAGE_IN_MEMORY, &error);

    must(storage && carry_over_derived(storage, good.path, &error) == 0 &&
             carry_over_events(storage, good.path, &error) == 0 &&
             carry_over_staged(storage, good.path, &error) == 0,
         "any state can be carried over, or nothing of it");
    must(storage_examine(storage, &error) == 0 && read_snapshot(storage, &error) == 0 &&
             tick(storage, &error) == 0,
         "the new state is sound");
    storage_close(storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct error error;
    struct storage *storage;
    int result;

    if (!good.bytes)
        make_good();
    write_mutated(&input);
    storage = open_storage(STORAGE_READ_ONLY, &error);
    if (storage)
        must_be_damage(storage, read_snapshot(storage, &error), &error);
    storage_close(storage);
    carry_over();

    storage = open_storage(STORAGE_READ_WRITE, &error);
    if (!storage)
        return 0;
    if (input_byte(&input) % 2) {
        result = storage_examine(storage, &error);
        must_be_damage(storage, result, &error);
        if (result) {
            storage_close(storage);
            return 0;
        }
    }
    must_be_damage(storage, tick(storage, &error), &error);
    storage_close(storage);
    return 0;
}
