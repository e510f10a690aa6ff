/* state/transitions.h: rows that arrive in any order give the transitions of the rows in order. */

#include "base/arena.h"
#include "model/outage.h"
#include "state/days.h"
#include "state/expiry.h"
#include "state/indexer.h"
#include "state/minute_index.h"
#include "state/monitors.h"
#include "state/transitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"

enum { MAX_ROWS = 2000, MONITOR = 1 };

/* A state, and the transitions that were read from it. */
struct scene {
    struct world *world;
    struct storage *storage;
    struct minute_index minute_index;
    struct indexer indexer;
    struct arena *arena;
    struct transition transitions[MAX_ROWS];
    size_t n_transitions;
};

static void begin_rows(struct scene *scene)
{
    struct monitor_summary summary;
    struct error error;

    minute_index_begin(&scene->minute_index, scene->storage);
    assert_done(monitors_load_summary(scene->storage, MONITOR, &summary, &error), &error);
    indexer_begin(&scene->indexer, &scene->minute_index, MONITOR, &summary, INT64_MAX);
}

static void end_rows(struct scene *scene)
{
    struct error error;

    assert_done(indexer_end(&scene->indexer, &error), &error);
    assert_done(minute_index_save(&scene->minute_index, &error), &error);
}

static struct scene *make_scene(size_t n_domains)
{
    struct scene *scene = calloc(1, sizeof *scene);
    enum storage_health health;
    struct error error;

    assert_non_null(scene);
    scene->world = make_world(n_domains);
    scene->arena = arena_new();
    assert_done(storage_open(&scene->storage, path_in(scene->world, "state.db"), STORAGE_IN_MEMORY,
                             &scene->world->config, &health, &error),
                &error);
    begin_rows(scene);
    return scene;
}

static void free_scene(struct scene *scene)
{
    storage_close(scene->storage);
    arena_free(scene->arena);
    free_world(scene->world);
    free(scene);
}

static struct check row_at(int64_t start_ms, enum status status)
{
    struct check check = check_at(start_ms, status);

    if (status != STATUS_UP) {
        check.http_status = 503;
        snprintf(check.failure, sizeof check.failure, "at %lld", (long long)start_ms);
    }
    return check;
}

static void add_row(struct scene *scene, int64_t start_ms, enum status status)
{
    struct check check = row_at(start_ms, status);
    struct error error;

    assert_done(indexer_add(&scene->indexer, &check, NULL, &error), &error);
}

static int copy_transitions(void *context, size_t domain, const struct transition *transitions,
                            size_t n, struct error *error)
{
    struct scene *scene = context;

    (void)error;
    if (domain == 0) {
        memcpy(scene->transitions, transitions, n * sizeof *transitions);
        scene->n_transitions = n;
    }
    return 0;
}

static void read_transitions(struct scene *scene)
{
    struct error error;

    end_rows(scene);
    scene->n_transitions = 0;
    assert_done(transitions_each(scene->storage, scene->arena, copy_transitions, scene, &error),
                &error);
    begin_rows(scene);
}

/* "UP 0 first, DOWN 3 after 2": minutes since AT_0. */
static void assert_transitions(struct scene *scene, const char *expected)
{
    char text[4096] = "";
    size_t size = 0;

    read_transitions(scene);
    for (size_t i = 0; i < scene->n_transitions; i++) {
        const struct transition *transition = &scene->transitions[i];
        char before[32] = "first";

        if (transition->before_ms != INT64_MIN)
            snprintf(before, sizeof before, "after %lld",
                     (long long)clock_floor_div(transition->before_ms - AT_0, MS_PER_MINUTE));
        size += (size_t)snprintf(
            text + size, sizeof text - size, "%s%s %lld %s", i ? ", " : "",
            status_name(transition->status),
            (long long)clock_floor_div(transition->start_ms - AT_0, MS_PER_MINUTE), before);
    }
    assert_string_equal(text, expected);
}

/* Rows by minute and letter, in the order in which they arrive. The interval is a minute. */
static void a_late_row_creates_updates_and_removes_transitions(void **state)
{
    enum { MAX = 8 };
    static const struct {
        struct {
            int minute;
            char letter;
        } rows[MAX];
        const char *transitions;
    } cases[] = {
        {{{0, 'U'}}, "UP 0 first"},
        {{{0, 'U'}, {1, 'U'}, {90, 'U'}}, "UP 0 first"},
        {{{0, 'U'}, {1, 'D'}, {2, 'T'}, {3, 'U'}}, "UP 0 first, DOWN 1 after 0, UP 3 after 2"},
        {{{0, 'D'}, {1, 'B'}, {2, 'T'}}, "DOWN 0 first, BOT_DETECTED 1 after 0, TIMEOUT 2 after 1"},
        /* After a gap. */
        {{{0, 'D'}, {2, 'D'}, {5, 'D'}}, "DOWN 0 first, DOWN 5 after 2"},
        {{{0, 'D'}, {9, 'U'}, {20, 'D'}}, "DOWN 0 first, UP 9 after 0, DOWN 20 after 9"},
        /* Before all other rows. */
        {{{5, 'U'}, {0, 'U'}}, "UP 0 first"},
        {{{5, 'U'}, {0, 'D'}}, "DOWN 0 first, UP 5 after 0"},
        {{{5, 'D'}, {4, 'D'}}, "DOWN 4 first"},
        {{{5, 'D'}, {1, 'D'}}, "DOWN 1 first, DOWN 5 after 1"},
        {{{5, 'D'}, {1, 'D'}, {3, 'D'}}, "DOWN 1 first"},
        /* Inside a run of the same kind. */
        {{{0, 'U'}, {5, 'U'}, {3, 'U'}}, "UP 0 first"},
        {{{0, 'D'}, {2, 'D'}, {1, 'T'}}, "DOWN 0 first"},
        {{{0, 'D'}, {5, 'D'}, {1, 'D'}}, "DOWN 0 first, DOWN 5 after 1"},
        /* Inside a run of another kind. */
        {{{0, 'U'}, {1, 'U'}, {5, 'U'}, {6, 'U'}, {3, 'D'}},
         "UP 0 first, DOWN 3 after 1, UP 5 after 3"},
        {{{0, 'D'}, {1, 'D'}, {3, 'D'}, {2, 'U'}}, "DOWN 0 first, UP 2 after 1, DOWN 3 after 2"},
        {{{0, 'U'}, {5, 'U'}, {2, 'D'}, {4, 'D'}, {3, 'B'}},
         "UP 0 first, DOWN 2 after 0, BOT_DETECTED 3 after 2, DOWN 4 after 3, UP 5 after 4"},
        /* Between two runs. */
        {{{0, 'U'}, {5, 'D'}, {4, 'D'}}, "UP 0 first, DOWN 4 after 0"},
        {{{0, 'U'}, {5, 'D'}, {2, 'D'}}, "UP 0 first, DOWN 2 after 0, DOWN 5 after 2"},
        {{{0, 'U'}, {5, 'D'}, {2, 'U'}}, "UP 0 first, DOWN 5 after 2"},
        {{{0, 'D'}, {5, 'U'}, {2, 'B'}}, "DOWN 0 first, BOT_DETECTED 2 after 0, UP 5 after 2"},
        /* Two rows with the same start. */
        {{{0, 'U'}, {1, 'U'}, {2, 'U'}, {1, 'D'}, {0, 'D'}, {2, 'D'}}, "UP 0 first"},
    };
    static const struct {
        char letter;
        enum status status;
    } letters[] = {
        {'U', STATUS_UP}, {'D', STATUS_DOWN}, {'T', STATUS_TIMEOUT}, {'B', STATUS_BOT_DETECTED}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene *scene = make_scene(1);

        for (size_t j = 0; j < MAX && cases[i].rows[j].letter; j++) {
            for (size_t k = 0; k < 4; k++) {
                if (letters[k].letter == cases[i].rows[j].letter)
                    add_row(scene, AT_0 + cases[i].rows[j].minute * MS_PER_MINUTE,
                            letters[k].status);
            }
        }
        assert_transitions(scene, cases[i].transitions);
        free_scene(scene);
    }
}

/* Makes a history: ascending, at least a minute apart, with runs of one status, and with gaps. */
static size_t make_history(struct check *rows, size_t n, uint64_t *seed, int interval_minutes)
{
    static const enum status statuses[] = {STATUS_UP,   STATUS_UP,      STATUS_UP,
                                           STATUS_DOWN, STATUS_TIMEOUT, STATUS_BOT_DETECTED};
    int64_t at = AT_0;
    enum status status = STATUS_UP;

    for (size_t i = 0; i < n; i++) {
        at += interval_minutes * MS_PER_MINUTE + dice_below(seed, 5000);
        if (dice_below(seed, 12) == 0)
            at += dice_below(seed, 4L * interval_minutes * MS_PER_MINUTE);
        if (dice_below(seed, 4) == 0)
            status = statuses[dice_below(seed, 6)];
        rows[i] =
            status == STATUS_UP && dice_below(seed, 3) == 0 ? slow_at(at) : row_at(at, status);
    }
    return n;
}

/* A second implementation of the rule in outage.h. */
static size_t transitions_by_the_rule(const struct check *rows, size_t n, int64_t interval_ms,
                                      struct transition *transitions)
{
    size_t n_transitions = 0;

    for (size_t i = 0; i < n; i++) {
        bool failed = rows[i].status == STATUS_DOWN || rows[i].status == STATUS_TIMEOUT;
        bool is_transition = i == 0;

        if (i) {
            enum status before = rows[i - 1].status;

            is_transition = failed != (before == STATUS_DOWN || before == STATUS_TIMEOUT) ||
                            (rows[i].status == STATUS_UP) != (before == STATUS_UP) ||
                            (rows[i].status != STATUS_UP &&
                             rows[i].start_ms - rows[i - 1].start_ms > 2 * interval_ms);
        }
        if (is_transition)
            transitions[n_transitions++] = (struct transition){
                rows[i].start_ms, i ? rows[i - 1].start_ms : INT64_MIN, rows[i].status, 0,
                rows[i].status == STATUS_UP ? "" : rows[i].failure};
    }
    return n_transitions;
}

static void shuffle(struct check *rows, size_t n, uint64_t *seed, size_t reach)
{
    for (size_t i = 0; i < n; i++) {
        size_t max = n - i < reach ? n - i : reach;
        size_t j = i + (size_t)dice_below(seed, (int64_t)max);
        struct check swapped = rows[i];

        rows[i] = rows[j];
        rows[j] = swapped;
    }
}

/* Compares the transitions of the state with those of the rule. A failure text may be missing only
 * if rows arrived late. */
static void assert_by_the_rule(struct scene *scene, const struct transition *transitions, size_t n,
                               bool in_order)
{
    read_transitions(scene);
    assert_int_equal(scene->n_transitions, n);
    for (size_t i = 0; i < n; i++) {
        const struct transition *found = &scene->transitions[i];

        assert_int_equal(found->start_ms, transitions[i].start_ms);
        assert_int_equal(found->before_ms, transitions[i].before_ms);
        assert_int_equal(found->status, transitions[i].status);
        if (in_order || *found->failure)
            assert_string_equal(found->failure, transitions[i].failure);
    }
}

static void transitions_do_not_depend_on_the_order_of_rows(void **state)
{
    enum { N = 120 };
    uint64_t seed = 20261123;

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct scene *scene = make_scene(4);
        size_t reach = round % 4 == 0 ? 1 : round % 4 == 1 ? 3 : round % 4 == 2 ? 20 : N;
        int interval = round % 2 ? 5 : 1;
        struct check rows[N];
        struct transition transitions[N];
        char failures[N][32];
        size_t n_transitions;

        scene->world->domains[0].interval_seconds = 60 * interval;
        begin_rows(scene);
        make_history(rows, N, &seed, interval);
        n_transitions = transitions_by_the_rule(rows, N, interval * MS_PER_MINUTE, transitions);
        for (size_t i = 0; i < n_transitions; i++) {
            snprintf(failures[i], sizeof failures[i], "%.31s", transitions[i].failure);
            transitions[i].failure = failures[i];
        }
        shuffle(rows, N, &seed, reach);
        for (size_t i = 0; i < N; i++) {
            add_row(scene, rows[i].start_ms, rows[i].status);
            if (dice_below(&seed, 10) == 0) {
                end_rows(scene);
                begin_rows(scene);
            }
        }
        assert_by_the_rule(scene, transitions, n_transitions, reach == 1);
        free_scene(scene);
    }
}

static void a_row_older_than_the_index_creates_no_transition(void **state)
{
    struct scene *scene = make_scene(1);
    struct tally none[1] = {{{0}}};
    struct error error;

    (void)state;
    for (int64_t minute = 0; minute < 3 * MINUTES_PER_DAY; minute += 10)
        add_row(scene, AT_0 + minute * MS_PER_MINUTE, STATUS_UP);
    end_rows(scene);
    for (int64_t day = DAY_0; day < DAY_0 + 3; day++)
        assert_done(days_put(scene->storage, day, none, none, &error), &error);
    assert_done(expiry_delete(scene->storage, AT_0 + 2 * MS_PER_DAY, 0, 0, 0, 0, &error), &error);
    begin_rows(scene);
    add_row(scene, AT_0 + 15 * MS_PER_MINUTE, STATUS_DOWN);
    assert_transitions(scene, "UP 0 first");

    /* A late row that the index reaches. */
    add_row(scene, AT_0 + 2 * MS_PER_DAY + 15 * MS_PER_MINUTE, STATUS_DOWN);
    assert_transitions(scene, "UP 0 first, DOWN 2895 after 2890, UP 2900 after 2895");
    free_scene(scene);
}

static void a_monitor_without_an_interval_has_no_gap_transitions(void **state)
{
    struct scene *scene = make_scene(1);

    (void)state;
    scene->indexer.transitions.reach_ms = INT64_MAX;
    add_row(scene, AT_0, STATUS_DOWN);
    add_row(scene, AT_0 + MS_PER_HOUR, STATUS_DOWN);
    assert_transitions(scene, "DOWN 0 first");
    transitions_begin(&scene->indexer.transitions, &scene->minute_index, 99, 0, STATUS_UNKNOWN);
    assert_int_equal(scene->indexer.transitions.reach_ms, INT64_MAX);
    transitions_begin(&scene->indexer.transitions, &scene->minute_index, MONITOR, 0,
                      STATUS_UNKNOWN);
    assert_int_equal(scene->indexer.transitions.reach_ms, 2 * MS_PER_MINUTE);
    free_scene(scene);
}

static void pruning_keeps_the_last_older_and_1000_newer_transitions(void **state)
{
    struct scene *scene = make_scene(2);
    struct error error;

    (void)state;
    for (int minute = 0; minute < 1100; minute++)
        add_row(scene, AT_0 + minute * MS_PER_MINUTE, minute % 2 ? STATUS_DOWN : STATUS_UP);
    end_rows(scene);
    assert_done(expiry_delete(scene->storage, 0, AT_0, 0, 0, 0, &error), &error);
    begin_rows(scene);
    read_transitions(scene);
    assert_int_equal(scene->n_transitions, TRANSITIONS_MAX);
    assert_int_equal(scene->transitions[0].start_ms, AT_0 + 100 * MS_PER_MINUTE);
    end_rows(scene);
    assert_done(expiry_delete(scene->storage, 0, AT_0 + 1097 * MS_PER_MINUTE + 1, 0, 0, 0, &error),
                &error);
    begin_rows(scene);
    assert_transitions(scene, "DOWN 1097 after 1096, UP 1098 after 1097, DOWN 1099 after 1098");
    end_rows(scene);
    assert_done(expiry_delete(scene->storage, 0, AT_0 + 1098 * MS_PER_MINUTE, 0, 0, 0, &error),
                &error);
    begin_rows(scene);
    assert_transitions(scene, "UP 1098 after 1097, DOWN 1099 after 1098");
    end_rows(scene);
    assert_done(expiry_delete(scene->storage, 0, AT_0 + 20 * MS_PER_DAY, 0, 0, 0, &error), &error);
    begin_rows(scene);
    assert_transitions(scene, "DOWN 1099 after 1098");

    /* Older transitions were pruned, so an older row does not become the first one. */
    add_row(scene, AT_0 - MS_PER_MINUTE, STATUS_DOWN);
    assert_transitions(scene, "DOWN 1099 after 1098");
    free_scene(scene);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_row_creates_updates_and_removes_transitions),
        cmocka_unit_test(transitions_do_not_depend_on_the_order_of_rows),
        cmocka_unit_test(a_row_older_than_the_index_creates_no_transition),
        cmocka_unit_test(a_monitor_without_an_interval_has_no_gap_transitions),
        cmocka_unit_test(pruning_keeps_the_last_older_and_1000_newer_transitions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
