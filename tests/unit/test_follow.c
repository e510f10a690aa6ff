/* model/follow.h and state/follower.h: a rebuild has the conditions and events of the ticks, and
 * derives the events that the log lacks. */
#define _GNU_SOURCE
#include "model/follow.h"
#include "model/reach.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/open_state.h"
#include "records/rotate.h"
#include "records/unstaged.h"
#include "state/conditions.h"
#include "state/event_table.h"
#include "state/monitor_conditions.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"

enum { DOMAINS = 4, ROUNDS = 12, REMOVABLE = 3 };

enum { SECOND = 1000 };

static struct event event_at(int64_t at_ms, enum event_change change, enum event_state state)
{
    return (struct event){.at_ms = at_ms,
                          .scope = "s/d",
                          .began_ms = AT_0,
                          .change = change,
                          .state = state,
                          .code = change == EVENT_OPENED ? "dns" : "",
                          .detail = ""};
}

/* What follow_step makes of a check, as text: the state, the count, and the number of events. */
static const char *follow(struct condition *condition, int64_t at_ms, enum status status,
                          const struct follow_log *log)
{
    static const struct confirm rules = {.failures = 2, .successes = 2};
    static char text[64];
    struct check row = check_at(at_ms, status);
    struct event events[CONFIRM_EVENTS_MAX];
    size_t n = follow_step(condition, EVENT_HTTP, &row, &rules, reach_ms(60), log, events);

    snprintf(text, sizeof text, "%s %d, %zu", event_state_name(condition->state), condition->count,
             n);
    return text;
}

/* The rules are 2 failures and 2 successes; in the log are other rules. */
static void the_log_decides_the_state_and_the_rows_count(void **state)
{
    struct follow_log more = {.has_more = true, .is_begun = true}, none = {.n = 0};
    struct condition condition = {.state = EVENT_UP, .changed_ms = INT64_MIN};
    struct logged_event events[] = {
        {.event = event_at(AT_0, EVENT_OPENED, EVENT_SUSPECT)},
        {.event = event_at(AT_0 + 9 * SECOND, EVENT_CONFIRMED, EVENT_DOWN)},
        {.event = event_at(AT_0 + 20 * SECOND, EVENT_RECOVERING, EVENT_RECOVERING_STATE)},
        {.event = event_at(AT_0 + 40 * SECOND, EVENT_CLOSED, EVENT_UP)}};
    struct follow_log opened = {.events = &events[0], .n = 1},
                      confirmed = {.events = &events[1], .n = 1};
    struct follow_log recovering = {.events = &events[2], .n = 1},
                      closed = {.events = &events[3], .n = 1};

    (void)state;
    assert_string_equal(follow(&condition, AT_0, STATUS_DOWN, &opened), "SUSPECT 1, 0");
    assert_string_equal(condition.code, "dns");
    assert_string_equal(follow(&condition, AT_0 + 2 * SECOND, STATUS_DOWN, &more), "SUSPECT 2, 0");
    assert_string_equal(follow(&condition, AT_0 + 4 * SECOND, STATUS_UP, &more), "SUSPECT 2, 0");
    assert_int_equal(condition.last_ms, AT_0 + 4 * SECOND);
    assert_string_equal(follow(&condition, AT_0 + 9 * SECOND, STATUS_DOWN, &confirmed),
                        "DOWN 3, 0");
    assert_string_equal(follow(&condition, AT_0 + 20 * SECOND, STATUS_UP, &recovering),
                        "RECOVERING 1, 0");
    assert_string_equal(follow(&condition, AT_0 + 30 * SECOND, STATUS_UP, &more),
                        "RECOVERING 2, 0");
    assert_string_equal(follow(&condition, AT_0 + 40 * SECOND, STATUS_UP, &closed), "UP 3, 0");

    /* One that the log knows from a later event on. */
    assert_string_equal(follow(&condition, AT_0 + 50 * SECOND, STATUS_DOWN, &more), "SUSPECT 1, 0");
    assert_int_equal(condition.began_ms, AT_0 + 50 * SECOND);

    /* Where the log ends, the rules of today go on. */
    assert_string_equal(follow(&condition, AT_0 + 51 * SECOND, STATUS_DOWN, &none), "DOWN 2, 1");
    assert_string_equal(follow(&condition, AT_0 + 52 * SECOND, STATUS_UP, &none),
                        "RECOVERING 1, 1");
    assert_string_equal(follow(&condition, AT_0 + 53 * SECOND, STATUS_UP, &none), "UP 2, 1");
}

/* Also if the log differs from the rules of today. */
static void a_wait_that_the_server_asked_for_is_no_gap(void **state)
{
    static const struct confirm rules = {.failures = 2, .successes = 2};
    struct condition before = {.state = EVENT_SUSPECT, .began_ms = AT_0, .count = 1};
    struct logged_event confirmed = {.event = event_at(AT_0 + SECOND, EVENT_CONFIRMED, EVENT_DOWN)};
    struct logged_event changed = {.event =
                                       event_at(AT_0 + SECOND, EVENT_REASON_CHANGED, EVENT_DOWN)};
    struct follow_log logs[] = {{.events = &confirmed, .n = 1},
                                {.events = &changed, .n = 1},
                                {.has_more = true, .is_begun = true}};
    struct check row = check_at(AT_0 + SECOND, STATUS_DOWN);

    (void)state;
    row.latency_ms = 250;
    strcpy(row.failure, "http_status: expected 200, got 503 (Retry-After 600 s)");
    before.last_ms = AT_0;
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        struct condition condition = before;
        struct event events[CONFIRM_EVENTS_MAX];

        assert_int_equal(
            follow_step(&condition, EVENT_HTTP, &row, &rules, reach_ms(60), &logs[i], events), 0);
        assert_int_equal(condition.last_ms, AT_0 + 601 * SECOND + 250);
    }
}

/* The log has only later events of a condition: its beginning is derived, not its end. */
static void the_lost_beginning_of_a_condition_is_derived(void **state)
{
    struct follow_log confirmed = {.has_more = true, .has_confirmed = true};
    struct follow_log unknown = {.has_more = true};
    struct condition condition = {.state = EVENT_UP, .changed_ms = INT64_MIN};

    (void)state;
    assert_string_equal(follow(&condition, AT_0, STATUS_DOWN, &confirmed), "SUSPECT 1, 1");
    assert_string_equal(follow(&condition, AT_0 + SECOND, STATUS_DOWN, &confirmed), "SUSPECT 2, 0");
    assert_string_equal(follow(&condition, AT_0 + 2 * SECOND, STATUS_UP, &confirmed),
                        "SUSPECT 2, 0");

    condition = (struct condition){.state = EVENT_UP, .changed_ms = INT64_MIN};
    assert_string_equal(follow(&condition, AT_0, STATUS_DOWN, &unknown), "SUSPECT 1, 1");
    assert_string_equal(follow(&condition, AT_0 + SECOND, STATUS_DOWN, &unknown), "DOWN 2, 1");
    assert_string_equal(follow(&condition, AT_0 + 2 * SECOND, STATUS_UP, &unknown),
                        "RECOVERING 1, 1");
    assert_string_equal(follow(&condition, AT_0 + 3 * SECOND, STATUS_UP, &unknown),
                        "RECOVERING 2, 0");
}

static void an_event_alone_changes_its_own_condition(void **state)
{
    struct condition condition = {.state = EVENT_UP, .changed_ms = INT64_MIN};
    struct event event = event_at(AT_0, EVENT_OPENED, EVENT_SUSPECT);

    (void)state;
    follow_apply(&condition, &event);
    assert_int_equal(condition.state, EVENT_SUSPECT);
    assert_int_equal(condition.count, 1);
    event = event_at(AT_0 + SECOND, EVENT_REASON_CHANGED, EVENT_DOWN);
    event.code = "tls";
    follow_apply(&condition, &event);
    assert_int_equal(condition.changed_ms, AT_0 + SECOND);
    assert_string_equal(condition.code, "tls");
    event = event_at(AT_0 + 2 * SECOND, EVENT_RECOVERING, EVENT_RECOVERING_STATE);
    follow_apply(&condition, &event);
    assert_int_equal(condition.since_ms, AT_0 + 2 * SECOND);
    assert_string_equal(condition.code, "tls");

    /* The end of another one, then its own. */
    event = event_at(AT_0 + 3 * SECOND, EVENT_CLOSED, EVENT_UP);
    event.began_ms++;
    follow_apply(&condition, &event);
    assert_int_equal(condition.state, EVENT_RECOVERING_STATE);
    event.began_ms--;
    follow_apply(&condition, &event);
    assert_int_equal(condition.state, EVENT_UP);

    /* The server asked to wait: a gap counts from the end of the wait on. */
    event = event_at(AT_0, EVENT_OPENED, EVENT_SUSPECT);
    event.detail = "http_status: expected 200, got 503 (Retry-After 600 s)";
    follow_apply(&condition, &event);
    assert_int_equal(condition.last_ms, AT_0 + 600 * SECOND);

    /* A certificate has no counts: its condition is as conditions_record stores it. */
    condition = (struct condition){.state = EVENT_UP};
    event = event_at(AT_0, EVENT_OPENED, EVENT_WARN);
    event.check = EVENT_CERTIFICATE;
    follow_apply(&condition, &event);
    event = event_at(AT_0 + SECOND, EVENT_CONFIRMED, EVENT_CRITICAL);
    event.check = EVENT_CERTIFICATE;
    follow_apply(&condition, &event);
    assert_int_equal(condition.state, EVENT_CRITICAL);
    assert_int_equal(condition.count, 0);
    assert_int_equal(condition.last_ms, AT_0 + SECOND);
    assert_int_equal(condition.began_ms, AT_0);
}

/* What a history may have. */
struct history {
    struct world *world;
    struct journal *journal;
    uint64_t seed;
    int64_t now_ms;
    enum status mood[DOMAINS];
    bool sets_clock;
    bool removes;
};

static int compare_results(const void *a, const void *b)
{
    const struct staged_result *one = a, *other = b;

    return (one->check.start_ms > other->check.start_ms) -
           (one->check.start_ms < other->check.start_ms);
}

static struct check check_of(enum status mood, int64_t start_ms, uint64_t *seed)
{
    struct check check = mood == STATUS_DEGRADED ? slow_at(start_ms) : check_at(start_ms, mood);

    if (mood == STATUS_DOWN && dice_below(seed, 3) == 0)
        strcpy(check.failure, "connect: connection refused");
    if (mood == STATUS_DOWN && start_ms % 5 == 0)
        strcpy(check.failure, "http_status: expected 200, got 503 (Retry-After 600 s)");
    return check;
}

/* The checks of a minute, some of them with rechecks, in the order of their starts. */
static size_t make_results(struct history *history, struct staged_result *results)
{
    static const enum status moods[] = {STATUS_UP,      STATUS_UP,          STATUS_UP,
                                        STATUS_UP,      STATUS_DEGRADED,    STATUS_DOWN,
                                        STATUS_TIMEOUT, STATUS_BOT_DETECTED};
    int64_t minute = clock_floor_div(history->now_ms, MS_PER_MINUTE);
    uint64_t *seed = &history->seed;
    size_t n = 0;

    for (size_t i = 0; i < history->world->config.n_domains; i++) {
        int64_t start_ms = history->now_ms + dice_below(seed, 9000);

        if (dice_below(seed, 7) == 0)
            history->mood[i] = moods[dice_below(seed, 8)];
        if (minute % (history->world->domains[i].interval_seconds / 60))
            continue;
        for (int left = dice_below(seed, 4) == 0 ? 3 : 1; left > 0; left--) {
            results[n++] = outcome_of(i, start_ms, check_of(history->mood[i], start_ms, seed));
            start_ms += 1 + dice_below(seed, 9000);
        }
    }
    qsort(results, n, sizeof *results, compare_results);
    return n;
}

/* Domain d3, in a site of its own, leaves the configuration or comes back. */
static void change_config(struct history *history, bool has_last)
{
    struct config *config = &history->world->config;

    config->n_domains = has_last ? DOMAINS : REMOVABLE;
    config->n_sites = has_last ? 2 : 1;
}

static void open_history(struct history *history)
{
    struct error error;

    history->journal = open_world(history->world, history->now_ms);
    assert_done(monitor_conditions_close_removed(journal_storage(history->journal), history->now_ms,
                                                 &error),
                &error);
}

static void keep_records(struct history *history)
{
    struct error error;

    assert_done(export_run(history->journal, &error), &error);
    assert_done(rotate_run(history->journal, history->now_ms, &error), &error);
}

static void one_minute(struct history *history)
{
    struct staged_result results[3 * DOMAINS];
    size_t n = make_results(history, results);
    struct error error;

    if (clock_floor_div(history->now_ms, MS_PER_MINUTE) % 60 == 0) {
        keep_records(history);
        journal_close(history->journal);
        if (history->removes && dice_below(&history->seed, 3) == 0)
            change_config(history, history->world->config.n_domains < DOMAINS);
        n = history->world->config.n_domains < DOMAINS ? 0 : n;
        open_history(history);
    }
    assert_done(staged_add(journal_storage(history->journal), results, n, &error), &error);
    if (dice_below(&history->seed, 3))
        assert_done(export_run(history->journal, &error), &error);
}

/* Lives for some hours, from 21:00 on. Ends with everything exported, or not. */
static void live(struct history *history, int hours, bool exports)
{
    int64_t end_ms = AT_0 - 3 * MS_PER_HOUR + hours * MS_PER_HOUR;
    uint64_t *seed = &history->seed;
    struct error error;

    history->now_ms = AT_0 - 3 * MS_PER_HOUR;
    for (size_t i = 0; i < DOMAINS; i++) {
        history->world->domains[i].confirm.failures = 1 + (int)dice_below(seed, 4);
        history->world->domains[i].confirm.successes = 1 + (int)dice_below(seed, 3);
        history->mood[i] = STATUS_UP;
    }
    open_history(history);
    for (; history->now_ms < end_ms; history->now_ms += MS_PER_MINUTE) {
        one_minute(history);
        if (dice_below(seed, 150) == 0)
            history->now_ms += dice_below(seed, 40) * MS_PER_MINUTE;
        if (history->sets_clock && dice_below(seed, 200) == 0)
            history->now_ms -= dice_below(seed, 30) * MS_PER_MINUTE + dice_below(seed, 9999);
    }
    if (exports)
        assert_done(export_run(history->journal, &error), &error);
    journal_close(history->journal);
}

static struct history begin_history(uint64_t seed)
{
    return (struct history){.world = make_world(DOMAINS), .seed = seed};
}

/* A query of state.db, as text. The caller frees it. */
static char *query(const struct world *world, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *list;
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    assert_int_equal(sqlite3_open(path_in(world, "state.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &list, NULL), SQLITE_OK);
    while (sqlite3_step(list) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(list); i++)
            fprintf(to, "%s|", (const char *)sqlite3_column_text(list, i));
        fputc('\n', to);
    }
    sqlite3_finalize(list);
    sqlite3_close(db);
    fclose(to);
    return text;
}

static const char conditions_sql[] = "SELECT * FROM condition ORDER BY scope, \"check\"";
static const char events_sql[] = "SELECT number, * FROM event ORDER BY number";
static const char staged_sql[] =
    "SELECT at_ms, scope, \"check\", began_ms, change, state, code, detail FROM staged_event"
    " ORDER BY number";

/* All that a rebuild must keep. */
struct picture {
    char *conditions, *events, *staged;
};

static struct picture draw(const struct world *world)
{
    return (struct picture){query(world, conditions_sql), query(world, events_sql),
                            query(world, staged_sql)};
}

static void free_picture(struct picture *picture)
{
    free(picture->conditions);
    free(picture->events);
    free(picture->staged);
}

static void assert_same(const struct world *world, struct picture *before)
{
    struct picture after = draw(world);

    assert_string_equal(after.events, before->events);
    assert_string_equal(after.staged, before->staged);
    assert_string_equal(after.conditions, before->conditions);
    free_picture(&after);
}

static void rebuild(struct history *history)
{
    struct journal_counts counts;
    struct error error;
    struct world *world = history->world;

    reset_log(world);
    assert_done(journal_rebuild(&world->config, &world->log, history->now_ms, &counts, &error),
                &error);
}

static void delete_state(const struct world *world)
{
    unlink(path_in(world, "state.db"));
    unlink(path_in(world, "state.db.stamp"));
}

static void a_rebuild_changes_no_condition_and_no_event(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(seed);
        struct picture before;

        history.sets_clock = seed % 3 == 0;
        history.removes = seed % 2 == 0;
        live(&history, 8, true);
        change_config(&history, true);
        before = draw(history.world);
        assert_true(strlen(before.events) > 3000);
        rebuild(&history);
        assert_string_equal(history.world->log_text, "");
        assert_same(history.world, &before);
        delete_state(history.world);
        rebuild(&history);
        assert_null(strstr(history.world->log_text, "derived"));
        assert_same(history.world, &before);
        free_picture(&before);
        free_world(history.world);
    }
}

/* What is staged stays staged, once, although a rebuild exports it first if it can. */
static void staged_events_are_carried_over_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(1000 + seed);
        struct picture before;
        struct error error;

        live(&history, 5, false);
        history.journal = open_world(history.world, history.now_ms);
        before = draw(history.world);
        assert_done(open_state_again(history.journal, &error), &error);
        journal_close(history.journal);
        assert_null(strstr(history.world->log_text, "derived"));
        assert_same(history.world, &before);
        free_picture(&before);
        free_world(history.world);
    }
}

/* All event logs, one after the other. The caller frees it. */
static char *read_logs(const struct world *world)
{
    static const char *const names[] = {"archive/2026-11-22/events.log",
                                        "archive/2026-11-23/events.log", "live/events.log"};
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    for (size_t i = 0; i < 3; i++) {
        char *one = read_whole(world, names[i], NULL);

        fprintf(to, "%s:\n%s", names[i], one ? one : "");
        free(one);
    }
    fclose(to);
    return text;
}

static void export_and_rotate(struct history *history)
{
    history->journal = open_world(history->world, history->now_ms);
    keep_records(history);
    journal_close(history->journal);
}

static void export_only(struct history *history)
{
    struct error error;

    history->journal = open_world(history->world, history->now_ms);
    assert_done(export_run(history->journal, &error), &error);
    journal_close(history->journal);
}

static void a_log_that_is_lost_is_derived_again(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(2000 + seed);
        struct world *world = history.world;
        struct picture before;
        char *logs, *again, *none = calloc(1, 1);

        live(&history, 8, true);
        history.now_ms += MS_PER_HOUR;
        export_and_rotate(&history);
        before = draw(world);
        logs = read_logs(world);
        unlink(path_in(world, "archive/2026-11-22/events.log"));
        unlink(path_in(world, "archive/2026-11-23/events.log"));
        unlink(path_in(world, "live/events.log"));
        delete_state(world);
        rebuild(&history);
        assert_non_null(strstr(world->log_text, "live/events.log: "));
        assert_non_null(strstr(world->log_text, " events were missing; derived again from the "
                                                "rows\n"));
        export_only(&history);
        delete_state(world);
        rebuild(&history);
        assert_null(strstr(world->log_text, "derived"));
        export_and_rotate(&history);
        again = query(world, staged_sql);
        assert_string_equal(again, none);
        free(again);
        history.now_ms += MS_PER_HOUR;
        export_and_rotate(&history);
        again = read_logs(world);
        assert_string_equal(again, logs);
        assert_same(world, &before);
        free(again);
        free(logs);
        free(none);
        free_picture(&before);
        free_world(world);
    }
}

static int print_event(void *context, const struct event *event, struct error *error)
{
    (void)error;
    fprintf(context, "%s %d %lld %lld %d %d %s %s\n", event->scope, (int)event->check,
            (long long)event->began_ms, (long long)event->at_ms, (int)event->change,
            (int)event->state, event->code, event->detail);
    return 0;
}

/* The conditions and events of an open state. The caller frees it. */
static char *print_storage(struct storage *storage)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    struct error error;

    assert_done(conditions_load(storage, &error), &error);
    assert_done(event_table_each_since(storage, INT64_MIN, print_event, to, &error), &error);
    for (size_t i = 0; i < DOMAINS * CONFIRM_CHECKS; i++) {
        const struct condition *condition =
            conditions_of(storage, (enum event_check)(i % CONFIRM_CHECKS), i / CONFIRM_CHECKS);

        if (condition)
            fprintf(to, "%zu %d %d %lld %lld %s\n", i, (int)condition->state, condition->count,
                    (long long)condition->began_ms, (long long)condition->last_ms, condition->code);
    }
    fclose(to);
    return text;
}

/* Also if the log was lost: then a past moment has what the rows before it show. */
static void a_past_moment_has_its_conditions_and_events(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(6000 + seed);
        struct world *world = history.world;
        struct storage *past;
        char *then, *again;
        int64_t then_ms;
        struct error error;

        live(&history, 4 + (int)(seed % 3), true);
        then_ms = history.now_ms - 1;
        history.journal = open_world(world, history.now_ms);
        then = print_storage(journal_storage(history.journal));
        for (int i = 0; i < 100; i++, history.now_ms += MS_PER_MINUTE)
            one_minute(&history);
        keep_records(&history);
        journal_close(history.journal);
        for (int lost = 0; lost < 2; lost++) {
            assert_done(journal_load_at(&past, &world->config, &world->log, then_ms, &error),
                        &error);
            again = print_storage(past);
            storage_close(past);
            assert_string_equal(again, then);
            free(again);
            unlink(path_in(world, "archive/2026-11-22/events.log"));
            unlink(path_in(world, "archive/2026-11-23/events.log"));
            unlink(path_in(world, "live/events.log"));
        }
        free(then);
        free_world(world);
    }
}

/* Results that state.db could not take cause their events when they are staged, and only once, even
 * if a run was killed before it deleted the file. */
static void unstaged_results_cause_their_events_once(void **state)
{
    static const char row[] = "2026-11-22T21:01:00.000Z,s0,d0,DOWN,503,12,http_status: 503\n";
    struct history history = begin_history(1);
    struct world *world = history.world;
    char *events;
    struct error error;

    (void)state;
    history.now_ms = AT_0 - 3 * MS_PER_HOUR;
    world->domains[0].confirm = (struct confirm){.failures = 2, .successes = 1};
    open_history(&history);
    for (int i = 0; i < 2; i++) {
        append_text(world, "unstaged.csv", row);
        assert_done(unstaged_stage(history.journal, &error), &error);
        keep_records(&history);
    }
    events = query(world, "SELECT scope, change, state FROM event");
    assert_string_equal(events, "s0/d0|0|1|\n");
    free(events);
    journal_close(history.journal);
    free_world(world);
}

/* Whatever the rules are now, what the log has stays; only conditions that are open go on. */
static void changed_rules_change_no_event_of_the_log(void **state)
{
    static const char changed_sql[] =
        "SELECT count(*) FROM staged_event AS here"
        " WHERE NOT EXISTS (SELECT 1 FROM event AS there WHERE there.scope = here.scope"
        "    AND there.\"check\" = here.\"check\" AND there.began_ms = here.began_ms)"
        " AND EXISTS (SELECT 1 FROM event AS there WHERE there.scope = here.scope"
        "    AND there.\"check\" = here.\"check\" AND there.at_ms > here.at_ms)"
        " OR EXISTS (SELECT 1 FROM event AS there WHERE there.scope = here.scope"
        "    AND there.\"check\" = here.\"check\" AND there.began_ms = here.began_ms"
        "    AND there.change = 4)";

    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(3000 + seed);
        struct world *world = history.world;
        struct picture before;
        char *events, *n;

        history.sets_clock = seed % 3 == 0;
        live(&history, 6, true);
        before = draw(world);
        for (size_t i = 0; i < DOMAINS; i++) {
            world->domains[i].confirm.failures = 1 + (int)dice_below(&history.seed, 6);
            world->domains[i].confirm.successes = 1 + (int)dice_below(&history.seed, 6);
            world->domains[i].interval_seconds = seed % 2 ? 60 : 600;
        }
        delete_state(world);
        rebuild(&history);
        events = query(world, events_sql);
        assert_string_equal(events, before.events);
        n = query(world, changed_sql);
        assert_string_equal(n, "0|\n");
        free(n);
        free(events);
        free_picture(&before);
        free_world(world);
    }
}

/* The end of the log is lost, as if a backup of it was put back. */
static void the_end_of_the_log_is_derived_again(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(4000 + seed);
        struct world *world = history.world;
        struct picture before;
        char *logs, *again;

        live(&history, 8, true);
        before = draw(world);
        logs = read_logs(world);
        unlink(path_in(world, "live/events.log"));
        delete_state(world);
        rebuild(&history);
        export_only(&history);
        again = read_logs(world);
        assert_string_equal(again, logs);
        assert_same(world, &before);
        free(again);
        free(logs);
        free_picture(&before);
        free_world(world);
    }
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All lines of all event logs, sorted. The caller frees it. */
static char *sorted_lines(const struct world *world)
{
    char *text = read_logs(world), *lines[4096], *sorted;
    size_t n = 0, size;
    FILE *to = open_memstream(&sorted, &size);

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        assert_true(n < 4096);
        lines[n++] = line;
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "%s\n", lines[i]);
    fclose(to);
    free(text);
    return sorted;
}

/* Conditions that last over midnight have the rest of their events in the log of the next day. */
static void the_log_of_the_first_day_is_derived_again(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(7000 + seed);
        struct world *world = history.world;
        char *logs, *again;

        live(&history, 6, true);
        logs = sorted_lines(world);
        unlink(path_in(world, "archive/2026-11-22/events.log"));
        delete_state(world);
        rebuild(&history);
        assert_non_null(strstr(world->log_text, " events were missing; derived again"));
        export_only(&history);
        again = sorted_lines(world);
        assert_string_equal(again, logs);
        free(again);
        free(logs);
        free_world(world);
    }
}

/* Rows were pruned, or their files deleted; the event logs stay. */
static void conditions_without_rows_come_from_the_log(void **state)
{
    static const char *const folders[] = {"archive/2026-11-22", "archive/2026-11-23", "live"};
    static const char open_sql[] =
        "SELECT scope, \"check\", began_ms, state, changed_ms, code FROM condition"
        " ORDER BY scope, \"check\"";

    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct history history = begin_history(5000 + seed);
        struct world *world = history.world;
        char *conditions, *events, *again;

        history.removes = seed % 2;
        live(&history, 8, true);
        conditions = query(world, open_sql);
        events = query(world, events_sql);
        for (size_t i = 0; i < 3 * DOMAINS; i++) {
            char name[64];

            snprintf(name, sizeof name, "%s/s%zu/d%zu.log", folders[i / DOMAINS],
                     i % DOMAINS / PER_SITE, i % DOMAINS);
            unlink(path_in(world, name));
        }
        delete_state(world);
        rebuild(&history);
        assert_null(strstr(world->log_text, "derived"));
        again = query(world, open_sql);
        assert_string_equal(again, conditions);
        free(again);
        again = query(world, events_sql);
        assert_string_equal(again, events);
        free(again);
        free(events);
        free(conditions);
        free_world(world);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_decides_the_state_and_the_rows_count),
        cmocka_unit_test(a_wait_that_the_server_asked_for_is_no_gap),
        cmocka_unit_test(the_lost_beginning_of_a_condition_is_derived),
        cmocka_unit_test(an_event_alone_changes_its_own_condition),
        cmocka_unit_test(a_rebuild_changes_no_condition_and_no_event),
        cmocka_unit_test(staged_events_are_carried_over_once),
        cmocka_unit_test(a_log_that_is_lost_is_derived_again),
        cmocka_unit_test(the_end_of_the_log_is_derived_again),
        cmocka_unit_test(the_log_of_the_first_day_is_derived_again),
        cmocka_unit_test(changed_rules_change_no_event_of_the_log),
        cmocka_unit_test(conditions_without_rows_come_from_the_log),
        cmocka_unit_test(a_past_moment_has_its_conditions_and_events),
        cmocka_unit_test(unstaged_results_cause_their_events_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
