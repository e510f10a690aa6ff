/* Unusual records: long lines, damaged states, many bad lines; and progress on a terminal. */
#include "records/journal.h"
#include "records/rotate.h"

#include "base/clock.h"
#include "records/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"

enum { DOMAINS = 3, LONG = 17 << 20 /* longer than a batch */ };

static const char row[] = "2026-11-23T00:00:01.000Z,s0,d0,UP,200,87,\n";

/* Writes some text, a line of LONG bytes and a correct row. */
static void write_long(const struct world *world, const char *name, const char *front)
{
    char *line = malloc(LONG);

    memset(line, 'x', LONG);
    line[LONG - 1] = '\n';
    write_whole(world, name, "wb", front, strlen(front));
    write_whole(world, name, "ab", line, LONG);
    append_text(world, name, row);
    free(line);
}

/* Wherever the long line is, and both for a rebuild and for a rotation. */
static void a_line_longer_than_a_batch_spoils_no_other_line(void **state)
{
    static const char *const fronts[] = {"", row};
    static const char *const archived[] = {row, "2026-11-23T00:00:01.000Z,s0,d0,UP,200,87,\n"
                                                "2026-11-23T00:00:01.000Z,s0,d0,UP,200,87,\n"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world *world = make_world(DOMAINS);
        struct journal *journal;
        struct error error;

        write_long(world, "live/s0/d0.log", fronts[i]);
        journal = open_world(world, AT_0 + 2 * MS_PER_HOUR);
        assert_done(rotate_run(journal, AT_0 + 2 * MS_PER_HOUR, &error), &error);
        assert_file(world, "live/s0/d0.log", "");
        assert_file(world, "archive/2026-11-23/s0/d0.log", archived[i]);
        assert_true(access(path_in(world, "live/s0/d0.log.quarantine"), F_OK) == 0);
        journal_close(journal);
        free_world(world);
    }
}

/* Even if they were damaged in the same second. */
static void each_damaged_state_is_kept_under_another_name(void **state)
{
    struct world *world = make_world(DOMAINS);

    (void)state;
    append_text(world, "live/s0/d0.log", row);
    for (int i = 0; i < 3; i++) {
        write_whole(world, "state.db", "wb", "noise", 5);
        journal_close(open_world(world, AT_0 + MS_PER_MINUTE));
    }
    assert_file(world, "state.db.corrupt-20261123T000100Z", "noise");
    assert_file(world, "state.db.corrupt-20261123T000100Z.2", "noise");
    assert_file(world, "state.db.corrupt-20261123T000100Z.3", "noise");
    free_world(world);
}

static void a_rebuild_shows_its_progress_on_a_terminal(void **state)
{
    struct world *world = make_world(DOMAINS);
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    struct journal_counts counts;
    struct error error;
    struct log log = {0};
    char shown[1024] = "";
    ssize_t n;

    (void)state;
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
        skip();
    log.to = fopen(ptsname(terminal), "r+e");
    assert_non_null(log.to);
    append_text(world, "live/s0/d0.log", row);
    assert_done(journal_rebuild(&world->config, &log, AT_0 + MS_PER_MINUTE, &counts, &error),
                &error);
    fclose(log.to);

    /* A terminal may give what was written in parts; it ends with an error once it is closed. */
    for (size_t at = 0; (n = read(terminal, shown + at, sizeof shown - 1 - at)) > 0;)
        at += (size_t)n;
    assert_non_null(strstr(shown, "0 rows in 0 files"));
    assert_non_null(strstr(shown, "\033[K"));
    close(terminal);
    free_world(world);
}

static void five_bad_lines_are_reported_and_the_rest_counted(void **state)
{
    struct world *world = make_world(DOMAINS);
    struct journal_counts counts;
    struct error error;

    (void)state;
    for (int i = 0; i < 8; i++)
        append_text(world, "live/s0/d0.log", "no row\n");
    append_text(world, "live/s0/d1.log", row);
    append_text(world, "archive/2026-11-22/s0/d0.log", row);
    assert_done(journal_rebuild(&world->config, &world->log, AT_0 + MS_PER_MINUTE, &counts, &error),
                &error);
    assert_int_equal(counts.rows, 0);
    assert_non_null(strstr(world->log_text, "row of another day"));
    assert_non_null(strstr(world->log_text, "5 more bad lines skipped"));
    free_world(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_longer_than_a_batch_spoils_no_other_line),
        cmocka_unit_test(each_damaged_state_is_kept_under_another_name),
        cmocka_unit_test(a_rebuild_shows_its_progress_on_a_terminal),
        cmocka_unit_test(five_bad_lines_are_reported_and_the_rest_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
