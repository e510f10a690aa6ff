/*
 * Kill it anywhere: a child runs ticks over the end of an hour and of a day, and dies at its Nth
 * call that changes a file, for every N. The write in which it dies is done completely or half.
 * The next tick then has each committed result in the CSV exactly once.
 */
#define _GNU_SOURCE
#include "records/call.h"
#include "records/compress.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/prune.h"
#include "records/rotate.h"

#include "base/clock.h"
#include "dashboard/history.h"
#include "model/confirm.h"
#include "model/reach.h"
#include "records/codec.h"
#include "records/event_csv.h"
#include "state/conditions.h"
#include "state/staged.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "dying.h"
#include "records.h"
#include "state_query.h"

/* The last call is half done (a write) or done. Not done at all equals: the call before is done. */
enum how { HALF, AFTER, HOWS };

/* Shared with the child: how many results it has committed, and events of messages. */
struct shared {
    int committed, sent;
    int calls;
};

static struct shared *shown; /* what the child writes; NULL: in the parent */

enum { DOMAINS = 2, TICKS = 5 };

/* What the tests are run with. */
struct variant {
    enum compression format;
    bool pauses; /* a rotation stops after each file, and the next tick goes on */
};

static bool pauses; /* as in the variant that runs */

/* Rotates, with as many calls as the ticks of an hour make. */
static void rotate(struct journal *journal, int64_t now_ms)
{
    struct error error;

    if (pauses) {
        journal->rotates_min = 1;
        journal->rotates_for_ms = -1;
    }
    for (int i = 0; i <= (pauses ? DOMAINS : 0); i++)
        assert_done(rotate_run(journal, now_ms, &error), &error);
}

/* Stages that a message was sent in this tick, as soon as its results are stored. */
static void stage_sent(struct storage *storage, int64_t now_ms)
{
    const struct event event = {now_ms,     "s0/d0",    EVENT_HTTP, AT_0,
                                EVENT_SENT, EVENT_DOWN, "",         "ops 1 began"};
    struct error error;

    assert_done(storage_begin(storage, &error), &error);
    assert_done(storage_end(storage, conditions_stage_event(storage, &event, &error), &error),
                &error);
    if (shown)
        shown->sent++;
}

static void tick(struct world *world, int64_t now_ms, const struct staged_result *staged_results,
                 size_t n)
{
    struct journal *journal = open_world(world, now_ms);
    struct storage *storage = journal_storage(journal);
    struct error error;
    size_t n_compressed;

    assert_done(export_run(journal, &error), &error);
    rotate(journal, now_ms);
    assert_done(staged_add(storage, staged_results, n, &error), &error);
    if (shown)
        shown->committed += (int)n;
    if (n > 0)
        stage_sent(storage, now_ms);
    assert_done(export_run(journal, &error), &error);
    assert_done(
        history_count_days(storage, &world->config, clock_floor_div(now_ms, MS_PER_DAY), &error),
        &error);
    assert_done(prune_run(journal, now_ms, &error), &error);
    assert_done(compress_run(journal, now_ms, MS_PER_MINUTE, &n_compressed, &error), &error);
    journal_close(journal);
}

/*
 * The moments of the ticks: an hour ends after the first, a day after the second. The last but one
 * has checks of the day before, which is compressed by then; the last one moves them there.
 */
static const int64_t moments[TICKS] = {
    AT_0 + 22 * MS_PER_HOUR + 59 * MS_PER_MINUTE,
    AT_0 + 23 * MS_PER_HOUR + 59 * MS_PER_MINUTE,
    AT_0 + 24 * MS_PER_HOUR,
    AT_0 + 25 * MS_PER_HOUR,
    AT_0 + 26 * MS_PER_HOUR,
};

/* The start of a check of this tick. */
static int64_t start_of(int number, size_t i)
{
    /* In the tick of number 3, the second half of the checks starts before midnight. */
    if (number == 3 && i >= DOMAINS)
        return AT_0 + 24 * MS_PER_HOUR - MS_PER_SECOND + (int64_t)i;
    return moments[number] + (int64_t)i + (number == 1 && i >= DOMAINS ? 60500 : 0);
}

static struct check outcome_at(int64_t start_ms, size_t i)
{
    return check_at(start_ms, i % 3 ? STATUS_UP : STATUS_DOWN);
}

static void run_tick(struct world *world, int number)
{
    struct staged_result staged_results[2 * DOMAINS];

    for (size_t i = 0; i < 2 * DOMAINS; i++) {
        int64_t start_ms = start_of(number, i);

        staged_results[i] = outcome_of(i % DOMAINS, start_ms, outcome_at(start_ms, i));
    }
    tick(world, moments[number], staged_results, 2 * DOMAINS);
}

static int format_of(const char *name)
{
    const char *end = strrchr(name, '.');

    return strcmp(end, ".gz") == 0    ? COMPRESSION_GZIP
           : strcmp(end, ".zst") == 0 ? COMPRESSION_ZSTD
                                      : COMPRESSION_NONE;
}

/* Reads a record, which may be compressed. The caller frees. */
static char *read_record(const struct world *world, const char *name)
{
    enum compression format = (enum compression)format_of(name);
    struct codec *codec;
    char *text;
    int fd;

    if (format == COMPRESSION_NONE)
        return read_whole(world, name, NULL);
    codec = codec_new();
    text = calloc(1, 1 << 20);
    fd = open(path_in(world, name), O_RDONLY);
    codec_start_decoding(codec, format, fd);
    for (ssize_t n, at = 0; (n = codec_decode(codec, text + at, 4096)) != 0; at += n)
        assert_true(n > 0);
    if (codec_damage(codec))
        fail_msg("%s: %s", name, codec_damage(codec));
    codec_free(codec);
    close(fd);
    return text;
}

/* All records as one text of "path:row" lines. */
static void gather(const struct world *world, const char *below, FILE *into)
{
    DIR *listing = opendir(path_in(world, below));
    struct dirent *entry;

    while (listing && (entry = readdir(listing)) != NULL) {
        char name[PATH_MAX / 2];
        struct stat status;
        char *text;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", below, entry->d_name);
        if (stat(path_in(world, name), &status) == 0 && S_ISDIR(status.st_mode)) {
            gather(world, name, into);
            continue;
        }
        if (strstr(name, ".quarantine")) {
            fprintf(into, "%s\n", name);
            continue;
        }
        text = read_record(world, name);
        for (char *line = text, *end; *line; line = end + 1) {
            end = strchr(line, '\n');
            if (!end)
                fail_msg("%s: torn: %s", name, line);
            *end = '\0';
            fprintf(into, "%s:%s\n", name, line);
        }
        free(text);
    }
    if (listing)
        closedir(listing);
}

static char *all_records(const struct world *world)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    gather(world, "live", file);
    gather(world, "archive", file);
    fclose(file);
    return text;
}

/* Counts the rows of a monitor and moment; in an archive they must be in that of their day. */
static int count_rows(const char *records, size_t domain, int64_t start_ms)
{
    char timestamp[CLOCK_TEXT_MAX], row[128], place[64];
    int n = 0;

    clock_write_ms(start_ms, timestamp);
    snprintf(row, sizeof row, ":%s,s%zu,d%zu,", timestamp, domain / PER_SITE, domain);
    snprintf(place, sizeof place, "archive/%.10s/", timestamp);
    for (const char *at = records; (at = strstr(at, row)) != NULL; at++) {
        const char *line = at;

        while (line > records && line[-1] != '\n')
            line--;
        if (strncmp(line, "archive", 7) == 0 && strncmp(line, place, strlen(place)) != 0)
            fail_msg("in another day's folder: %.120s", line);
        n++;
    }
    return n;
}

/* The finished day is compressed, apart from its event log, and nothing else. */
static void check_compressed(const struct world *world, const char *records, int point)
{
    static const char *const endings[] = {".log:", ".log.gz:", ".log.zst:"};
    enum compression format = world->config.archive_compress;

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        for (const char *line = records; *line; line = strchr(line, '\n') + 1) {
            bool over = strncmp(line, "archive/2026-11-23/", 19) == 0;
            const char *found = strstr(line, endings[i]);

            over = over && strncmp(line + 19, "events.log", 10) != 0;
            if (found && found < strchr(line, '\n') && (over ? i != format : i != 0))
                fail_msg("call %d: compressed wrongly: %.120s", point, line);
        }
    }
    if (strstr(records, ".new:"))
        fail_msg("call %d: a temporary file was left: %s", point, records);
}

/* How many lines of event logs have this text, which ends the line; NULL: any. */
static int count_events(const char *records, const char *text)
{
    int n = 0;

    for (const char *line = records, *end; *line; line = end + 1) {
        const char *log = strstr(line, "events.log:");

        end = strchr(line, '\n');
        if (!log || log > end)
            continue;
        log += strlen("events.log:");
        n += !text || strncmp(log, text, strlen(text)) == 0;
    }
    return n;
}

/* How many lines of event logs are those of stage_sent. */
static int count_sent(const char *records)
{
    int n = 0;

    for (const char *at = records; (at = strstr(at, ",sent,DOWN,,ops 1 began\n")); at++)
        n++;
    return n;
}

/* The state has the events of messages that the log has; and the subjects of all others have to be
 * decided, as nobody has decided them. */
static void check_alerts(struct world *world, const char *records, int point)
{
    struct storage *storage = open_world_state(world);
    int n = count_in_state(storage, "SELECT count(*) FROM message_event");

    if (n != count_sent(records))
        fail_msg("call %d: %d events of messages in the state, not in:\n%s", point, n, records);
    n = count_in_state(storage, "SELECT count(*) FROM (SELECT scope, \"check\" FROM event EXCEPT "
                                "SELECT scope, \"check\" FROM changed_subject)");
    if (n != 0)
        fail_msg("call %d: %d subjects would never be decided", point, n);
    storage_close(storage);
}

/* The events that the recorded rows of a domain cause are in the log, each of them once. Returns
 * their number. */
static int check_events_of(const struct world *world, const char *records, size_t domain, int point)
{
    const struct domain *rules = &world->domains[domain];
    struct condition condition = {.state = EVENT_UP, .changed_ms = INT64_MIN};
    struct event events[CONFIRM_EVENTS_MAX];
    char scope[64];
    int n = 0;

    snprintf(scope, sizeof scope, "s%zu/d%zu", domain / PER_SITE, domain);
    for (size_t number = domain; number < (size_t)TICKS * 2 * DOMAINS; number += DOMAINS) {
        size_t i = number % (2 * DOMAINS);
        int64_t start_ms = start_of((int)(number / (2 * DOMAINS)), i);
        struct check check = outcome_at(start_ms, i);
        size_t caused;

        if (count_rows(records, domain, start_ms) == 0)
            continue;
        caused = confirm_step(&condition, EVENT_HTTP, &check, &rules->confirm,
                              reach_ms(rules->interval_seconds), events);
        for (size_t e = 0; e < caused; e++, n++) {
            struct buffer line = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);

            events[e].scope = scope;
            assert_int_equal(event_csv_write(&line, &events[e]), 0);
            if (count_events(records, line.data) != 1)
                fail_msg("call %d: not once: %sin:\n%s", point, line.data, records);
            buffer_free(&line);
        }
    }
    return n;
}

/* No event is twice in the logs. */
static void check_once(const char *records, int point)
{
    for (const char *line = records, *end; *line; line = end + 1) {
        const char *log = strstr(line, "events.log:");
        char text[512];

        end = strchr(line, '\n');
        if (!log || log > end)
            continue;
        log += strlen("events.log:");
        snprintf(text, sizeof text, "%.*s", (int)(end + 1 - log), log);
        if (count_events(records, text) != 1)
            fail_msg("call %d: not once: %sin:\n%s", point, text, records);
    }
}

static void check_events(const struct world *world, const char *records, int point)
{
    int n = 0;

    for (size_t i = 0; i < DOMAINS; i++)
        n += check_events_of(world, records, i, point);
    n += count_sent(records);
    if (n != count_events(records, NULL))
        fail_msg("call %d: %d events expected in:\n%s", point, n, records);
}

static void check_records(struct world *world, const struct shared *shared, int point)
{
    char *records = all_records(world);
    int number = 0;

    for (int t = 0; t < TICKS; t++) {
        for (size_t i = 0; i < 2 * DOMAINS; i++, number++) {
            int n = count_rows(records, i % DOMAINS, start_of(t, i));

            /* The call that killed the child may have committed a transaction. */
            if (n > 1 || (n == 0 && number < shared->committed))
                fail_msg("call %d: row %d is %d times in:\n%s", point, number, n, records);
        }
    }
    if (strstr(records, "quarantine") || *world->log_text)
        fail_msg("call %d: something was quarantined: %s", point, world->log_text);
    if (count_sent(records) < shared->sent)
        fail_msg("call %d: %d messages were sent in:\n%s", point, shared->sent, records);
    check_once(records, point);
    check_events(world, records, point);
    check_alerts(world, records, point);
    check_compressed(world, records, point);
    free(records);
}

static void recover(struct world *world)
{
    tick(world, moments[TICKS - 1] + MS_PER_MINUTE, NULL, 0);
}

/* Runs ticks in a child that dies at this call. Returns whether it died. */
static bool run_child(struct world *world, int first_tick, int point, enum how how,
                      struct shared *shared)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        shown = shared;
        dying.calls = &shared->calls;
        dying.seen = 0;
        dying.at = point;
        dying.half = how == HALF;
        for (int t = first_tick; t < TICKS; t++)
            run_tick(world, t);
        if (first_tick == TICKS)
            recover(world);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) && WEXITSTATUS(status))
        fail_msg("call %d: the child failed", point);
    return WIFSIGNALED(status);
}

static struct shared *share(void)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(shared != MAP_FAILED);
    return shared;
}

/*
 * One of this many points is tried, or all of them if UPTICK_SWEEP is set. With compression there
 * are many more calls, so fewer are tried.
 */
static int one_of(void **state, int normally)
{
    return getenv("UPTICK_SWEEP")                     ? 1
           : ((const struct variant *)*state)->format ? 16 * normally
                                                      : normally;
}

static bool is_tried(void **state, int point, enum how how)
{
    int each = one_of(state, 7 * HOWS);

    return each == 1 || point % each == each / HOWS * (int)how;
}

static struct world *make_compressing_world(void **state)
{
    const struct variant *variant = *state;
    struct world *world = make_world(DOMAINS);

    for (size_t i = 0; i < DOMAINS; i++)
        world->domains[i].confirm = (struct confirm){.failures = 2, .successes = 2};
    world->config.archive_compress = variant->format;
    pauses = variant->pauses;
    return world;
}

static void a_kill_at_any_call_loses_and_doubles_no_row(void **state)
{
    struct shared *shared = share();

    for (enum how how = HALF; how < HOWS; how++) {
        bool died = true;
        int point;

        for (point = 1; died; point++) {
            struct world *world;

            if (!is_tried(state, point, how))
                continue;
            world = make_compressing_world(state);
            *shared = (struct shared){0};
            died = run_child(world, 0, point, how, shared);
            recover(world);
            check_records(world, shared, point);
            free_world(world);
        }
        assert_in_range(point, 100, 5000);
    }
    munmap(shared, sizeof *shared);
}

/* The number of calls of ticks that are not killed. */
static int count_calls(void **state, struct shared *shared)
{
    struct world *world = make_compressing_world(state);

    *shared = (struct shared){0};
    assert_false(run_child(world, 0, 0, AFTER, shared));
    free_world(world);
    return shared->calls;
}

static void a_second_kill_during_recovery_changes_nothing(void **state)
{
    struct shared *shared = share();
    int calls = count_calls(state, shared);
    uint64_t seed = 11;

    for (int round = 0; round < 2000 / one_of(state, 40); round++) {
        struct world *world = make_compressing_world(state);
        int point = 1 + (int)dice_below(&seed, calls);

        *shared = (struct shared){0};
        run_child(world, 0, point, (enum how)dice_below(&seed, HOWS), shared);
        run_child(world, TICKS, 1 + (int)dice_below(&seed, 60), (enum how)dice_below(&seed, HOWS),
                  shared);
        recover(world);
        check_records(world, shared, point);
        free_world(world);
    }
    munmap(shared, sizeof *shared);
}

/* Each complete row of the CSV is there once; staged results are lost with the state. */
static void a_state_lost_at_any_call_doubles_no_recorded_row(void **state)
{
    struct shared *shared = share();
    bool died = true;

    for (int point = 1; died; point += one_of(state, 9)) {
        struct world *world = make_compressing_world(state);
        char *records;

        *shared = (struct shared){0};
        died = run_child(world, 0, point, HALF, shared);
        unlink(path_in(world, "state.db"));
        recover(world);

        /* The rows of the ticks that had ended are in the CSV. */
        records = all_records(world);
        for (int number = 0; number < TICKS * 2 * DOMAINS; number++) {
            int t = number / (2 * DOMAINS);
            size_t i = (size_t)number % (2 * DOMAINS);
            int n = count_rows(records, i % DOMAINS, start_of(t, i));

            if (n > 1 || (n == 0 && number < shared->committed - 2 * DOMAINS))
                fail_msg("call %d: row %d is %d times in:\n%s", point, number, n, records);
        }
        check_once(records, point);
        check_events(world, records, point);
        check_alerts(world, records, point);
        free(records);
        free_world(world);
    }
    munmap(shared, sizeof *shared);
}

/* The ticks before the first check that started on the day before. */
enum { IN_ORDER = 3 };

/* Three ticks, whose event logs and state are lost then. */
static struct world *make_world_without_events(void **state)
{
    struct world *world = make_compressing_world(state);

    for (int t = 0; t < IN_ORDER; t++)
        run_tick(world, t);
    assert_int_equal(unlink(path_in(world, "live/events.log")), 0);
    assert_int_equal(unlink(path_in(world, "archive/2026-11-23/events.log")), 0);
    unlink(path_in(world, "state.db"));
    reset_log(world);
    return world;
}

static void a_kill_while_lost_events_are_derived_doubles_no_event(void **state)
{
    struct shared *shared = share();
    bool died = true;
    int point;

    for (point = 1; died; point += one_of(state, 5)) {
        struct world *world = make_world_without_events(state);
        char *records;

        died = run_child(world, TICKS, point, point % 2 ? HALF : AFTER, shared);
        recover(world);
        records = all_records(world);
        for (int number = 0; number < IN_ORDER * 2 * DOMAINS; number++) {
            size_t i = (size_t)number % (2 * DOMAINS);

            if (count_rows(records, i % DOMAINS, start_of(number / (2 * DOMAINS), i)) != 1)
                fail_msg("call %d: row %d is not there once in:\n%s", point, number, records);
        }
        check_once(records, point);
        check_events(world, records, point);
        free(records);
        free_world(world);
    }
    assert_in_range(point, 30, 5000);
    munmap(shared, sizeof *shared);
}

enum { NONE, GZIP, ZSTD, PAUSING };
static struct variant variants[] = {[NONE] = {COMPRESSION_NONE, false},
                                    [GZIP] = {COMPRESSION_GZIP, false},
                                    [ZSTD] = {COMPRESSION_ZSTD, false},
                                    [PAUSING] = {COMPRESSION_NONE, true}};

/* clang-format off */
#define WITH(function, variant) {#function " (" #variant ")", function, NULL, NULL, &variants[variant]}
#define WITH_EACH(function) WITH(function, NONE), WITH(function, GZIP), WITH(function, ZSTD), WITH(function, PAUSING)
/* clang-format on */

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_EACH(a_kill_at_any_call_loses_and_doubles_no_row),
        WITH_EACH(a_second_kill_during_recovery_changes_nothing),
        WITH_EACH(a_state_lost_at_any_call_doubles_no_recorded_row),
        WITH_EACH(a_kill_while_lost_events_are_derived_doubles_no_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
