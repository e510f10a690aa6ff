/* Records that are long, changed or strange, and what is shown while they are read. */
#include "records/journal.h"

#include "base/clock.h"
#include "records/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"

enum { DOMAINS = 3, LONG = 17 << 20 /* longer than what is rotated at once */ };

static const char row[] = "2026-11-23T00:00:01.000Z,s0,d0,UP,200,87,\n";

/* A line of this length, after some text. */
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

/* Long lines cost themselves alone, wherever they stand, in a state made anew and in a rotation. */
static void a_line_longer_than_a_batch_costs_itself_alone(void **state)
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
        assert_file(world, "live/s0/d0.log", NULL);
        assert_file(world, "archive/2026-11-23/s0/d0.log", archived[i]);
        assert_true(access(path_in(world, "live/s0/d0.log.quarantine"), F_OK) == 0);
        journal_close(journal);
        free_world(world);
    }
}

/* Two states that broke in one second are both kept. */
static void each_broken_state_has_a_name_of_its_own(void **state)
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

/* A person who waits sees how far it came. */
static void a_rebuild_shows_its_progress_on_a_terminal(void **state)
{
    struct world *world = make_world(DOMAINS);
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    struct journal_counts counts;
    struct error error;
    struct log log = {0};
    char shown[1024] = "";

    (void)state;
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
        skip();
    log.to = fopen(ptsname(terminal), "r+e");
    assert_non_null(log.to);
    append_text(world, "live/s0/d0.log", row);
    assert_done(journal_rebuild(&world->config, &log, AT_0 + MS_PER_MINUTE, &counts, &error),
                &error);
    fclose(log.to);
    assert_true(read(terminal, shown, sizeof shown - 1) > 0);
    assert_non_null(strstr(shown, "0 rows in 0 files"));
    assert_non_null(strstr(shown, "\033[K"));
    close(terminal);
    free_world(world);
}

/* A mistake that is in many lines is not said of each. */
static void lines_that_are_skipped_are_said_five_times_and_counted(void **state)
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
    assert_non_null(strstr(world->log_text, "it is of another day"));
    assert_non_null(strstr(world->log_text, "5 more lines skipped"));
    free_world(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_longer_than_a_batch_costs_itself_alone),
        cmocka_unit_test(each_broken_state_has_a_name_of_its_own),
        cmocka_unit_test(a_rebuild_shows_its_progress_on_a_terminal),
        cmocka_unit_test(lines_that_are_skipped_are_said_five_times_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
