/* ticks: errors of the file are reported, and no descriptor stays open. */
#include "base/clock.h"
#include "records/ticks.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* 2026-11-23T09:31:02.500Z */
static const struct ticks_record record = {1795426262500, 2830, 10000, 7};

static char folder[128], path[160];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s/uptick-ticks-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/ticks", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static int lowest_free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    close(fd);
    return fd;
}

static void no_descriptor_stays_open(void **state)
{
    int before = lowest_free_descriptor();
    struct error error;
    struct ticks ticks;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ticks_write(folder, &record, &error), 0);
        assert_int_equal(lowest_free_descriptor(), before);
        ticks_read(folder, record.start_ms, NULL, &ticks);
        assert_true(ticks.has_data);
        assert_int_equal(lowest_free_descriptor(), before);
    }
    assert_int_equal(truncate(path, 100), 0);
    ticks_read(folder, record.start_ms, NULL, &ticks);
    assert_false(ticks.has_data);
    assert_int_equal(lowest_free_descriptor(), before);
}

/* A pipe can be opened for writing only if somebody reads it. */
static void nothing_is_written_to_a_pipe(void **state)
{
    int reader, before;
    struct error error;
    char byte;

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    before = lowest_free_descriptor();
    assert_int_equal(ticks_write(folder, &record, &error), -1);
    assert_non_null(strstr(error.text, "/ticks: not a regular file"));
    assert_int_equal(lowest_free_descriptor(), before);
    assert_int_equal(read(reader, &byte, 1), 0);
    close(reader);
}

static void a_failed_write_is_reported(void **state)
{
    struct rlimit limit, none;
    struct error error;
    int result;

    (void)state;
    getrlimit(RLIMIT_FSIZE, &limit);
    none = limit;
    none.rlim_cur = 0;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    result = ticks_write(folder, &record, &error);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_int_equal(result, -1);
    assert_non_null(strstr(error.text, "/ticks: File too large"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_descriptor_stays_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_written_to_a_pipe, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_write_is_reported, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("ticks file", tests, NULL, NULL);
}
