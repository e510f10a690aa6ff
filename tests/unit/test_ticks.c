/* ticks: the ring of the last day's ticks, read from any bytes, and its file. */
#include "base/clock.h"
#include "records/ticks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* 2026-11-23T09:31:02.500Z, and the start of its minute. */
static const int64_t now = 1795426262500;
static const int64_t minute = 1795426260000;

struct fixture {
    char folder[128];
    char path[160]; /* the file */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    snprintf(fixture->folder, sizeof fixture->folder, "%s/uptick-ticks-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->path, sizeof fixture->path, "%s/ticks", fixture->folder);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    unlink(fixture->path);
    rmdir(fixture->path);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

/* A tick that began this many minutes ago, half a second after its minute. */
static struct ticks_record ago(int minutes)
{
    return (struct ticks_record){minute + 500 - (int64_t)minutes * MS_PER_MINUTE, 2830, 10000, 7};
}

static void tick(const struct fixture *fixture, int minutes_ago)
{
    struct ticks_record record = ago(minutes_ago);
    struct error error;

    if (ticks_write(fixture->folder, &record, &error))
        fail_msg("%s", error.text);
}

static struct ticks read_at(const struct fixture *fixture, int64_t at_ms)
{
    struct ticks ticks;

    ticks_read(fixture->folder, at_ms, NULL, &ticks);
    return ticks;
}

/* The TICKS_SIZE bytes of the file. The caller frees. */
static char *get(const struct fixture *fixture)
{
    char *ring = calloc(1, TICKS_SIZE + 1);
    FILE *file = fopen(fixture->path, "r");

    assert_non_null(file);
    assert_int_equal(fread(ring, 1, TICKS_SIZE + 1, file), TICKS_SIZE);
    fclose(file);
    return ring;
}

static void put(const struct fixture *fixture, const void *bytes, size_t size)
{
    FILE *file = fopen(fixture->path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* A board whose clock is not set begins in 1970. Then ticks are not missing since then. */
static void a_tick_of_1970_counts_as_none(void **state)
{
    const struct fixture *fixture = *state;
    struct ticks_record record = {30 * MS_PER_SECOND, 10, 1, 0};
    struct error error;
    struct ticks ticks;

    assert_int_equal(ticks_write(fixture->folder, &record, &error), 0);
    assert_false(read_at(fixture, now).recorded);
    tick(fixture, 1);
    tick(fixture, 0);
    ticks = read_at(fixture, now);
    assert_int_equal(ticks.counted, 2);
    assert_int_equal(ticks.expected, 2);
}

static void a_tick_record_is_read_back_as_written(void **state)
{
    struct ticks ticks;

    tick(*state, 0);
    ticks = read_at(*state, now);
    assert_true(ticks.recorded);
    assert_int_equal(ticks.last.start_ms, minute + 500);
    assert_int_equal(ticks.last.duration_ms, 2830);
    assert_int_equal(ticks.last.checks_done, 10000);
    assert_int_equal(ticks.last.left_over, 7);
    assert_int_equal(ticks.counted, 1);
    assert_int_equal(ticks.expected, 1);
}

static void a_tick_is_one_line_in_the_place_of_its_minute(void **state)
{
    static const char line[] = "2026-11-23T09:31:00.500Z,2830,10000,7                          \n";
    char *ring;

    tick(*state, 0);
    ring = get(*state);
    assert_memory_equal(ring + (9 * 60 + 31) * TICKS_LINE, line, TICKS_LINE);
    assert_int_equal(ring[TICKS_SIZE - 1], '\n');
    assert_null(memchr(ring, '\0', TICKS_SIZE));
    free(ring);
}

static void the_group_may_read_the_file_and_it_never_grows(void **state)
{
    const struct fixture *fixture = *state;
    struct stat status;

    for (int m = 3000; m > 0; m -= 7)
        tick(fixture, m);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_size, TICKS_SIZE);
    assert_int_equal(status.st_mode & 0777, 0640);
}

static void the_last_tick_is_the_latest_not_the_lowest_line(void **state)
{
    struct ticks ticks;

    /* Yesterday 23:59 is the last line of the ring, today 00:01 the second one. */
    tick(*state, 9 * 60 + 31 + 1);
    tick(*state, 9 * 60 + 31 - 1);
    ticks = read_at(*state, now);
    assert_int_equal(ticks.last.start_ms, ago(9 * 60 + 31 - 1).start_ms);
    assert_int_equal(ticks.counted, 2);
}

static void two_ticks_in_one_minute_count_once(void **state)
{
    struct ticks_record again = {minute + 2000, 3, 0, 0};
    struct error error;
    struct ticks ticks;

    tick(*state, 0);
    assert_int_equal(ticks_write(((struct fixture *)*state)->folder, &again, &error), 0);
    ticks = read_at(*state, now);
    assert_int_equal(ticks.last.start_ms, minute + 2000);
    assert_int_equal(ticks.counted, 1);
}

static void a_tick_each_minute_for_over_a_day_is_complete(void **state)
{
    struct ticks ticks;

    for (int m = 2000; m >= 0; m--)
        tick(*state, m);
    ticks = read_at(*state, now);
    assert_int_equal(ticks.counted, 1440);
    assert_int_equal(ticks.expected, 1440);
    assert_false(ticks_missing(&ticks));
}

static void minutes_without_a_tick_are_missing(void **state)
{
    struct ticks ticks;

    for (int m = 2000; m >= 0; m--) {
        if (m < 100 || m >= 120)
            tick(*state, m);
    }
    ticks = read_at(*state, now);
    assert_int_equal(ticks.counted, 1420);
    assert_int_equal(ticks.expected, 1440);
    assert_true(ticks_missing(&ticks));
}

static void ticks_are_expected_since_the_first_tick(void **state)
{
    struct ticks ticks;

    tick(*state, 11);
    tick(*state, 3);
    tick(*state, 0);
    ticks = read_at(*state, now);
    assert_int_equal(ticks.counted, 3);
    assert_int_equal(ticks.expected, 12);
}

static void all_minutes_are_expected_after_a_tick_of_an_earlier_day(void **state)
{
    struct ticks ticks;

    tick(*state, 3 * 1440 + 5);
    tick(*state, 0);
    ticks = read_at(*state, now);
    assert_int_equal(ticks.counted, 1);
    assert_int_equal(ticks.expected, 1440);
    assert_int_equal(ticks.last.start_ms, ago(0).start_ms);
}

static void the_last_tick_is_known_after_a_long_pause(void **state)
{
    struct ticks ticks;

    tick(*state, 3 * 1440 + 5);
    ticks = read_at(*state, now);
    assert_true(ticks.recorded);
    assert_int_equal(ticks.last.start_ms, ago(3 * 1440 + 5).start_ms);
    assert_int_equal(ticks.counted, 0);
    assert_int_equal(ticks.expected, 1440);
}

/* Cron may still start it. */
static void this_minute_is_not_missing_before_its_tick(void **state)
{
    struct ticks ticks;

    for (int m = 2000; m > 0; m--)
        tick(*state, m);
    ticks = read_at(*state, now);
    assert_int_equal(ticks.counted, 1440);
    assert_int_equal(ticks.expected, 1440);
    ticks = read_at(*state, now + MS_PER_MINUTE);
    assert_int_equal(ticks.counted, 1439);
}

static void a_tick_in_the_future_does_not_count(void **state)
{
    struct ticks ticks;

    tick(*state, 2);
    tick(*state, -60);
    tick(*state, -1440 * 1000);
    ticks = read_at(*state, now);
    assert_int_equal(ticks.last.start_ms, ago(2).start_ms);
    assert_int_equal(ticks.counted, 1);
    assert_int_equal(ticks.expected, 2);
    ticks = read_at(*state, ago(3).start_ms);
    assert_false(ticks.recorded);
}

static void the_running_tick_counts_itself(void **state)
{
    struct ticks_record present = ago(0);
    struct ticks ticks;

    present.checks_done = 5;
    tick(*state, 1);
    ticks_read(((struct fixture *)*state)->folder, now, &present, &ticks);
    assert_int_equal(ticks.last.start_ms, present.start_ms);
    assert_int_equal(ticks.last.checks_done, 5);
    assert_int_equal(ticks.counted, 2);
    assert_int_equal(ticks.expected, 2);

    /* The file has not changed. */
    assert_int_equal(read_at(*state, now).counted, 1);
}

static void the_running_tick_needs_no_file(void **state)
{
    struct ticks_record present = ago(0);
    struct ticks ticks;

    ticks_read(((struct fixture *)*state)->folder, now, &present, &ticks);
    assert_true(ticks.recorded);
    assert_int_equal(ticks.counted, 1);
    assert_int_equal(ticks.expected, 1);
}

/* Each is in the place of a correct line, between two correct ones. */
static void a_malformed_line_is_no_tick(void **state)
{
    static const char *const lines[] = {
        "",
        "2026-11-23T09:30:00.500Z",
        "2026-11-23T09:30:00.500Z,",
        "2026-11-23T09:30:00.500Z,1,2",
        "2026-11-23T09:30:00.500Z,1,2,",
        "2026-11-23T09:30:00.500Z,1,2,3,4",
        "2026-11-23T09:30:00.500Z,1,2,3x",
        "2026-11-23T09:30:00.500Z,1,2,3\n",
        "2026-11-23T09:30:00.500Z,-1,2,3",
        "2026-11-23T09:30:00.500Z,+1,2,3",
        "2026-11-23T09:30:00.500Z, 1,2,3",
        "2026-11-23T09:30:00.500Z;1;2;3",
        "2026-11-23T09:30:00.500Z,1.5,2,3",
        "2026-11-23T09:30:00.500Z,12345678901,2,3",
        "2026-11-23T09:30:00Z,1,2,3",
        "2026-11-31T09:30:00.500Z,1,2,3",
        " 2026-11-23T09:30:00.500Z,1,2,3",
        "2026-11-23T09:29:00.500Z,1,2,3", /* in the place of another minute */
        "2026-11-23T09:31:00.500Z,1,2,3",
        "9999-12-31T09:30:00.500Z,1,2,3",
        "\xff\xfe\x80,,,,",
    };
    const size_t place = (9 * 60 + 30) * TICKS_LINE;
    struct ticks ticks;
    char *ring;

    tick(*state, 2);
    tick(*state, 0);
    ring = get(*state);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        memset(ring + place, ' ', TICKS_LINE - 1);
        memcpy(ring + place, lines[i], strlen(lines[i]));
        ticks_summary(ring, TICKS_SIZE, now, &ticks);
        if (!ticks.recorded || ticks.counted != 2 || ticks.expected != 3 ||
            ticks.last.start_ms != ago(0).start_ms)
            fail_msg("'%s' is counted", lines[i]);
    }

    /* A correct line with other spaces at its end is none; with its own, it is one. */
    memcpy(ring + place, "2026-11-23T09:30:00.500Z,1,2,3  ", 32);
    ring[place + TICKS_LINE - 1] = ' ';
    ticks_summary(ring, TICKS_SIZE, now, &ticks);
    assert_int_equal(ticks.counted, 2);
    ring[place + TICKS_LINE - 1] = '\n';
    ticks_summary(ring, TICKS_SIZE, now, &ticks);
    assert_int_equal(ticks.counted, 3);
    free(ring);
}

static void any_bytes_can_be_read(void **state)
{
    char *ring = malloc(TICKS_SIZE);
    struct ticks ticks;

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        memset(ring, byte, TICKS_SIZE);
        ticks_summary(ring, TICKS_SIZE, now, &ticks);
        assert_false(ticks.recorded);
    }
    srand(1);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < TICKS_SIZE; i++)
            ring[i] = (char)rand();
        ticks_summary(ring, TICKS_SIZE, now, &ticks);
        assert_false(ticks.recorded);
    }

    /* Also at moments of a clock that is wrong. */
    ticks_summary(ring, TICKS_SIZE, 0, &ticks);
    ticks_summary(ring, TICKS_SIZE, -1, &ticks);
    ticks_summary(ring, TICKS_SIZE, INT64_MIN / 2, &ticks);
    ticks_summary(ring, TICKS_SIZE, INT64_MAX, &ticks);
    ticks_summary(NULL, 0, now, &ticks);
    assert_false(ticks.recorded);
    free(ring);
}

/* Random damage in a full ring. */
static void a_damaged_ring_gives_counts_within_bounds(void **state)
{
    struct ticks ticks;
    char *ring;

    for (int m = 1500; m >= 0; m--)
        tick(*state, m);
    ring = get(*state);
    srand(2);
    for (int round = 0; round < 2000; round++) {
        ring[rand() % TICKS_SIZE] = (char)(rand() % 2 ? rand() : '0' + rand() % 10);
        ticks_summary(ring, TICKS_SIZE, now, &ticks);
        assert_in_range(ticks.counted, 0, 1440);
        assert_in_range(ticks.expected, ticks.counted, 1440);
        assert_true(ticks.last.start_ms <= now);
        assert_true(ticks.last.duration_ms >= 0);
    }
    free(ring);
}

static void a_file_of_another_size_is_replaced(void **state)
{
    const struct fixture *fixture = *state;
    size_t sizes[] = {0, 1, TICKS_SIZE - 1, TICKS_SIZE + 1};
    char *old;

    tick(fixture, 5);
    old = get(fixture);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        put(fixture, old, sizes[i]);
        assert_false(read_at(fixture, now).recorded);
        tick(fixture, 0);
        assert_int_equal(read_at(fixture, now).counted, 1);
        assert_int_equal(read_at(fixture, now).expected, 1);
    }
    free(old);
}

static void another_file_of_the_same_size_is_overwritten_by_lines(void **state)
{
    char *noise = malloc(TICKS_SIZE);

    memset(noise, 'x', TICKS_SIZE);
    put(*state, noise, TICKS_SIZE);
    assert_false(read_at(*state, now).recorded);
    tick(*state, 1);
    tick(*state, 0);
    assert_int_equal(read_at(*state, now).counted, 2);
    free(noise);
}

static void no_tick_is_known_without_a_file(void **state)
{
    struct ticks ticks = read_at(*state, now);

    assert_false(ticks.recorded);
    assert_false(ticks_missing(&ticks));
}

/* No link is followed, no pipe blocks, and nothing is removed. */
static void something_other_than_a_regular_file_stays(void **state)
{
    const struct fixture *fixture = *state;
    struct ticks_record record = ago(0);
    struct error error;
    struct stat status;

    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    assert_int_equal(ticks_write(fixture->folder, &record, &error), -1);
    assert_false(read_at(fixture, now).recorded);
    unlink(fixture->path);

    assert_int_equal(symlink("precious", fixture->path), 0);
    assert_int_equal(ticks_write(fixture->folder, &record, &error), -1);
    assert_false(read_at(fixture, now).recorded);
    assert_int_equal(lstat(fixture->path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    unlink(fixture->path);

    assert_int_equal(mkdir(fixture->path, 0700), 0);
    assert_int_equal(ticks_write(fixture->folder, &record, &error), -1);
    assert_non_null(strstr(error.text, "/ticks: "));
    assert_false(read_at(fixture, now).recorded);
}

static void numbers_too_large_for_a_line_become_the_largest_that_fits(void **state)
{
    struct ticks_record record = {minute, INT64_MAX, INT64_MAX, INT64_MAX};
    struct error error;
    struct ticks ticks;

    assert_int_equal(ticks_write(((struct fixture *)*state)->folder, &record, &error), 0);
    ticks = read_at(*state, now);
    assert_true(ticks.recorded);
    assert_int_equal(ticks.last.left_over, 9999999999);
}

static void one_missing_tick_in_a_hundred_is_tolerated(void **state)
{
    static const struct {
        int counted, expected;
        bool lack;
    } cases[] = {{1, 1, false},    {1440, 1440, false}, {1426, 1440, false}, {1425, 1440, true},
                 {99, 100, false}, {98, 100, true},     {0, 1440, true},     {0, 0, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ticks ticks = {.counted = cases[i].counted, .expected = cases[i].expected};

        assert_int_equal(ticks_missing(&ticks), cases[i].lack);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tick_of_1970_counts_as_none),
        TEST(a_tick_record_is_read_back_as_written),
        TEST(a_tick_is_one_line_in_the_place_of_its_minute),
        TEST(the_group_may_read_the_file_and_it_never_grows),
        TEST(the_last_tick_is_the_latest_not_the_lowest_line),
        TEST(two_ticks_in_one_minute_count_once),
        TEST(a_tick_each_minute_for_over_a_day_is_complete),
        TEST(minutes_without_a_tick_are_missing),
        TEST(ticks_are_expected_since_the_first_tick),
        TEST(all_minutes_are_expected_after_a_tick_of_an_earlier_day),
        TEST(the_last_tick_is_known_after_a_long_pause),
        TEST(this_minute_is_not_missing_before_its_tick),
        TEST(a_tick_in_the_future_does_not_count),
        TEST(the_running_tick_counts_itself),
        TEST(the_running_tick_needs_no_file),
        TEST(a_malformed_line_is_no_tick),
        TEST(any_bytes_can_be_read),
        TEST(a_damaged_ring_gives_counts_within_bounds),
        TEST(a_file_of_another_size_is_replaced),
        TEST(another_file_of_the_same_size_is_overwritten_by_lines),
        TEST(no_tick_is_known_without_a_file),
        TEST(something_other_than_a_regular_file_stays),
        TEST(numbers_too_large_for_a_line_become_the_largest_that_fits),
        TEST(one_missing_tick_in_a_hundred_is_tolerated),
    };

    return cmocka_run_group_tests_name("ticks", tests, NULL, NULL);
}
