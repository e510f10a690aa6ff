/* dashboard/builders: several threads make the files of a dashboard. */
#define _GNU_SOURCE /* gettid, pthread_setattr_default_np */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/thread.h"
#include "dashboard/dashboard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "built.h"

enum { SITES = 60, DOMAINS = 10, PROCESSORS = 4, PATH_SIZE = 192, MANY_SITES = 10 * SITES };

/* What the program is shown: this many processors; a signal at that opening of a file, after which
 * files open once the signal is urgent. */
static long processors;
static atomic_int opened, others_opened; /* files, by all threads and without the first one */
static int signal_at;

/* The real one: dlsym does not work while a sanitizer starts, which calls sysconf too. */
extern long __sysconf(int name);

#ifdef __clang__
__attribute__((disable_sanitizer_instrumentation))
#endif
long sysconf(int name)
{
    return name == _SC_NPROCESSORS_ONLN && processors ? processors : __sysconf(name);
}

int openat(int folder, const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list args;

    va_start(args, flags);
    if (flags & O_CREAT)
        mode = va_arg(args, mode_t);
    va_end(args);
    others_opened += gettid() != getpid();
    if (++opened == signal_at)
        kill(getpid(), SIGTERM);
    while (signal_at && opened >= signal_at && !interrupt_is_urgent())
        poll(NULL, 0, 1);
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

/* Domains and sites that differ, so that a file made from the values of another one is found. */
static int set_up_many(void **state)
{
    struct fixture *fixture;

    if (set_up_sized(state, SITES, DOMAINS))
        return -1;
    fixture = *state;
    example_know_days(fixture->example);
    example_know_latencies(fixture->example);
    for (size_t i = 0; i < fixture->example->n_domains; i++) {
        struct domain_view *view = &fixture->example->domain_views[i];

        fixture->example->latencies[i * LATENCY_MINUTES + i] = (uint16_t)(100 + i);
        fixture->example->cells[(SITES + i) * EXAMPLE_BUCKETS + i % EXAMPLE_BUCKETS] = STATUS_DOWN;
        fixture->example->checks[i].latency_ms = (int)i;
        if (i % 3 == 0)
            example_add_outage(fixture->example, i,
                               (struct example_outage){.from_ms = example_at_ms - (int64_t)i * 1000,
                                                       .end = OUTAGE_ONGOING,
                                                       .status = STATUS_DOWN,
                                                       .failure = "connect: refused"});
        view->uptime[SPAN_24H].uptime = 90000 + (int)i;
    }
    return 0;
}

/* Builds in a folder within that of the fixture. */
static int build_with(struct fixture *fixture, const char *folder, long n_processors, int workers,
                      struct error *error)
{
    char path[PATH_SIZE], pool[PATH_SIZE];

    snprintf(path, sizeof path, "%s/%s", fixture->folder, folder);
    snprintf(pool, sizeof pool, "%s/pool-of-%s", fixture->folder, folder);
    processors = n_processors;
    fixture->example->config.workers = workers;
    opened = others_opened = 0;
    return dashboard_render(&fixture->example->snapshot, path, pool, error);
}

static void build_all(struct fixture *fixture, const char *folder, long n_processors, int workers)
{
    struct error error;

    if (build_with(fixture, folder, n_processors, workers, &error))
        fail_msg("%s", error.text);
}

/* Compares the files of two folders and of those in them. Returns how many there are. */
static size_t assert_same_files(struct fixture *fixture, const char *one, const char *other)
{
    static const char *const folders[] = {"", "/site", "/badge"};
    size_t n = 0;

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[PATH_SIZE], name[PATH_SIZE * 2];
        struct dirent *entry;
        DIR *list;

        snprintf(path, sizeof path, "%s/%s%s", fixture->folder, one, folders[i]);
        list = opendir(path);
        assert_non_null(list);
        while ((entry = readdir(list))) {
            char *text;

            if (entry->d_type != DT_REG)
                continue;
            n++;
            snprintf(name, sizeof name, "%s%s/%s", one, folders[i], entry->d_name);
            text = strdup(read_built(fixture, name));
            snprintf(name, sizeof name, "%s%s/%s", other, folders[i], entry->d_name);
            assert_string_equal(read_built(fixture, name), text);
            free(text);
        }
        closedir(list);
    }
    return n;
}

static void several_threads_make_the_same_bytes_as_one(void **state)
{
    struct fixture *fixture = *state;

    build_all(fixture, "one", 1, 10);
    assert_int_equal(others_opened, 0);
    build_all(fixture, "many", PROCESSORS, 10);
    assert_true(others_opened > 0);
    assert_true(assert_same_files(fixture, "one", "many") > SITES * 5);

    /* Again, with pages of the pool. */
    for (int minute = 0; minute < 3; minute++) {
        fixture->example->snapshot.at_ms += MS_PER_MINUTE;
        build_all(fixture, "many", PROCESSORS, 10);
        build_all(fixture, "one", 1, 10);
        assert_same_files(fixture, "one", "many");
        assert_same_files(fixture, "many", "one");
    }
}

/* Several portions of the sites are loaded from a state. */
static int set_up_portions(void **state)
{
    return set_up_sized(state, MANY_SITES, DOMAINS);
}

static void build_from_state(struct fixture *fixture, const char *folder, long n_processors)
{
    const struct dashboard_moment moment = {.at_ms = example_at_ms};
    struct config *config = &fixture->example->config;
    struct storage *storage;
    enum storage_health health;
    char path[PATH_SIZE];
    struct error error;

    snprintf(path, sizeof path, "%s/%s", fixture->folder, folder);
    processors = n_processors;
    config->workers = 10;
    opened = others_opened = 0;
    if (storage_open(&storage, "", STORAGE_IN_MEMORY, config, &health, &error) ||
        dashboard_build(storage, config, &moment, path, &error))
        fail_msg("%s", error.text);
    storage_close(storage);
}

static void threads_go_on_while_the_next_portion_is_loaded(void **state)
{
    struct fixture *fixture = *state;

    build_from_state(fixture, "one", 1);
    assert_int_equal(others_opened, 0);
    build_from_state(fixture, "many", PROCESSORS);
    assert_true(others_opened > 0);
    assert_true(assert_same_files(fixture, "one", "many") > MANY_SITES * 5);
}

static void a_small_dashboard_or_one_worker_needs_no_other_thread(void **state)
{
    struct fixture *fixture = *state;

    build_all(fixture, "one", PROCESSORS, 1);
    assert_int_equal(others_opened, 0);
    example_free(fixture->example);
    fixture->example = example_new(3, 2);
    build_all(fixture, "small", PROCESSORS, 10);
    assert_int_equal(others_opened, 0);
}

/* No memory for the stack of a thread. */
static void a_thread_that_cannot_start_is_not_needed(void **state)
{
    struct fixture *fixture = *state;
    pthread_attr_t usual, huge;

    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 47), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    build_all(fixture, "alone", PROCESSORS, 10);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    assert_int_equal(others_opened, 0);
    build_all(fixture, "many", PROCESSORS, 10);
    assert_same_files(fixture, "alone", "many");
}

static void put_folder(struct fixture *fixture, const char *name)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "%s/many/site/%s", fixture->folder, name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void of_several_errors_the_first_is_reported_and_nothing_is_published(void **state)
{
    struct fixture *fixture = *state;
    char *before;

    build_all(fixture, "many", PROCESSORS, 10);
    before = strdup(read_built(fixture, "many/site/s0.html"));
    put_folder(fixture, "s41.html");
    put_folder(fixture, "s40.html");
    put_folder(fixture, "s9.xml");
    for (int i = 0; i < 20; i++) {
        struct error error;

        fixture->example->snapshot.at_ms += MS_PER_MINUTE;
        assert_int_equal(build_with(fixture, "many", PROCESSORS, 10, &error), -1);
        assert_non_null(strstr(error.text, "/site/s9.xml: Is a directory"));
        assert_string_equal(read_built(fixture, "many/site/s0.html"), before);
    }
    free(before);
}

/* The last test: a signal that came is remembered. */
static void a_signal_ends_all_threads_and_nothing_is_published(void **state)
{
    struct fixture *fixture = *state;
    struct error error;
    char *before;

    build_all(fixture, "many", PROCESSORS, 10);
    before = strdup(read_built(fixture, "many/site/s0.html"));
    fixture->example->snapshot.at_ms += MS_PER_MINUTE;
    interrupt_install();
    signal_at = 200;
    assert_int_equal(build_with(fixture, "many", PROCESSORS, 10, &error), -1);
    assert_int_equal(error.os, EINTR);
    assert_true(opened < signal_at + 4 * PROCESSORS);
    signal_at = 0;
    assert_string_equal(read_built(fixture, "many/site/s0.html"), before);
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_threads_make_the_same_bytes_as_one, set_up_many,
                                        tear_down),
        cmocka_unit_test_setup_teardown(threads_go_on_while_the_next_portion_is_loaded,
                                        set_up_portions, tear_down),
        cmocka_unit_test_setup_teardown(a_small_dashboard_or_one_worker_needs_no_other_thread,
                                        set_up_many, tear_down),
        cmocka_unit_test_setup_teardown(a_thread_that_cannot_start_is_not_needed, set_up_many,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            of_several_errors_the_first_is_reported_and_nothing_is_published, set_up_many,
            tear_down),
        cmocka_unit_test_setup_teardown(a_signal_ends_all_threads_and_nothing_is_published,
                                        set_up_many, tear_down),
    };

    return cmocka_run_group_tests_name("builders", tests, NULL, NULL);
}
