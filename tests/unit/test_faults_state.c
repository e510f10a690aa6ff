/*
 * state.db if a statement fails or memory runs out: the error names state.db, nothing is half done,
 * and everything works again afterwards. Values that no version of uptick writes are reported as
 * damage.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "state/conditions.h"
#include "state/database.h"
#include "state/days.h"
#include "state/expiry.h"
#include "state/indexer.h"
#include "state/latency_table.h"
#include "state/ledger.h"
#include "state/minute_index.h"
#include "state/monitor_conditions.h"
#include "state/monitors.h"
#include "state/staged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"

enum { DOMAINS = 4, STAGED = 12 };

/* The state that the scenes use. */
struct stage {
    struct world *world;
    struct storage *storage; /* NULL: not open */
    enum storage_health health;
    struct error error;
};

typedef int play_scene(struct stage *stage);

static int open_as(struct stage *stage, enum storage_mode mode)
{
    return storage_open(&stage->storage, path_in(stage->world, "state.db"), mode,
                        &stage->world->config, &stage->health, &stage->error);
}

static int open_new(struct stage *stage)
{
    return open_as(stage, STORAGE_READ_WRITE);
}

/* Stages results of all domains in one step. */
static int stage_results(struct stage *stage)
{
    struct staged_result staged_results[STAGED];

    for (size_t i = 0; i < STAGED; i++)
        staged_results[i] = outcome_of(
            i % DOMAINS, AT_0 + (int64_t)i,
            check_at(AT_0 + (int64_t)i * MS_PER_MINUTE, i % 3 ? STATUS_UP : STATUS_DOWN));
    return staged_add(stage->storage, staged_results, STAGED, &stage->error);
}

/* Indexes the staged results of a monitor, as an export does. */
static int index_staged(void *context, const struct staged_monitor *staged, struct error *error)
{
    struct indexer indexer;
    struct ledger_live live = {100 * staged->monitor.id, 50};

    /* Not fewer, and not more after results were staged or indexed half before. */
    assert_int_equal(staged->n, STAGED / DOMAINS);
    indexer_begin(&indexer, context, staged->monitor.id, &staged->summary, INT64_MAX);
    for (size_t i = 0; i < staged->n; i++) {
        const struct staged_result *one = &staged->results[i];

        if (indexer_add(&indexer, &one->check, one->has_phases ? &one->phases : NULL, error))
            return -1;
        indexer.due_after_ms = one->due_after_ms;
    }
    return indexer_end(&indexer, error) ||
                   ledger_set_live(((struct minute_index *)context)->storage, staged->monitor.id,
                                   &live, error)
               ? -1
               : 0;
}

/* Indexes all staged results in one transaction, as an export does. */
static int record_results(struct stage *stage)
{
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct minute_index minute_index;
    int result, n;
    bool all_live, has_events;

    if (staged_count(storage, 100, &n, &all_live, &has_events, error) ||
        storage_begin(storage, error))
        return -1;
    minute_index_begin(&minute_index, storage);
    result = staged_each(storage, index_staged, &minute_index, error);
    if (result == 0)
        result = minute_index_save(&minute_index, error);
    if (result == 0)
        result = staged_delete_all(storage, error);
    return storage_end(storage, result, error);
}

/* Adds a day with one check to the latencies of domain 1. */
static int add_latencies(struct storage *storage, int64_t day, struct error *error)
{
    static const uint8_t cells[LATENCY_MINUTES] = {STATUS_UP};
    static uint16_t values[LATENCY_MINUTES];
    int result;

    memset(values, 0xff, sizeof values);
    values[0] = 87;
    if (storage_begin(storage, error))
        return -1;
    result = latency_table_add(storage, 1, day, values, cells, error);
    if (result == 0)
        result = latency_table_delete_before(storage, day - LATENCY_DAYS + 1, error);
    return storage_end(storage, result, error);
}

/* Counts two days, and indexes a late row of the first day. */
static int count_days(struct stage *stage)
{
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct tally domains[DOMAINS] = {{.minutes = {[STATUS_UP] = 3}}};
    struct tally sites[DOMAINS] = {{.minutes = {[STATUS_DEGRADED] = 3}}};
    struct counted loaded[2];
    struct sample late = {AT_0, STATUS_DOWN, -1};
    struct minute_index minute_index;
    int64_t day;

    minute_index_begin(&minute_index, storage);
    if (days_put(storage, DAY_0, domains, sites, error) ||
        days_put(storage, DAY_0 + 1, domains, sites, error) ||
        add_latencies(storage, DAY_0, error) || add_latencies(storage, DAY_0 + 1, error) ||
        days_load(storage, DAY_0 + 2, &loaded[0], &loaded[1], error))
        return -1;
    assert_int_equal(loaded[0].sums[DAYS_7].minutes[STATUS_UP], 6);
    assert_int_equal(loaded[1].sums[DAYS_90].minutes[STATUS_DEGRADED], 6);
    days_free(&loaded[0]);
    days_free(&loaded[1]);
    if (days_load(storage, DAY_0 + 2, &loaded[0], &loaded[1], error))
        return -1;
    assert_int_equal(loaded[0].days[DAYS_SHOWN - 2].good, 3);
    assert_int_equal(loaded[1].days[DAYS_SHOWN - 3].good, 3);
    days_free(&loaded[0]);
    days_free(&loaded[1]);
    if (minute_index_add(&minute_index, 1, &late, error) ||
        minute_index_save(&minute_index, error) || days_counted(storage, &day, error))
        return -1;
    assert_int_equal(day, DAY_0 - 1);
    return 0;
}

/* Adds late rows: before all others, and between them. */
static int add_late_rows(struct stage *stage)
{
    static const struct {
        int minute;
        enum status status;
    } rows[] = {{-60, STATUS_DOWN}, {-30, STATUS_UP}, {2, STATUS_BOT_DETECTED}};
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct minute_index minute_index;
    struct indexer indexer;
    struct monitor_summary summary;
    int result;

    if (storage_begin(storage, error))
        return -1;
    minute_index_begin(&minute_index, storage);
    result = monitors_load_summary(storage, 2, &summary, error);
    if (result == 0)
        indexer_begin(&indexer, &minute_index, 2, &summary, INT64_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && result == 0; i++) {
        struct check check = check_at(AT_0 + rows[i].minute * MS_PER_MINUTE, rows[i].status);

        result = indexer_add(&indexer, &check, NULL, error);
    }
    if (result == 0)
        result = indexer_end(&indexer, error);
    if (result == 0)
        result = minute_index_save(&minute_index, error);
    return storage_end(storage, result, error);
}

static int ignore_hour(void *context, size_t domain, int64_t hour, const struct sample *samples,
                       size_t n)
{
    (void)context;
    (void)domain;
    (void)hour;
    (void)samples;
    return n == 0;
}

static int add_history(void *context, size_t domain, int64_t day, struct latency_history *history)
{
    assert_int_equal(domain, 1);
    assert_int_equal(history->week[LATENCY_WEEK_SLOTS - 24].median, 87);
    *(int64_t *)context = day;
    return 0;
}

/* Reads everything that a dashboard needs. */
static int read_all(struct stage *stage)
{
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct arena *arena = arena_new();
    struct monitor_state *states;
    struct counted domains, sites;
    int64_t number, day;
    int result = -1;

    if (!arena)
        return error_set(error, EXIT_IO, "state.db: out of memory");
    if (monitors_load(storage, arena, &states, error) == 0 &&
        minute_index_each(storage, 0, INT64_MAX, ignore_hour, NULL, error) == 0 &&
        minute_index_next_day(storage, 0, &day, error) == 0 &&
        conditions_load(storage, error) == 0 &&
        storage_get_setting(storage, SETTING_BUILT_MS, &number, error) == 0 &&
        latency_table_each_of(storage, (const size_t[]){0, 1}, 2, add_history, &day, error) == 0 &&
        days_load(storage, DAY_0 + 1, &domains, &sites, error) == 0) {
        assert_int_equal(states[0].last.start_ms, AT_0 + 8 * MS_PER_MINUTE);
        assert_null(states[0].phases);
        assert_int_equal(states[3].phases->us[PHASE_TOTAL], 87000);
        assert_string_equal(states[0].last_failure.failure, "http_status: expected 200, got \"4\"");
        days_free(&domains);
        days_free(&sites);
        result = 0;
    }
    arena_free(arena);
    return result;
}

/* Uses the ledger, and prunes. */
static int keep_books(struct stage *stage)
{
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct monitor_id monitor = {.id = 0};
    struct ledger_live live;
    bool staged;
    int64_t number;
    size_t domain;
    bool failed =
        monitors_find(storage, "s0", "gone", &monitor.id, error) ||
        monitors_find(storage, "s0", "gone", &number, error) ||
        ledger_set_archive(storage, DAY_0, 1, 10, error) ||
        ledger_get_archive(storage, DAY_0, 1, &number, error) ||
        staged_delete_one(storage, 1, 99, error) || staged_delete_between(storage, 5, 6, error) ||
        storage_set_built(storage, AT_0, AT_0, 5, error) ||
        expiry_delete(storage, AT_0 + 10 * MS_PER_DAY, DAY_0 + 1, DAY_0 + 1, DAY_0 + 1, error) ||
        storage_set_setting(storage, SETTING_PRUNED_HOUR, 9, error) ||
        storage_get_setting(storage, SETTING_PRUNED_HOUR, &number, error) ||
        storage_examine(storage, error);

    if (failed)
        return -1;
    assert_false(monitors_is_configured(storage, monitor.id, &domain));
    for (monitor.id = 0, number = 0;; number++) {
        if (ledger_next_live(storage, &monitor, &live, &staged, error))
            return -1;
        if (monitor.id == 0)
            break;
        assert_int_equal(live.length, 100 * monitor.id);
    }
    assert_int_equal(number, DOMAINS);
    return 0;
}

static int examine(struct stage *stage)
{
    return storage_examine(stage->storage, &stage->error);
}

/* All monitors but one have left the configuration. */
static int close_removed(struct stage *stage)
{
    struct config *config = &stage->world->config;
    bool undecided[DOMAINS];
    int result;

    config->n_domains = 1;
    result = monitor_conditions_find_undecided(stage->storage, undecided, &stage->error) ||
             monitor_conditions_close_removed(stage->storage, AT_0, &stage->error);
    config->n_domains = DOMAINS;
    return result ? -1 : 0;
}

/* Each scene needs the scenes before it. */
static const struct {
    const char *name;
    play_scene *play;
} scenes[] = {
    {"opening", open_new},         {"staging", stage_results},   {"recording", record_results},
    {"counting days", count_days}, {"late rows", add_late_rows}, {"reading", read_all},
    {"keeping books", keep_books}, {"closing", close_removed},
};
enum { SCENES = sizeof scenes / sizeof scenes[0], CLOSED = 5 /* scenes that fill the state */ };

static void set_up(struct stage *stage, size_t before)
{
    *stage = (struct stage){.world = make_world(DOMAINS)};
    for (size_t i = 0; i < before; i++) {
        if (scenes[i].play(stage))
            fail_msg("%s: %s", scenes[i].name, stage->error.text);
    }
}

static void tear_down(struct stage *stage)
{
    storage_close(stage->storage);
    free_world(stage->world);
}

/* Changes state.db as another program would. */
static void change_state(struct stage *stage, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;

    storage_close(stage->storage);
    stage->storage = NULL;
    assert_int_equal(sqlite3_open(path_in(stage->world, "state.db"), &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message))
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

/* Plays a scene in which the nth call of this kind fails. Returns whether there was an nth call. */
static bool play(size_t scene, enum fault_kind kind, int nth, bool lasting, int code)
{
    struct stage stage;
    int result, held = fault.held;
    bool met;

    set_up(&stage, scene);
    fault_arm(kind, nth, lasting, code);
    result = scenes[scene].play(&stage);
    if (result && !lasting)
        fault.kind = FAULT_OFF;
    met = fault_disarm();
    if (met ? result != -1 : result != 0)
        fail_msg("%s, call %d %s, but the result is %d", scenes[scene].name, nth,
                 met ? "failed" : "succeeded", result);
    if (met && (stage.error.code != EXIT_IO || !strstr(stage.error.text, "state.db")))
        fail_msg("%s, call %d: the error is '%s'", scenes[scene].name, nth, stage.error.text);
    if (met && scene == 0)
        assert_null(stage.storage);

    /* After opening it again, this scene and all later ones succeed. */
    if (met) {
        storage_close(stage.storage);
        for (size_t i = 0; i < SCENES; i++) {
            if ((i == 0 || i >= scene) && scenes[i].play(&stage))
                fail_msg("%s, call %d: then %s: %s", scenes[scene].name, nth, scenes[i].name,
                         stage.error.text);
        }
    }
    tear_down(&stage);
    assert_int_equal(fault.held, held);
    return met;
}

static void a_failed_sql_statement_leaves_nothing_half_done(void **state)
{
    static const int codes[] = {SQLITE_IOERR, SQLITE_FULL, SQLITE_CORRUPT, SQLITE_BUSY,
                                SQLITE_READONLY};

    (void)state;
    for (size_t scene = 0; scene < SCENES; scene++) {
        int nth = 1;

        while (play(scene, FAULT_OF_SQL, nth, nth % 2, codes[nth % 5]))
            nth++;
        assert_in_range(nth, 4, 1000);
    }
}

static void running_out_of_memory_leaves_nothing_half_done(void **state)
{
    (void)state;
    for (size_t scene = 0; scene < SCENES; scene++) {
        int nth = 1;

        while (play(scene, FAULT_OF_MEMORY, nth, nth % 2, 0))
            nth++;
        assert_in_range(nth, 1, 1000);
    }
}

/* A reader opens the state, if there is one, and sums the days by itself. */
static int read_beside(struct stage *stage)
{
    int result = open_as(stage, STORAGE_READ_ONLY);

    return result ? result : read_all(stage);
}

static int open_in_another_order(struct stage *stage)
{
    struct domain *domains = stage->world->domains, first = domains[0];
    struct site *sites = stage->world->sites;
    const char *id = sites[0].id;
    int result;

    domains[0].id = domains[1].id;
    domains[1].id = first.id;
    sites[0].id = sites[1].id;
    sites[1].id = id;
    result = open_new(stage);
    storage_close(stage->storage);
    stage->storage = NULL;
    domains[1].id = domains[0].id;
    domains[0].id = first.id;
    sites[1].id = sites[0].id;
    sites[0].id = id;
    return result;
}

/* Plays an act on a state that was filled and closed, with each of its calls failing in turn. */
static void sweep_closed(play_scene *act, enum fault_kind kind, int min)
{
    static const int codes[] = {SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_FULL};
    bool met = true;

    for (int nth = 1; met || nth <= min; nth++) {
        struct stage stage;
        int result;

        set_up(&stage, CLOSED);
        storage_close(stage.storage);
        stage.storage = NULL;
        fault_arm(kind, nth, nth % 2, codes[nth % 3]);
        result = act(&stage);
        met = fault_disarm();
        if (met != (result == -1))
            fail_msg("call %d %s, but the result is %d: %s", nth, met ? "failed" : "succeeded",
                     result, stage.error.text);
        if (met)
            assert_non_null(strstr(stage.error.text, "state.db"));
        storage_close(stage.storage);
        stage.storage = NULL;
        assert_done(act(&stage), &stage.error);
        tear_down(&stage);
    }
}

static void a_failed_call_of_a_reader_is_handled_as_that_of_a_writer(void **state)
{
    (void)state;
    sweep_closed(read_beside, FAULT_OF_SQL, 50);
    sweep_closed(read_beside, FAULT_OF_MEMORY, 5);
}

static void a_reordered_configuration_finds_its_monitors_or_fails(void **state)
{
    (void)state;
    sweep_closed(open_in_another_order, FAULT_OF_SQL, 50);
    sweep_closed(open_in_another_order, FAULT_OF_MEMORY, 5);
}

static int stage_and_record(struct stage *stage)
{
    return stage_results(stage) ? -1 : record_results(stage);
}

static int add_to_index(struct stage *stage)
{
    struct sample sample = {AT_0, STATUS_UP, 87};
    struct minute_index minute_index;

    minute_index_begin(&minute_index, stage->storage);
    return minute_index_add(&minute_index, 1, &sample, &stage->error);
}

static int load_summary(struct stage *stage)
{
    struct monitor_summary summary;

    return monitors_load_summary(stage->storage, 1, &summary, &stage->error);
}

static void impossible_values_in_the_state_are_reported_as_damage(void **state)
{
    static const struct {
        const char *sql;
        play_scene *play;
    } cases[] = {
        {"UPDATE monitor SET last_status = 9", read_all},
        {"UPDATE monitor SET last_status = 0", read_all},
        {"UPDATE monitor SET failed_status = 6", read_all},
        {"UPDATE monitor SET failed_status = -1", stage_and_record},
        {"UPDATE monitor SET last_status = 6", stage_and_record},
        {"UPDATE monitor SET last_failure = printf('%.512c', 'x')", read_all},
        {"UPDATE monitor SET site = '.a' || id; INSERT INTO staged VALUES(1, 9, 1, 1, 1, 200, 1, "
         "'', NULL)",
         record_results},
        {"PRAGMA ignore_check_constraints = ON;"
         "INSERT INTO staged VALUES(1, 9, 1, 1, 9, 200, 1, '', NULL)",
         record_results},
        {"UPDATE monitor SET domain = '-a' || id", keep_books},
        {"UPDATE monitor SET last_status = 6", load_summary},
        {"DELETE FROM monitor; INSERT INTO monitor(id, site, domain) VALUES"
         "(11, 's0', 'd0'), (12, 's0', 'd1'), (13, 's0', 'd2'), (14, 's1', 'd3')",
         load_summary},
        {"UPDATE monitor SET latest_status = 6", stage_and_record},
        {"UPDATE monitor SET last_phases = x'00'", read_all},
        {"UPDATE monitor SET last_phases = CAST(printf('%.20c', '~') AS BLOB)", read_all},
        {"INSERT INTO staged VALUES(1, 9, 1, 1, 1, 200, 1, '', x'00')", record_results},
        {"INSERT INTO condition VALUES('s0/d0', 0, 1, 6, 0, 1, 1, NULL, '')", read_all},
        {"INSERT INTO condition VALUES('s0/d0', 5, 1, 1, 0, 1, 1, NULL, '')", stage_and_record},
        {"INSERT INTO condition VALUES('s0', 0, 1, 1, 0, 1, 1, NULL, '')", read_all},
        {"INSERT INTO condition VALUES('s0/d0', 0, 1, 0, 0, 1, 1, NULL, '')", read_all},
        {"INSERT INTO condition VALUES('s0/d0', 0, 1, 1, 0, -1, 1, NULL, '')", read_all},
        {"INSERT INTO condition VALUES('s0/d0', 0, 1, 1, 0, 1, 1, NULL, printf('%.32c', 'x'))",
         read_all},
        {"UPDATE minute_index SET samples = x'00'", read_all},
        {"UPDATE minute_index SET samples = x'00'", add_to_index},
        {"UPDATE minute_index SET samples = CAST(printf('%.*c', length(samples), '~') AS BLOB)",
         read_all},
        /* Numbers beyond their ranges. */
        {"UPDATE monitor SET last_ms = 1000000000000000000", read_all},
        {"UPDATE monitor SET first_ms = -1000000000000000", read_all},
        {"UPDATE monitor SET latest_ms = 9223372036854775807", read_all},
        {"UPDATE monitor SET due_after_ms = -9223372036854775807", read_all},
        {"UPDATE monitor SET last_http_status = 1000", read_all},
        {"UPDATE monitor SET last_latency_ms = -2", read_all},
        {"UPDATE monitor SET failed_latency_ms = 2147483648", read_all},
        {"UPDATE monitor SET last_failure = CAST(x'610062' AS TEXT)", read_all},
        {"UPDATE monitor SET latest_ms = 1000000000000000000", stage_and_record},
        {"UPDATE monitor SET due_after_ms = 1000000000000000000", stage_and_record},
        {"INSERT INTO staged VALUES(1, -1, 1, 1, 1, 200, 1, '', NULL)", record_results},
        {"INSERT INTO staged VALUES(1, 9, 1, 1000000000000000, 1, 200, 1, '', NULL)",
         record_results},
        {"INSERT INTO staged VALUES(1, 9, 1, 1, 1, -1, 1, '', NULL)", record_results},
        {"INSERT INTO staged VALUES(1, 9223372036854775807, 1, 1, 1, 200, 1, '', NULL)",
         stage_results},
        {"INSERT INTO staged VALUES(-1, 9, 1, 1, 1, 200, 1, '', NULL)", record_results},
        {"INSERT INTO staged VALUES(99999999, 9, 1, 1, 1, 200, 1, '', NULL)", record_results},
        {"UPDATE setting SET value = 9223372036854775807 WHERE key = 5", stage_and_record},
        {"UPDATE live SET length = 1 << 60", keep_books},
        {"UPDATE live SET length = 1 << 60", stage_and_record},
        {"PRAGMA ignore_check_constraints = ON; UPDATE live SET archived = length + 1", keep_books},
        {"PRAGMA ignore_check_constraints = ON; UPDATE live SET archived = -1", stage_and_record},
        {"PRAGMA ignore_check_constraints = ON; UPDATE day SET up = 1441", read_all},
        {"PRAGMA ignore_check_constraints = ON; UPDATE day SET down = -1", read_all},
        {"UPDATE day SET up = 1440, timeout = 1", read_all},
        {"INSERT OR REPLACE INTO latency VALUES(1, 20780, x'00')", read_all},
        {"INSERT OR REPLACE INTO latency VALUES(2, 20780, zeroblob(1297))", read_all},
        {"INSERT OR REPLACE INTO latency VALUES(2, 20780, CAST(printf('%.1296c', '~') AS BLOB))",
         read_all},
        {"INSERT OR REPLACE INTO latency VALUES(2, 20780, CAST(printf('%.1296c', '~') AS BLOB))",
         count_days},
        {"INSERT OR REPLACE INTO latency VALUES(2, 1 << 40, zeroblob(1296))", read_all},
        {"INSERT OR REPLACE INTO latency VALUES(2, 1 << 40, zeroblob(1296))", count_days},
        {"INSERT OR REPLACE INTO latency VALUES(0, 20780, zeroblob(1296))", examine},
        {"INSERT OR REPLACE INTO latency VALUES(1, -1 << 40, zeroblob(1296))", examine},
        /* 584: the size of struct day_sums. Another size is that of another version. */
        {"INSERT OR REPLACE INTO sum VALUES(1, CAST(printf('%.584c', '~') AS BLOB));"
         "INSERT OR REPLACE INTO setting SELECT key, 20781 FROM setting WHERE value = -1",
         read_all},
        /* The days that enter the sums of yesterday, and the one that leaves the longest span. */
        {"PRAGMA ignore_check_constraints = ON; UPDATE day SET up = 1441;"
         "INSERT OR REPLACE INTO setting SELECT key, 20780 FROM setting WHERE value = -1",
         read_all},
        {"PRAGMA ignore_check_constraints = ON; INSERT INTO day VALUES(1, 20416, 1441, 0, 0, 0, 0);"
         "INSERT OR REPLACE INTO sum"
         " VALUES(1, CAST(zeroblob(36) || x'01' || zeroblob(547) AS BLOB));"
         "INSERT OR REPLACE INTO setting SELECT key, 20780 FROM setting WHERE value = -1",
         read_all},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;

        set_up(&stage, CLOSED);
        change_state(&stage, cases[i].sql);
        assert_done(open_new(&stage), &stage.error);
        assert_false(storage_is_damaged(stage.storage));
        if (cases[i].play(&stage) != -1)
            fail_msg("%s: not noticed", cases[i].sql);
        assert_non_null(strstr(stage.error.text, "state.db: damaged"));
        assert_true(storage_is_damaged(stage.storage));
        assert_false(storage_in_transaction(stage.storage));
        tear_down(&stage);
    }
}

static void opening_detects_a_state_of_another_version_or_program(void **state)
{
    static const struct {
        const char *sql;
        enum storage_health health;
    } cases[] = {
        {"DROP TABLE sum", STORAGE_CORRUPT},
        {"UPDATE monitor SET id = 0 WHERE id = 1", STORAGE_CORRUPT},
        {"UPDATE site SET id = -1 WHERE id = 1", STORAGE_CORRUPT},
        {"CREATE TABLE more (x)", STORAGE_CORRUPT},
        {"CREATE INDEX more ON monitor (first_ms) WHERE first_ms > 0", STORAGE_CORRUPT},
        {"CREATE VIEW more AS SELECT 1", STORAGE_CORRUPT},
        {"CREATE TRIGGER more AFTER INSERT ON staged BEGIN SELECT 1; END", STORAGE_CORRUPT},
        {"DROP TABLE sum; CREATE VIEW sum (owner, minutes) AS SELECT 1, x'00'", STORAGE_CORRUPT},
        {"DROP TABLE sum; CREATE TABLE sum (owner INTEGER PRIMARY KEY, minutes BLOB AS (x'00'))",
         STORAGE_CORRUPT},
        {"ALTER TABLE live ADD COLUMN more INTEGER", STORAGE_CORRUPT},
        {"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'BETWEEN 0', "
         "'BETWEEN 1') WHERE name = 'day'",
         STORAGE_CORRUPT},
        {"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'domain)', "
         "'domain COLLATE NOCASE)') WHERE name = 'monitor'",
         STORAGE_CORRUPT},
        {"ANALYZE", STORAGE_CORRUPT},
        {"PRAGMA application_id = 5", STORAGE_CORRUPT},
        {"PRAGMA user_version = 1", STORAGE_OLDER},
        {"PRAGMA user_version = 99", STORAGE_NEWER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;

        set_up(&stage, 1);
        change_state(&stage, cases[i].sql);
        assert_int_equal(open_new(&stage), -1);
        assert_null(stage.storage);
        assert_int_equal(stage.health, cases[i].health);
        tear_down(&stage);
    }
}

/* Pages that form a circle give rows or steps without end. Here the limits are low instead. */
static void a_statement_without_an_end_is_damage(void **state)
{
    for (int steps = 0; steps < 2; steps++) {
        struct stage stage;

        (void)state;
        set_up(&stage, CLOSED);
        for (int day = 0; day < 100; day++)
            assert_done(ledger_set_archive(stage.storage, day, 1, 1, &stage.error), &stage.error);
        if (steps)
            stage.storage->steps_max = 0;
        else
            stage.storage->rows_max = 2;
        assert_int_equal(steps ? storage_examine(stage.storage, &stage.error) : read_all(&stage),
                         -1);
        assert_non_null(strstr(stage.error.text, "state.db: damaged"));
        assert_true(storage_is_damaged(stage.storage));
        assert_int_equal(database_was_endless(stage.storage), steps);
        tear_down(&stage);
    }
}

/* The other handle is freed, so nothing may be counted there. */
static void a_swapped_state_counts_its_steps_in_its_handle(void **state)
{
    struct stage stage;
    struct storage *other;
    int64_t before;

    (void)state;
    set_up(&stage, CLOSED);
    for (int day = 0; day < 100; day++)
        assert_done(ledger_set_archive(stage.storage, day, 1, 1, &stage.error), &stage.error);
    assert_done(storage_open(&other, path_in(stage.world, "other.db"), STORAGE_READ_WRITE,
                             &stage.world->config, &stage.health, &stage.error),
                &stage.error);
    storage_swap(other, stage.storage);
    storage_close(stage.storage);
    stage.storage = other;
    before = other->steps;
    assert_done(storage_examine(other, &stage.error), &stage.error);
    assert_true(other->steps > before);
    tear_down(&stage);
}

/* After SIGTERM a tick still stores its results. */
static void a_signal_ends_no_short_statement(void **state)
{
    struct stage stage;

    (void)state;
    set_up(&stage, 1);
    fault_arm(FAULT_TERMINATION, 1, true, 0);
    assert_done(stage_results(&stage), &stage.error);
    assert_done(record_results(&stage), &stage.error);
    assert_done(storage_examine(stage.storage, &stage.error), &stage.error);
    fault_disarm();
    tear_down(&stage);
}

static int stop_at_once(void *context, size_t domain, int64_t hour, const struct sample *samples,
                        size_t n)
{
    (void)domain;
    (void)hour;
    (void)samples;
    (void)n;
    ++*(int *)context;
    return -1;
}

static void a_stopped_iteration_makes_no_further_calls(void **state)
{
    struct stage stage;
    int given = 0;

    (void)state;
    set_up(&stage, CLOSED);
    assert_int_equal(
        minute_index_each(stage.storage, 0, INT64_MAX, stop_at_once, &given, &stage.error), -1);
    assert_int_equal(given, 1);
    assert_false(storage_is_damaged(stage.storage));
    tear_down(&stage);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_sql_statement_leaves_nothing_half_done),
        cmocka_unit_test(running_out_of_memory_leaves_nothing_half_done),
        cmocka_unit_test(a_failed_call_of_a_reader_is_handled_as_that_of_a_writer),
        cmocka_unit_test(a_reordered_configuration_finds_its_monitors_or_fails),
        cmocka_unit_test(impossible_values_in_the_state_are_reported_as_damage),
        cmocka_unit_test(opening_detects_a_state_of_another_version_or_program),
        cmocka_unit_test(a_statement_without_an_end_is_damage),
        cmocka_unit_test(a_swapped_state_counts_its_steps_in_its_handle),
        cmocka_unit_test(a_signal_ends_no_short_statement),
        cmocka_unit_test(a_stopped_iteration_makes_no_further_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
