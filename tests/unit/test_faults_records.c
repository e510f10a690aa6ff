/*
 * records/ when a call on a file, a statement or an allocation fails: the error names what failed,
 * and after the next tick without a fault each committed row is in the CSV once, in its own day,
 * and in the state.
 */
#include "dashboard/history.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/prune.h"
#include "records/rotate.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"
#include "sweep.h"

enum { DOMAINS = 4, WAITING = 2, MOMENTS = 3 };

/* The moments of the results: days ago, and archived; before midnight, and live; only staged. */
static const int64_t moments[MOMENTS] = {AT_0 - 3 * MS_PER_DAY, AT_0 - 2 * MS_PER_MINUTE,
                                         AT_0 + MS_PER_MINUTE};
static const int64_t now = AT_0 + 2 * MS_PER_MINUTE;

/* What every second domain meets: events at each moment. The others are UP. */
static const enum status verdicts[MOMENTS] = {STATUS_BOT_DETECTED, STATUS_UP, STATUS_DOWN};

static void stage_all(struct journal *journal, int moment)
{
    struct staged_result staged_results[DOMAINS];
    int64_t start_ms = moments[moment];
    struct error error;

    for (size_t i = 0; i < DOMAINS; i++)
        staged_results[i] = outcome_of(
            i, start_ms + 1, check_at(start_ms + (int64_t)i, i % 2 ? STATUS_UP : verdicts[moment]));
    assert_done(staged_add(journal_storage(journal), staged_results, DOMAINS, &error), &error);
}

/* A data_dir with old archives, live files of yesterday and staged results. */
static struct world *make_scene(void)
{
    struct world *world = make_world(DOMAINS);
    struct error error;

    for (int i = 0; i < MOMENTS; i++) {
        struct journal *journal = open_world(world, moments[i]);

        if (i < WAITING)
            assert_done(rotate_run(journal, moments[i], &error), &error);
        stage_all(journal, i);
        if (i < WAITING)
            assert_done(export_run(journal, &error), &error);
        journal_close(journal);
    }
    return world;
}

static int open_it(struct world *world, void (*begin)(void), struct error *error)
{
    struct journal *journal;
    int result;

    begin();
    result = journal_open(&journal, &world->config, &world->log, now, error);
    journal_close(journal);
    return result;
}

/* Exports the staged results before the faults begin. */
static void export_first(struct world *world)
{
    struct journal *journal = open_world(world, now);
    struct error error;

    assert_done(export_run(journal, &error), &error);
    journal_close(journal);
}

static int open_without_state(struct world *world, void (*begin)(void), struct error *error)
{
    export_first(world);
    unlink(path_in(world, "state.db"));
    return open_it(world, begin, error);
}

static void change_state(struct world *world, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path_in(world, "state.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int open_of_another_version(struct world *world, void (*begin)(void), struct error *error)
{
    change_state(world, "PRAGMA user_version = 99");
    return open_it(world, begin, error);
}

static int open_damaged(struct world *world, void (*begin)(void), struct error *error)
{
    export_first(world);
    write_whole(world, "state.db", "r+b", "noise", 5);
    return open_it(world, begin, error);
}

static int open_after_a_clock_ahead(struct world *world, void (*begin)(void), struct error *error)
{
    char sql[160];

    /* SETTING_INDEXED_HOUR, of database.h: the state was pruned two days in the future. */
    snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO setting VALUES(%d, %lld)",
             SETTING_INDEXED_HOUR, (long long)(now / MS_PER_HOUR));
    change_state(world, sql);
    return open_it(world, begin, error);
}

/* A state without tables. */
static int open_empty(struct world *world, void (*begin)(void), struct error *error)
{
    export_first(world);
    unlink(path_in(world, "state.db"));
    change_state(world, "PRAGMA page_size = 512; VACUUM");
    return open_it(world, begin, error);
}

/* A state that was written after the last tick, without a counted commit. */
static int open_changed(struct world *world, void (*begin)(void), struct error *error)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = INT32_MAX}};

    assert_int_equal(utimensat(AT_FDCWD, path_in(world, "state.db"), times, 0), 0);
    return open_it(world, begin, error);
}

/* Rows that are archived and still live; and a line that is longer than a block. */
static int open_with_overlaps(struct world *world, void (*begin)(void), struct error *error)
{
    char *line = malloc(600000);

    export_first(world);
    for (int i = 0; i < DOMAINS; i++) {
        char live[64], archive[96];
        size_t size = 0;
        char *text;

        snprintf(live, sizeof live, "live/s%d/d%d.log", i / PER_SITE, i);
        snprintf(archive, sizeof archive, "archive/2026-11-22/s%d/d%d.log", i / PER_SITE, i);
        text = read_whole(world, live, &size);
        write_whole(world, archive, "ab", text, (size_t)(strchr(text, '\n') + 1 - text));
        free(text);
    }
    memset(line, 'x', 600000);
    line[600000 - 1] = '\n';
    write_whole(world, "archive/2026-11-21/s0/d9.log", "wb", line, 600000);
    free(line);
    unlink(path_in(world, "state.db"));
    return open_it(world, begin, error);
}

static int record(struct world *world, void (*begin)(void), struct error *error)
{
    return on_journal(world, now, begin, error, export_run);
}

static int rotate_now(struct journal *journal, struct error *error)
{
    return rotate_run(journal, now, error);
}

/* Nothing is staged, because a file with staged results is not rotated; then files are spoilt. */
static int spoil_and_rotate(struct world *world, void (*spoil)(struct world *world),
                            void (*begin)(void), struct error *error)
{
    export_first(world);
    if (spoil)
        spoil(world);
    return on_journal(world, now, begin, error, rotate_now);
}

static int rotate(struct world *world, void (*begin)(void), struct error *error)
{
    return spoil_and_rotate(world, NULL, begin, error);
}

static int prune_now(struct journal *journal, struct error *error)
{
    return prune_run(journal, now, error);
}

static int prune(struct world *world, void (*begin)(void), struct error *error)
{
    world->config.retention_days = 1;
    return on_journal(world, now, begin, error, prune_now);
}

static int rebuild(struct world *world, void (*begin)(void), struct error *error)
{
    return rebuild_at(world, now, begin, error);
}

static int load_past(struct world *world, void (*begin)(void), struct error *error)
{
    return load_past_at(world, now, begin, error);
}

/* Unknown bytes after live rows, a bad line among rows, and an emptied file. */
static void spoil(struct world *world)
{
    char *text = read_whole(world, "live/s0/d1.log", NULL);

    append_text(world, "live/s0/d0.log", "unknown bytes\n");
    text[0] = '"';
    write_whole(world, "live/s0/d1.log", "wb", text, strlen(text));
    write_whole(world, "live/s0/d2.log", "wb", "", 0);
    free(text);
}

/* The same again, with bytes quarantined before; and a file cut to its half. */
static void spoil_again(struct world *world)
{
    static const char *const before[] = {"live/s0/d0.log.quarantine", "live/s0/d1.log.quarantine"};
    char *text = read_whole(world, "live/s0/d2.log", NULL);

    spoil(world);
    for (size_t i = 0; i < 2; i++) {
        for (int line = 0; line < 3000; line++)
            append_text(world, before[i], "unknown bytes of before\n");
    }
    append_text(world, before[0], "unknown bytes\n");
    write_whole(world, "live/s0/d2.log", "wb", text, strlen(text) / 2);
    free(text);
}

/*
 * A rotation was killed before it deleted the live files; one has unknown bytes at its end, one is
 * gone, and one has lost rows that the ledger counts.
 */
static void spoil_archived(struct world *world)
{
    change_state(world, "UPDATE live SET archived = length");
    append_text(world, "live/s0/d0.log", "unknown bytes\n");
    unlink(path_in(world, "live/s0/d1.log"));
    change_state(world, "UPDATE live SET length = length + 100, archived = length + 99 "
                        "WHERE monitor = (SELECT id FROM monitor WHERE domain = 'd2')");
}

static int record_on_spoilt(struct world *world, void (*begin)(void), struct error *error)
{
    spoil(world);
    return record(world, begin, error);
}

static int rotate_spoilt(struct world *world, void (*begin)(void), struct error *error)
{
    return spoil_and_rotate(world, spoil, begin, error);
}

static int record_on_spoilt_again(struct world *world, void (*begin)(void), struct error *error)
{
    spoil_again(world);
    return record(world, begin, error);
}

static int rotate_spoilt_again(struct world *world, void (*begin)(void), struct error *error)
{
    return spoil_and_rotate(world, spoil_again, begin, error);
}

static int record_on_archived(struct world *world, void (*begin)(void), struct error *error)
{
    spoil_archived(world);
    return record(world, begin, error);
}

static int rotate_archived(struct world *world, void (*begin)(void), struct error *error)
{
    return spoil_and_rotate(world, spoil_archived, begin, error);
}

/* No state; a live row of long ago, and half a row. */
static int open_with_torn_and_old(struct world *world, void (*begin)(void), struct error *error)
{
    static const char old[] = "2026-05-01T00:00:00.000Z,s1,d3,UP,200,1,\n";
    char *text;

    export_first(world);
    text = read_whole(world, "live/s1/d3.log", NULL);
    write_whole(world, "live/s1/d3.log", "wb", old, strlen(old));
    append_text(world, "live/s1/d3.log", text);
    append_text(world, "live/s1/d3.log", "torn");
    unlink(path_in(world, "state.db"));
    free(text);
    return open_it(world, begin, error);
}

/* A state whose header counts free pages that do not exist. */
static int open_miscounted(struct world *world, void (*begin)(void), struct error *error)
{
    size_t size;
    char *state;

    export_first(world);
    state = read_whole(world, "state.db", &size);
    state[39] = 5;
    write_whole(world, "state.db", "wb", state, size);
    unlink(path_in(world, "state.db.stamp"));
    free(state);
    return open_it(world, begin, error);
}

static int rebuild_spoilt(struct world *world, void (*begin)(void), struct error *error)
{
    spoil(world);
    append_text(world, "live/s1/d3.log", "torn");
    return rebuild(world, begin, error);
}

static const char *const event_logs[] = {"live/events.log", "archive/2026-11-20/events.log"};

/* No state and no event log: all events are derived. */
static int open_without_event_log(struct world *world, void (*begin)(void), struct error *error)
{
    export_first(world);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(unlink(path_in(world, event_logs[i])), 0);
    unlink(path_in(world, "state.db"));
    return open_it(world, begin, error);
}

/* The same of a past moment; the logs come back. */
static int load_past_without_event_log(struct world *world, void (*begin)(void),
                                       struct error *error)
{
    char *texts[2];
    int result;

    export_first(world);
    for (size_t i = 0; i < 2; i++) {
        texts[i] = read_whole(world, event_logs[i], NULL);
        assert_int_equal(unlink(path_in(world, event_logs[i])), 0);
    }
    result = load_past(world, begin, error);
    fault_disarm();
    for (size_t i = 0; i < 2; i++) {
        write_whole(world, event_logs[i], "wb", texts[i], strlen(texts[i]));
        free(texts[i]);
    }
    return result;
}

static const struct scene {
    const char *name;
    play_scene *play;
    bool spoilt;   /* some rows are lost before the faults begin */
    bool rebuilds; /* it rebuilds the state, also from the old one if that can be read */
} scenes[] = {
    {"opening", open_it, false, false},
    {"opening without a state", open_without_state, false, true},
    {"opening without a state and an event log", open_without_event_log, false, true},
    {"loading a past moment without an event log", load_past_without_event_log, false, false},
    {"opening an empty state", open_empty, false, true},
    {"opening a changed state", open_changed, false, true},
    {"opening with rows that are archived and live", open_with_overlaps, false, true},
    {"opening a state of another version", open_of_another_version, false, true},
    {"opening a damaged state", open_damaged, false, true},
    {"opening after a clock that was ahead", open_after_a_clock_ahead, false, true},
    {"recording", record, false, false},
    {"rotating", rotate, false, false},
    {"pruning", prune, false, false},
    {"rebuilding", rebuild, false, true},
    {"loading a past moment", load_past, false, false},
    {"recording on spoilt files", record_on_spoilt, true, false},
    {"rotating spoilt files", rotate_spoilt, true, false},
    {"rebuilding from spoilt files", rebuild_spoilt, true, true},
    {"recording on files spoilt again", record_on_spoilt_again, true, false},
    {"rotating files spoilt again", rotate_spoilt_again, true, false},
    {"recording on spoilt files that are archived", record_on_archived, true, false},
    {"rotating spoilt files that are archived", rotate_archived, true, false},
    {"opening without a state, with a torn file", open_with_torn_and_old, false, true},
    {"opening a state with a wrong count", open_miscounted, false, true},
};
enum { SCENES = sizeof scenes / sizeof scenes[0] };

/* Counts this row in a file. */
static int count_row(const struct world *world, const char *name, const char *row)
{
    char *text = read_whole(world, name, NULL);
    int n = 0;

    for (const char *at = text; at && (at = strstr(at, row)) != NULL; at++)
        n++;
    free(text);
    return n;
}

/* Each committed row is there once and in its own day, apart from pruned ones. */
static void check_rows(const struct world *world, const char *what, int first_moment)
{
    for (int m = first_moment; m < MOMENTS; m++) {
        for (size_t i = 0; i < DOMAINS; i++) {
            char timestamp[CLOCK_TEXT_MAX], row[128], live[64], archive[96];
            int in_live, in_archive;

            clock_write_ms(moments[m] + (int64_t)i, timestamp);
            snprintf(row, sizeof row, "%s,s%zu,d%zu,", timestamp, i / PER_SITE, i);
            snprintf(live, sizeof live, "live/s%zu/d%zu.log", i / PER_SITE, i);
            snprintf(archive, sizeof archive, "archive/%.10s/s%zu/d%zu.log", timestamp,
                     i / PER_SITE, i);
            in_live = count_row(world, live, row);
            in_archive = count_row(world, archive, row);
            if (in_live + in_archive != 1)
                fail_msg("%s: '%s' is %d times in its live file, %d in its archive", what, row,
                         in_live, in_archive);
        }
    }
}

/* How often the event of this change is in the live event log and in that of its day. */
static int count_event(const struct world *world, int moment, size_t i, const char *change)
{
    char timestamp[CLOCK_TEXT_MAX], began[CLOCK_TEXT_MAX], line[160], archive[96];

    clock_write_ms(moments[moment] + (int64_t)i, timestamp);
    clock_write_ms(moments[moment == 1 ? 0 : moment] + (int64_t)i, began);
    snprintf(line, sizeof line, "%s,s%zu/d%zu/%s@%s,,s%zu/d%zu,%s,", timestamp, i / PER_SITE, i,
             moment == 2 ? "http" : "bot", began, i / PER_SITE, i, change);
    snprintf(archive, sizeof archive, "archive/%.10s/events.log", timestamp);
    return count_row(world, "live/events.log", line) + count_row(world, archive, line);
}

/* Each event is in the log once, in its own day. If the state was lost, some may be missing. */
static void check_events(const struct world *world, const char *what, bool may_miss)
{
    static const char *const changes[MOMENTS][2] = {
        {"opened", "confirmed"}, {"closed", "closed"}, {"opened", "confirmed"}};

    for (int m = 0; m < MOMENTS; m++) {
        for (size_t i = 0; i < (size_t)2 * DOMAINS; i++) {
            int n = count_event(world, m, i % DOMAINS, changes[m][i / DOMAINS]);
            int expected = i % 2 == 0;

            if (n > expected || (n < expected && !may_miss))
                fail_msg("%s: an event of d%zu and moment %d is %d times in the log", what,
                         i % DOMAINS, m, n);
        }
    }
}

/* A tick without a fault. */
static void recover(struct world *world, const char *what)
{
    struct journal *journal;
    struct error error;
    int64_t later = now + MS_PER_HOUR;

    if (journal_open(&journal, &world->config, &world->log, later, &error) ||
        export_run(journal, &error) || rotate_run(journal, later, &error) ||
        prune_run(journal, later, &error))
        fail_msg("%s: the next tick: %s", what, error.text);
    journal_close(journal);
}

/*
 * A failed call need not be reported if nothing is lost by it; the rows at the end of each scene
 * show that. Returns whether there was such a call.
 */
static bool play(const struct scene *scene)
{
    int held = fault.held;
    struct world *world = make_scene();
    struct error error = {.text = ""};
    char what[256];
    int result = scene->play(world, begin_faults, &error);
    bool met = fault_disarm();

    check_report(world, scene->name, met, result, &error, what);

    /* A rotation that failed has taken back what it could not finish. */
    if (scene->play == rotate && !planned.lasting)
        check_rows(world, what, 0);
    recover(world, what);
    if (!scene->spoilt)
        check_rows(world, what, world->config.retention_days == 1);
    check_events(world, what, scene->spoilt);
    free_world(world);
    assert_int_equal(fault.held, held);
    return met;
}

/* Fails the calls of a kind one after another, in all scenes. */
static void sweep(enum fault_kind kind, const int codes[3], bool lasting)
{
    /* Errors that must not make a rebuild ignore the old state: a damaged one would be ignored. */
    static const int temporary_codes[] = {SQLITE_FULL, SQLITE_NOMEM, SQLITE_FULL};
    int step = sweep_step(29);

    for (size_t i = 0; i < SCENES; i++) {
        const int *used = codes;

        if (codes && scenes[i].rebuilds && kind == FAULT_OF_SQL)
            used = temporary_codes;

        planned.kind = kind;
        planned.lasting = lasting;
        planned.nth = 1 + (int)i % step;
        for (bool met = true; met; planned.nth += step) {
            planned.code = used ? used[planned.nth / step % 3] : 0;
            met = play(&scenes[i]);
        }
        assert_in_range(planned.nth, 1, 5000);
    }
}

static void a_failed_file_call_loses_no_row(void **state)
{
    (void)state;
    sweep(FAULT_OF_FILE, file_codes, false);
}

static void file_calls_that_keep_failing_lose_no_row(void **state)
{
    (void)state;
    sweep(FAULT_OF_FILE, file_codes, true);
}

static void a_failed_statement_loses_no_row(void **state)
{
    (void)state;
    sweep(FAULT_OF_SQL, sql_codes, false);
}

static void running_out_of_memory_loses_no_row(void **state)
{
    (void)state;
    sweep(FAULT_OF_MEMORY, NULL, false);
    sweep(FAULT_OF_MEMORY, NULL, true);
}

static void interrupted_and_short_calls_are_continued(void **state)
{
    (void)state;
    sweep(FAULT_INTERRUPT, NULL, false);
    sweep(FAULT_SHORT, NULL, true);
}

/* There are more rows than are read between two checks for a signal. */
static void an_interrupted_rebuild_keeps_the_old_state(void **state)
{
    struct world *world = make_scene();
    struct journal_counts counts;
    char *text = malloc(70000 * 48), *end = text;
    struct error error;

    (void)state;
    for (int i = 0; i < 70000; i++)
        end += sprintf(end, "2026-11-21T12:%02d:%02d.%03dZ,s0,d0,UP,200,1,\n", i / 1000 / 60,
                       i / 1000 % 60, i % 1000);
    write_whole(world, "archive/2026-11-21/s0/d0.log", "wb", text, (size_t)(end - text));
    free(text);

    /* The first checks come before the days. */
    for (int nth = 1; nth < 8; nth++) {
        fault_arm(FAULT_TERMINATION, nth, true, 0);
        if (journal_rebuild(&world->config, &world->log, now, &counts, &error)) {
            assert_non_null(strstr(error.text, "interrupted"));
            assert_true(access(path_in(world, "state.db.new"), F_OK) != 0);
        }
        fault_disarm();
    }
    assert_done(journal_rebuild(&world->config, &world->log, now, &counts, &error), &error);
    assert_true(counts.rows > 70000);
    free_world(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupted_rebuild_keeps_the_old_state),
        cmocka_unit_test(a_failed_file_call_loses_no_row),
        cmocka_unit_test(file_calls_that_keep_failing_lose_no_row),
        cmocka_unit_test(a_failed_statement_loses_no_row),
        cmocka_unit_test(running_out_of_memory_loses_no_row),
        cmocka_unit_test(interrupted_and_short_calls_are_continued),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
