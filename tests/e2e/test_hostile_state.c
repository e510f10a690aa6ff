/* state.db from a hostile hand: no command crashes or hangs, no file elsewhere changes, and two
 * ticks later everything works again. */
#include "cmocka_all.h"
#include "e2e.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECONDS_MAX = 30 };

static const char config[] =
    "render_interval_seconds: 1\n"
    "sites:\n"
    "  - id: s\n"
    "    domains:\n"
    "      - {id: a, url: 'http://@http@/script/2u1d1b3u1d?a', interval_seconds: 60}\n"
    "      - {id: b, url: 'http://@http@/flap/3', interval_seconds: 120, role: supplementary}\n"
    "      - {id: c, url: 'https://@tls-listed@/ok', interval_seconds: 60, ca_file: ca.pem, "
    "role: supplementary}\n";

/* Two days of ticks; a copy of the records is kept as "whole". */
static void begin(struct e2e *world)
{
    e2e_config(world, config);
    e2e_write(world, "tls-listed", "1793491200 1795564800\n"); /* until 2026-11-25 */
    for (int m = 0; m < 6; m++)
        e2e_tick(world, e2e_format(world, "2026-11-22 23:5%d:00", m + 3));
    for (int m = 0; m < 6; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 10:0%d:00", m));
    e2e_shell(world, "cp -a data whole");
}

static void restore(struct e2e *world)
{
    e2e_shell(world, "rm -rf data public && cp -a whole data");
}

static bool is_sweep(void)
{
    return getenv("UPTICK_SWEEP") != NULL;
}

/* Runs SQL on the state, with tables that take values of any type. SQL that fails has no effect. */
static void change_state(struct e2e *world, const char *sql)
{
    sqlite3 *state = state_open(world, "data/state.db", SQLITE_OPEN_READWRITE);

    sqlite3_exec(state, "PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON", NULL,
                 NULL, NULL);
    sqlite3_exec(state, sql, NULL, NULL, NULL);
    sqlite3_close(state);
}

/* Makes the tables take values of any type, or only those of sql/schema.sql again. */
static void set_strict(struct e2e *world, bool strict)
{
    change_state(world, strict
                            ? "UPDATE sqlite_master SET sql = replace(replace(sql, ') /*1*/', "
                              "') STRICT'), ') WITHOUT ROWID /*2*/', ') STRICT, WITHOUT ROWID')"
                            : "UPDATE sqlite_master SET sql = replace(replace(sql, ') STRICT, "
                              "WITHOUT ROWID', ') WITHOUT ROWID /*2*/'), ') STRICT', ') /*1*/')");
}

/* Makes the stamp match the state, as somebody can who knows its format. */
static void forge_stamp(struct e2e *world)
{
    unsigned char count[4] = {0};
    struct stat status;
    FILE *file = fopen(e2e_path(world, "data/state.db"), "rb");

    if (!file || fseek(file, 24, SEEK_SET) || fread(count, 4, 1, file) != 1 || fclose(file) ||
        stat(e2e_path(world, "data/state.db"), &status))
        fail_msg("the state cannot be read");
    e2e_write(world, "data/state.db.stamp",
              e2e_format(world, "%lu %lld %lld.%09ld %lld %lld.%09ld\n",
                         (unsigned long)count[0] << 24 | (unsigned long)count[1] << 16 |
                             (unsigned long)count[2] << 8 | count[3],
                         (long long)status.st_size, (long long)status.st_mtim.tv_sec,
                         status.st_mtim.tv_nsec, (long long)status.st_ino,
                         (long long)status.st_ctim.tv_sec, status.st_ctim.tv_nsec));
}

static void check_run(struct e2e *world, const char *what, const char *command)
{
    const struct run *run = &world->last;

    e2e_check(run->signal == 0 && (run->status == 0 || run->status == 74),
              "%s: %s ended with status %d, signal %d: %s", what, command, run->status, run->signal,
              run->err);
    e2e_check(run->seconds < SECONDS_MAX, "%s: %s took %.1f s", what, command, run->seconds);
}

/* Whether no percentage of status.json is beyond 100, and no number is negative that cannot be. */
static void check_numbers(struct e2e *world, const char *what, json_t *value)
{
    const char *key;
    json_t *child;
    size_t i;

    json_object_foreach(value, key, child)
    {
        if (strstr(key, "percent") && json_is_number(child))
            e2e_check(json_number_value(child) >= 0 && json_number_value(child) <= 100,
                      "%s: %s is %f", what, key, json_number_value(child));
        check_numbers(world, what, child);
    }
    if (json_is_array(value)) {
        json_array_foreach(value, i, child) check_numbers(world, what, child);
    }
}

/* Runs all commands on a state that was changed. */
static void run_all(struct e2e *world, const char *what)
{
    world->clock = "2026-11-23 10:06:10";
    e2e_uptick(world, "status", NULL);
    check_run(world, what, "status");
    e2e_uptick(world, "render", "--output", "x", NULL);
    check_run(world, what, "render");
    for (int i = 0; i < 2; i++) {
        world->clock = i ? "2026-11-23 10:08:00" : "2026-11-23 10:07:00";
        e2e_uptick(world, "tick", NULL);
        check_run(world, what, "tick");
    }
    world->clock = "2026-11-23 10:09:00";
    e2e_uptick(world, "tick", NULL);
    e2e_check(world->last.status == 0 && !*world->last.err, "%s: then a tick ended with %d: %s",
              what, world->last.status, world->last.err);
    check_numbers(world, what, e2e_status(world));
    if (system(e2e_format(world,
                          "cd '%s/data' && test $(cat live/s/a.log* archive/*/s/a.log* | wc -l) "
                          "-ge 12",
                          world->folder)))
        fail_msg("%s: rows are lost", what);
}

static const struct {
    const char *table, *column;
} columns[] = {
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
    {"minute_index", "key"},
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
    {"sum", "owner"},
    {"sum", "minutes"},
    {"certificate", "scope"},
    {"certificate", "id"},
    {"certificate", "from_ms"},
    {"certificate", "until_ms"},
    {"certificate", "seen_ms"},
    {"certificate", "unseen"},
    {"certificate", "longest"},
    {"certificate", "via"},
    {"certificate", "chain"},
    {"message_event", "scope"},
    {"message_event", "\"check\""},
    {"message_event", "began_ms"},
    {"message_event", "at_ms"},
    {"message_event", "number"},
    {"message_event", "change"},
    {"message_event", "state"},
    {"message_event", "detail"},
    {"changed_subject", "scope"},
    {"changed_subject", "\"check\""},
    {"target", "id"},
    {"target", "first"},
    {"reported", "scope"},
    {"reported", "\"check\""},
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

static const char *const values[] = {
    "-@",
    "@ + 4294967296",
    "-9223372036854775807 - 1",
    "9223372036854775807",
    "288230376151711744",
    "253402300800000",
    "NULL",
    "'x'",
    "printf('%.*c', 100000, 'x')",
    "1e300",
    "x'00'",
    "zeroblob(8100)",
    "CAST(@ AS BLOB)",
};
enum { COLUMNS = sizeof columns / sizeof *columns, VALUES = sizeof values / sizeof *values };

/* A value with the name of the column in place of "@". */
static char *put_column(struct e2e *world, const char *value, const char *column)
{
    const char *at = strchr(value, '@');

    if (!at)
        return e2e_format(world, "%s", value);
    return e2e_format(world, "%.*s%s%s", (int)(at - value), value, column, at + 1);
}

static void try_value(struct e2e *world, size_t c, size_t v)
{
    const char *column = columns[c].column;
    char *value = put_column(world, values[v], column);
    char *sql =
        e2e_format(world, "UPDATE OR IGNORE %s SET %s = %s", columns[c].table, column, value);

    restore(world);
    set_strict(world, false);
    change_state(world, sql);
    set_strict(world, true);
    if ((c + v) % 2)
        forge_stamp(world);
    else
        unlink(e2e_path(world, "data/state.db.stamp"));
    run_all(world, sql);
}

static void hostile_numbers_in_the_state_do_no_harm(struct e2e *world)
{
    begin(world);
    set_strict(world, false);
    set_strict(world, true);
    forge_stamp(world);
    world->clock = "2026-11-23 10:06:10";
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0); /* so this alone is no damage */
    for (size_t i = 0; i < COLUMNS * VALUES; i += is_sweep() ? 1 : 17) {
        struct kept *before = world->kept;

        try_value(world, i % COLUMNS, i / COLUMNS);
        e2e_release(world, before);
    }
}

/* Numbers that together pass the checks of SQLite, and were used as an index, a divisor or a sum.
 */
static void numbers_that_fit_together_do_no_harm(struct e2e *world)
{
    static const char *const changes[] = {
        "UPDATE monitor SET id = -id, due_after_ms = 0; UPDATE live SET monitor = -monitor; DELETE "
        "FROM minute_index",
        "UPDATE monitor SET id = id + 2147483648; UPDATE live SET monitor = monitor + 2147483648",
        "UPDATE monitor SET id = id + 28311550; UPDATE live SET monitor = monitor + 28311550",
        "UPDATE setting SET value = 20780 WHERE key = 6; UPDATE sum SET minutes = "
        "CAST(x'fffffffffffffffb' || substr(minutes, 9) AS BLOB)",
        "UPDATE sum SET minutes = CAST(randomblob(length(minutes)) AS BLOB)",
        "UPDATE minute_index SET samples = randomblob(8100)",
        "UPDATE minute_index SET key = key % 1048576 - 9223372036854775807",
        "UPDATE minute_index SET key = key + 1048576 * 24 * 365",
        "UPDATE setting SET value = 9223372036854775807",
        "UPDATE setting SET value = -9223372036854775807",
        "UPDATE setting SET value = value + 24 * 365",
        "INSERT INTO condition SELECT site || '/' || domain, 0, last_ms, 2, 0, 2147483647, "
        "last_ms, NULL, '' FROM monitor WHERE true ON CONFLICT DO NOTHING",
        "INSERT INTO condition VALUES ('gone/gone', 0, 1, 4, 0, 0, 253402300799999, NULL, 'x')",
        "UPDATE monitor SET latest_ms = latest_ms - 3600000",
        "UPDATE monitor SET first_ms = 253402300799999, last_ms = 253402300799999, latest_ms = "
        "253402300799999, due_after_ms = 253402300799999",
        "UPDATE monitor SET first_ms = -62167219200000, last_ms = -62167219200000, latest_ms = "
        "-62167219200000, due_after_ms = -62167219200000",
        "INSERT INTO staged SELECT id, 1152921504606846976, due_after_ms, last_ms + 60000, 1, 200, "
        "5, '', NULL FROM monitor",
        "UPDATE condition SET scope = 's/<b>', count = -1",
        "UPDATE condition SET state = 0",
        "UPDATE condition SET began_ms = 253402300799999, last_ms = 253402300799999",
        "INSERT INTO staged_event SELECT 1, 1795424760000, '../..', 0, 0, 0, 1, '<b>', ''",
        "INSERT INTO staged_event SELECT 1, 1795424760000, 's/a', 0, 1795424760000, 4, 1, '', 'x'",
        "INSERT INTO staged_event SELECT -1, 1795424760000, 's/a', 9, 0, 0, 1, '', 'x'",
        "UPDATE event SET number = number + 1000000",
        "UPDATE setting SET value = 0 WHERE key = 13",
        "UPDATE event SET scope = 'x/y/z', detail = printf('%.*c', 100000, 'x')",
        "UPDATE live SET length = 1125899906842624, archived = 1125899906842624",
    };

    begin(world);
    for (size_t i = 0; i < 2 * (sizeof changes / sizeof *changes); i++) {
        restore(world);
        change_state(world, changes[i / 2]);
        if (i % 2)
            forge_stamp(world);
        else
            unlink(e2e_path(world, "data/state.db.stamp"));
        run_all(world, changes[i / 2]);
    }
}

#define ENDLESS "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "

static void a_hostile_schema_runs_no_code(struct e2e *world)
{
    static const char *const schemas[] = {
        "DROP TABLE condition; CREATE VIEW condition (scope, \"check\", began_ms, state, since_ms, "
        "count, last_ms, changed_ms, code) AS " ENDLESS "SELECT 's/' || x, 0, x, 1, 0, 1, x, NULL, "
        "'' FROM c; CREATE TRIGGER t INSTEAD OF INSERT ON condition BEGIN SELECT 1; END; CREATE "
        "TRIGGER u INSTEAD OF DELETE ON condition BEGIN SELECT 1; END",
        "CREATE TRIGGER t AFTER INSERT ON staged BEGIN DELETE FROM monitor; DELETE FROM live; END",
        "CREATE TRIGGER t AFTER UPDATE ON monitor BEGIN INSERT INTO setting SELECT NULL, x FROM "
        "(" ENDLESS "SELECT x FROM c); END",
        "DROP TABLE sum; CREATE TABLE sum (owner INTEGER PRIMARY KEY, minutes AS "
        "(zeroblob(1000000000)))",
        "CREATE INDEX i ON monitor (first_ms) WHERE first_ms > 0",
        "CREATE TABLE more (x)",
        "DROP TABLE day; CREATE VIEW day (owner, day, up, degraded, bot, down, timeout) AS " ENDLESS
        "SELECT 1, x, 1, 1, 1, 1, 1 FROM c",
        "DROP TABLE staged; CREATE VIEW staged (monitor, number, due_after_ms, start_ms, status, "
        "http_status, latency_ms, failure, phases) AS " ENDLESS
        "SELECT 1, x, 1, 1, 1, 1, 1, '', NULL FROM c",
        "UPDATE sqlite_master SET sql = replace(sql, 'INTEGER NOT NULL', 'INTEGER NOT NULL DEFAULT "
        "5') WHERE name = 'live'",
        "PRAGMA user_version = 3; DROP TABLE monitor; CREATE VIEW monitor (id, site, domain, "
        "first_ms, last_ms, latest_ms, latest_status) AS " ENDLESS
        "SELECT x, 's', 'd' || x, 1, 1, 1, 1 FROM c",
        "PRAGMA user_version = 3; CREATE VIRTUAL TABLE turn USING fts5 (x)",
    };

    begin(world);
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        struct kept *before = world->kept;

        restore(world);
        change_state(world, schemas[i]);
        forge_stamp(world);
        run_all(world, schemas[i]);
        /* The kernel counts what this test had in memory when it forked: with a sanitizer, much. */
        e2e_check(world->last.usage.ru_maxrss < 200 << 10 || e2e_has_sanitizer(), "%s: %ld KiB",
                  schemas[i], world->last.usage.ru_maxrss);
        e2e_shell(world, "ls data | grep -q state.db.corrupt-");
        e2e_release(world, before);
    }
}

/* Replaces the state by an empty one in UTF-16. */
static void make_utf_16(struct e2e *world)
{
    sqlite3 *whole = state_open(world, "whole/state.db", SQLITE_OPEN_READONLY);
    sqlite3_stmt *tables = state_prepare(whole, "SELECT sql FROM sqlite_master WHERE sql NOT NULL");
    char *sql = e2e_format(world,
                           "PRAGMA encoding = 'UTF-16'; PRAGMA application_id = %d; "
                           "PRAGMA user_version = 4",
                           0x7570746b);

    while (sqlite3_step(tables) == SQLITE_ROW)
        sql = e2e_format(world, "%s; %s", sql, (const char *)sqlite3_column_text(tables, 0));
    sqlite3_finalize(tables);
    sqlite3_close(whole);
    e2e_write(world, "data/state.db", "");
    change_state(world, sql);
}

/* A database that is not as uptick makes it, but has the same content. */
static void another_kind_of_database_does_no_harm(struct e2e *world)
{
    static const char *const kinds[] = {
        "PRAGMA page_size = 512; VACUUM",
        "PRAGMA page_size = 65536; VACUUM",
        "PRAGMA auto_vacuum = FULL; VACUUM",
        "PRAGMA journal_mode = WAL; UPDATE monitor SET last_status = last_status",
        "INSERT INTO archive SELECT value, value, 0 FROM (" ENDLESS
        "SELECT x AS value FROM c LIMIT 20000); DELETE FROM archive",
    };

    begin(world);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        restore(world);
        change_state(world, kinds[i]);
        forge_stamp(world);
        run_all(world, kinds[i]);
    }
    restore(world);
    make_utf_16(world);
    forge_stamp(world);
    run_all(world, "UTF-16");
    e2e_shell(world, "ls data | grep -q state.db.corrupt-");
}

/* Makes a rollback journal that names the file "victim": SQLite would delete it after the rollback.
 */
static void plant_journal(struct e2e *world)
{
    static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    unsigned char journal[1024] = {0};
    char *victim = e2e_path(world, "victim");
    size_t at = 512, length = strlen(victim);
    unsigned sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += (unsigned char)victim[i];
    memcpy(journal, magic, 8);
    journal[22] = 2;  /* the size of a sector: 512 */
    journal[26] = 32; /* the size of a page: 8192 */
    at += 4;
    memcpy(journal + at, victim, length);
    at += length;
    journal[at + 2] = (unsigned char)(length >> 8), journal[at + 3] = (unsigned char)length;
    journal[at + 6] = (unsigned char)(sum >> 8), journal[at + 7] = (unsigned char)sum;
    memcpy(journal + at + 8, magic, 8);
    e2e_write(world, "victim", "precious");
    e2e_write_bytes(world, "data/state.db-journal", journal, at + 16);
}

/* A rollback journal can name a file that SQLite deletes after the rollback, wherever it is. */
static void a_rollback_journal_deletes_no_file_elsewhere(struct e2e *world)
{
    static const char *const commands[] = {"status", "tick", "validate", "rebuild", "render"};

    begin(world);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        restore(world);
        plant_journal(world);
        world->clock = "2026-11-23 10:06:10";
        e2e_uptick(world, commands[i], NULL);
        check_run(world, "a journal that names a file", commands[i]);
        assert_string_equal(e2e_read(world, "victim"), "precious");
        plant_journal(world);
        e2e_shell(world, "echo damaged > data/state.db.stamp");
        e2e_uptick(world, commands[i], NULL);
        assert_string_equal(e2e_read(world, "victim"), "precious");
    }
}

/* Neither ticks nor rebuilds need a person to remove a journal, and staged results are kept. */
static void a_foreign_journal_is_set_aside_with_the_state(struct e2e *world)
{
    static const char *const commands[] = {"tick", "rebuild"};
    static const char *const files[] = {
        "true",
        "ln -f victim data/state.db-journal",
        "mv data/state.db-journal journal; ln -f victim data/state.db-wal",
        "mv data/state.db-journal journal; cp victim data/state.db-shm",
    };
    static const char *const states[] = {"true", "rm data/state.db", ": > data/state.db",
                                         "rm -r data/state.db data/live data/archive data/days"};
    enum { STATES = sizeof states / sizeof *states, FILES = sizeof files / sizeof *files };

    begin(world);
    for (size_t i = 0; i < 2 * STATES * FILES; i++) {
        size_t state = i / 2 % STATES;

        restore(world);
        change_state(world, "INSERT INTO staged SELECT id, 1, due_after_ms, last_ms + 60000, 1, "
                            "200, 5, '', NULL FROM monitor WHERE domain = 'a'");
        plant_journal(world);
        e2e_shell(world, "mkdir -p data/days; %s; %s", files[i / 2 / STATES], states[state]);
        world->clock = "2026-11-23 10:06:10";
        e2e_uptick(world, commands[i % 2], NULL);
        e2e_reported(world, 0, "rebuilt from", NULL);
        e2e_shell(world, "ls data/state.db.corrupt-*-* > list && test ! -e data/state.db-journal "
                         "-a ! -e data/state.db-wal && grep -q precious victim");
        e2e_tick(world, "2026-11-23 10:07:00");
        if (state == 0)
            e2e_shell(world, "test $(cat data/live/s/a.log data/archive/*/s/a.log | wc -l) -ge 14");
    }
}

/* Pages in a write-ahead log would replace those of a state that has its stamp. */
static void a_write_ahead_log_changes_no_figure(struct e2e *world)
{
    sqlite3 *other;

    begin(world);
    e2e_shell(world, "cp data/state.db other.db");
    other = state_open(world, "other.db", SQLITE_OPEN_READWRITE);
    assert_int_equal(sqlite3_exec(other,
                                  "PRAGMA journal_mode = WAL; UPDATE monitor SET first_ms = "
                                  "first_ms - 25920000000",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    e2e_shell(world, "cp other.db-wal data/state.db-wal");
    sqlite3_close(other);
    world->clock = "2026-11-23 10:06:10";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "state.db: was damaged; rebuilt from", NULL);
    e2e_shell(world, "! grep -q 'since\": \"2026-01' public/status.json");
    e2e_shell(world, "grep -q 'since\": \"2026-11-22' public/status.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(hostile_numbers_in_the_state_do_no_harm),
        E2E_TEST(numbers_that_fit_together_do_no_harm),
        E2E_TEST(a_hostile_schema_runs_no_code),
        E2E_TEST(another_kind_of_database_does_no_harm),
        E2E_TEST(a_rollback_journal_deletes_no_file_elsewhere),
        E2E_TEST(a_foreign_journal_is_set_aside_with_the_state),
        E2E_TEST(a_write_ahead_log_changes_no_figure),
    };

    return cmocka_run_group_tests_name("hostile_state", tests, NULL, NULL);
}
