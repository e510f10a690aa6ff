/*
 * storage/ where a statement fails or memory runs out: the error names state.db, nothing is half
 * done, and the state is well again once nothing fails. And a state that holds what no version of
 * the program writes: it is told as damaged.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "state/indexer.h"
#include "state/ledger.h"
#include "state/storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"

enum { DOMAINS = 4, STAGED = 12 };

/* A state that a scene is played on. */
struct stage {
    struct world *world;
    struct storage *storage; /* NULL: it could not be opened */
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

/* Results of all domains, staged in one step. */
static int stage_results(struct stage *stage)
{
    struct staged_result staged_results[STAGED];

    for (size_t i = 0; i < STAGED; i++)
        staged_results[i] = outcome_of(
            i % DOMAINS, AT_0 + (int64_t)i,
            check_at(AT_0 + (int64_t)i * MS_PER_MINUTE, i % 3 ? STATUS_UP : STATUS_DOWN));
    return staged_add(stage->storage, staged_results, STAGED, &stage->error);
}

/* Indexes what is staged of a monitor, as the journal does. */
static int index_pending(void *context, const struct staged_monitor *pending, struct error *error)
{
    struct indexer indexer;
    struct ledger_live live = {100 * pending->monitor.id, 50};

    /* Neither fewer nor, where they were staged or indexed by halves before, more. */
    assert_int_equal(pending->n, STAGED / DOMAINS);
    indexer_begin(&indexer, context, pending->monitor.id, &pending->known, INT64_MAX);
    for (size_t i = 0; i < pending->n; i++) {
        const struct staged *one = &pending->staged[i];

        if (indexer_add(&indexer, &one->check, one->has_phases ? &one->phases : NULL, error))
            return -1;
        indexer.due_after_ms = one->due_after_ms;
    }
    return indexer_end(&indexer, error) ||
                   ledger_set_live(((struct minute_index *)context)->storage, pending->monitor.id,
                                   &live, error)
               ? -1
               : 0;
}

/* What a tick does with the ledger: all staged results into the index, in one transaction. */
static int record_results(struct stage *stage)
{
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct minute_index minute_index;
    int result, n;
    bool all_live;

    if (staged_count(storage, 100, &n, &all_live, error) || storage_begin(storage, error))
        return -1;
    minute_index_begin(&minute_index, storage);
    result = staged_each(storage, index_pending, &minute_index, error);
    if (result == 0)
        result = minute_index_save(&minute_index, error);
    if (result == 0)
        result = staged_delete_all(storage, error);
    return storage_end(storage, result, error);
}

/* Counts two days, and a row that comes late for the first of them. */
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

/* Rows that come late: before all turns, at one, and among checks that are otherwise. */
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
    struct monitor_summary known;
    int result;

    if (storage_begin(storage, error))
        return -1;
    minute_index_begin(&minute_index, storage);
    result = indexer_load(&known, storage, 2, error);
    if (result == 0)
        indexer_begin(&indexer, &minute_index, 2, &known, INT64_MAX);
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

static int count_turns(void *context, size_t domain, const struct transition *transitions, size_t n,
                       struct error *error)
{
    size_t *counts = context;

    (void)transitions;
    (void)error;
    counts[domain] = n;
    return 0;
}

static int nothing(void *context, size_t domain, int64_t hour, const struct sample *samples,
                   size_t n)
{
    (void)context;
    (void)domain;
    (void)hour;
    (void)samples;
    return n == 0;
}

/* All that a dashboard reads. */
static int read_all(struct stage *stage)
{
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct arena *arena = arena_new();
    struct monitor_state *states;
    struct counted domains, sites;
    size_t counts[DOMAINS] = {0};
    int64_t number, day;
    int result = -1;

    if (!arena)
        return error_set(error, EXIT_IO, "state.db: out of memory");
    if (monitors_load(storage, arena, &states, error) == 0 &&
        minute_index_each(storage, 0, INT64_MAX, nothing, NULL, error) == 0 &&
        minute_index_next_day(storage, 0, &day, error) == 0 &&
        transitions_each(storage, arena, count_turns, counts, error) == 0 &&
        storage_get_setting(storage, SETTING_BUILT_MS, &number, error) == 0 &&
        days_load(storage, DAY_0 + 1, &domains, &sites, error) == 0) {
        assert_int_equal(states[0].last.start_ms, AT_0 + 8 * MS_PER_MINUTE);
        assert_null(states[0].phases);
        assert_int_equal(states[3].phases->us[PHASE_TOTAL], 87000);
        assert_int_equal(counts[0], 2);
        assert_int_equal(counts[1], 5);
        assert_string_equal(states[0].last_failure.failure, "http_status: expected 200, got \"4\"");
        days_free(&domains);
        days_free(&sites);
        result = 0;
    }
    arena_free(arena);
    return result;
}

/* The ledger's own, and what is forgotten. */
static int keep_books(struct stage *stage)
{
    struct storage *storage = stage->storage;
    struct error *error = &stage->error;
    struct monitor_id monitor = {.id = 0};
    struct ledger_live live;
    bool staged;
    int64_t number;
    size_t domain;
    bool no = monitors_find(storage, "s0", "gone", &monitor.id, error) ||
              monitors_find(storage, "s0", "gone", &number, error) ||
              ledger_set_archive(storage, DAY_0, 1, 10, error) ||
              ledger_get_archive(storage, DAY_0, 1, &number, error) ||
              staged_delete_one(storage, 1, 99, error) ||
              staged_delete_between(storage, 5, 6, error) ||
              storage_set_built(storage, AT_0, AT_0, 5, error) ||
              expiry_delete(storage, AT_0 + 10 * MS_PER_DAY, AT_0, DAY_0 + 1, DAY_0 + 1, error) ||
              ledger_set_pruned_hour(storage, 9, error) ||
              ledger_pruned_hour(storage, &number, error) || storage_examine(storage, error);

    if (no)
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

/* Scenes in the order in which each needs those before it. */
static const struct {
    const char *name;
    play_scene *play;
} scenes[] = {
    {"opening", open_new},         {"staging", stage_results},   {"recording", record_results},
    {"counting days", count_days}, {"late rows", add_late_rows}, {"reading", read_all},
    {"keeping books", keep_books},
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

/* Changes the state behind the program's back. */
static void change(struct stage *stage, const char *sql)
{
    sqlite3 *db;
    char *said = NULL;

    storage_close(stage->storage);
    stage->storage = NULL;
    assert_int_equal(sqlite3_open(path_in(stage->world, "state.db"), &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &said))
        fail_msg("%s: %s", sql, said);
    sqlite3_close(db);
}

/* The nth call of this kind fails in a scene. Returns whether it came to that. */
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
        fail_msg("%s, call %d: %s, and yet it came to %d", scenes[scene].name, nth,
                 met ? "failed" : "went well", result);
    if (met && (stage.error.code != EXIT_IO || !strstr(stage.error.text, "state.db")))
        fail_msg("%s, call %d: said '%s'", scenes[scene].name, nth, stage.error.text);
    if (met && scene == 0)
        assert_null(stage.storage);

    /* Opened again, all of the scene can be done, and what follows it. */
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

static void a_statement_that_fails_leaves_nothing_half_done(void **state)
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

static void memory_that_runs_out_leaves_nothing_half_done(void **state)
{
    (void)state;
    for (size_t scene = 0; scene < SCENES; scene++) {
        int nth = 1;

        while (play(scene, FAULT_OF_MEMORY, nth, nth % 2, 0))
            nth++;
        assert_in_range(nth, 1, 1000);
    }
}

/* A reader opens what is there, or nothing, and sums up by itself. */
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

/* Scenes on a state that was closed after all the others. */
static void sweep_closed(play_scene *act, enum fault_kind kind, int least)
{
    static const int codes[] = {SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_FULL};
    bool met = true;

    for (int nth = 1; met || nth <= least; nth++) {
        struct stage stage;
        int result;

        set_up(&stage, CLOSED);
        storage_close(stage.storage);
        stage.storage = NULL;
        fault_arm(kind, nth, nth % 2, codes[nth % 3]);
        result = act(&stage);
        met = fault_disarm();
        if (met != (result == -1))
            fail_msg("call %d %s and it came to %d: %s", nth, met ? "failed" : "went well", result,
                     stage.error.text);
        if (met)
            assert_non_null(strstr(stage.error.text, "state.db"));
        storage_close(stage.storage);
        stage.storage = NULL;
        assert_done(act(&stage), &stage.error);
        tear_down(&stage);
    }
}

static void a_reader_fails_as_a_writer_does(void **state)
{
    (void)state;
    sweep_closed(read_beside, FAULT_OF_SQL, 50);
    sweep_closed(read_beside, FAULT_OF_MEMORY, 5);
}

static void a_configuration_in_another_order_finds_its_monitors_or_fails(void **state)
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

/* A row among others that are otherwise, for which the index is looked up. */
static int add_late(struct stage *stage)
{
    struct check check = check_at(AT_0 + 6 * MS_PER_MINUTE, STATUS_BOT_DETECTED);
    struct minute_index minute_index;
    struct transitions transitions;

    minute_index_begin(&minute_index, stage->storage);
    transitions_begin(&transitions, &minute_index, 1, AT_0 + 8 * MS_PER_MINUTE, STATUS_UP);
    return transitions_add(&transitions, &check, &stage->error);
}

static int load_digest(struct stage *stage)
{
    struct monitor_summary known;

    return indexer_load(&known, stage->storage, 1, &stage->error);
}

static void what_no_version_writes_is_told_as_damage(void **state)
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
        {"UPDATE monitor SET last_status = 6", load_digest},
        {"DELETE FROM monitor; INSERT INTO monitor(id, site, domain) VALUES"
         "(11, 's0', 'd0'), (12, 's0', 'd1'), (13, 's0', 'd2'), (14, 's1', 'd3')",
         load_digest},
        {"UPDATE monitor SET latest_status = 6", stage_and_record},
        {"UPDATE monitor SET last_phases = x'00'", read_all},
        {"UPDATE monitor SET last_phases = CAST(printf('%.20c', '~') AS BLOB)", read_all},
        {"INSERT INTO staged VALUES(1, 9, 1, 1, 1, 200, 1, '', x'00')", record_results},
        {"PRAGMA ignore_check_constraints = ON; UPDATE turn SET status = 6", read_all},
        {"PRAGMA ignore_check_constraints = ON; UPDATE turn SET status = 6", stage_and_record},
        {"PRAGMA ignore_check_constraints = ON; UPDATE turn SET failure = printf('%.512c', 'x')",
         read_all},
        {"UPDATE recent SET marks = x'00'", read_all},
        {"UPDATE recent SET marks = x'00'", add_late},
        {"UPDATE recent SET marks = x'00'", add_to_index},
        {"UPDATE recent SET marks = CAST(printf('%.*c', length(marks), '~') AS BLOB)", read_all},
        {"INSERT OR REPLACE INTO sum VALUES(1, x'00');"
         "INSERT OR REPLACE INTO note SELECT key, 20781 FROM note WHERE value = -1",
         read_all},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;

        set_up(&stage, CLOSED);
        change(&stage, cases[i].sql);
        assert_done(open_new(&stage), &stage.error);
        assert_false(storage_is_damaged(stage.storage));
        if (cases[i].play(&stage) != -1)
            fail_msg("%s: was not noticed", cases[i].sql);
        assert_non_null(strstr(stage.error.text, "state.db: damaged"));
        assert_true(storage_is_damaged(stage.storage));
        assert_false(storage_in_transaction(stage.storage));
        tear_down(&stage);
    }
}

static void what_is_no_state_of_this_version_is_told_when_it_is_opened(void **state)
{
    static const struct {
        const char *sql;
        enum storage_health health;
    } cases[] = {
        {"DROP TABLE sum", STORAGE_CORRUPT},
        {"PRAGMA application_id = 5", STORAGE_CORRUPT},
        {"PRAGMA user_version = 1", STORAGE_OLDER},
        {"PRAGMA user_version = 99", STORAGE_NEWER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;

        set_up(&stage, 1);
        change(&stage, cases[i].sql);
        assert_int_equal(open_new(&stage), -1);
        assert_null(stage.storage);
        assert_int_equal(stage.health, cases[i].health);
        tear_down(&stage);
    }
}

static int stop(void *context, size_t domain, int64_t hour, const struct sample *samples, size_t n)
{
    (void)domain;
    (void)hour;
    (void)samples;
    (void)n;
    ++*(int *)context;
    return -1;
}

static void a_reading_that_is_stopped_gives_nothing_more(void **state)
{
    struct stage stage;
    int given = 0;

    (void)state;
    set_up(&stage, CLOSED);
    assert_int_equal(minute_index_each(stage.storage, 0, INT64_MAX, stop, &given, &stage.error),
                     -1);
    assert_int_equal(given, 1);
    assert_false(storage_is_damaged(stage.storage));
    tear_down(&stage);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_that_fails_leaves_nothing_half_done),
        cmocka_unit_test(memory_that_runs_out_leaves_nothing_half_done),
        cmocka_unit_test(a_reader_fails_as_a_writer_does),
        cmocka_unit_test(a_configuration_in_another_order_finds_its_monitors_or_fails),
        cmocka_unit_test(what_no_version_writes_is_told_as_damage),
        cmocka_unit_test(what_is_no_state_of_this_version_is_told_when_it_is_opened),
        cmocka_unit_test(a_reading_that_is_stopped_gives_nothing_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
