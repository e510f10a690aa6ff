/* check/queue: which job is next, how many one server gets at once, and what is too late. */
#include "base/clock.h"
#include "check/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { N = 20 };

static struct domain domains[N];
static struct job jobs[N];
static struct config config = {.domains = domains, .n_domains = N, .max_per_host = 2};

/* N jobs, each with a server of its own. */
static void set_up(struct queue *queue)
{
    static char hosts[N][16];

    for (int i = 0; i < N; i++) {
        snprintf(hosts[i], sizeof hosts[i], "host%d.example", i);
        domains[i] = (struct domain){.host = hosts[i], .port = 80};
        jobs[i] = (struct job){.domain = (size_t)i};
    }
    *queue = (struct queue){.jobs = NULL};
}

static void begin(struct queue *queue)
{
    assert_int_equal(queue_init(queue, &config, jobs, N), 0);
}

/* Takes all jobs that may start now, and returns their number. */
static size_t take_all(struct queue *queue, size_t taken[N])
{
    int64_t wait;
    size_t n = 0;

    while ((taken[n] = queue_take(queue, &wait)) != QUEUE_NONE && n < N - 1)
        n++;
    return n + (taken[n] != QUEUE_NONE);
}

static void jobs_are_taken_in_order(void **state)
{
    struct queue queue;
    size_t taken[N];
    int64_t wait;

    (void)state;
    set_up(&queue);
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(taken[i], i);
    assert_int_equal(queue_take(&queue, &wait), QUEUE_NONE);
    assert_int_equal(wait, -1);
    assert_int_equal(queue_left_over(&queue), 0);
    queue_free(&queue);
}

static void one_server_gets_at_most_max_per_host_requests(void **state)
{
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < 10; i++)
        domains[i].host = i % 2 ? "shop.example" : "SHOP.example";
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), 12);
    assert_int_equal(taken[1], 1);
    assert_int_equal(taken[2], 10);

    /* The next job of a server goes as soon as one of its checks is over, and before all others. */
    queue_release(&queue, 11);
    assert_int_equal(take_all(&queue, taken), 0);
    queue_release(&queue, 1);
    assert_true(queue_has_due(&queue));
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], 2);
    queue_release(&queue, 0);
    queue_release(&queue, 2);
    assert_int_equal(take_all(&queue, taken), 2);
    assert_int_equal(taken[1], 4);
    assert_int_equal(queue_left_over(&queue), 5);
    queue_free(&queue);
}

static void another_port_is_another_server(void **state)
{
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < N; i++) {
        domains[i].host = "shop.example";
        domains[i].port = 80 + i / 2;
    }
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), N);
    queue_free(&queue);
}

static void jobs_that_can_no_longer_finish_in_time_are_left_over(void **state)
{
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < 10; i++) {
        domains[i].host = "shop.example";
        jobs[i].latest_ms = clock_now() - 1;
    }
    jobs[9].latest_ms = clock_now() + 60000;
    jobs[19].latest_ms = 1;
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), 10);
    assert_int_equal(taken[0], 9);
    assert_int_equal(taken[9], 18);
    assert_int_equal(queue_left_over(&queue), 10);

    /* They do not count as checks of their server. */
    assert_int_equal(queue.server_of[0]->in_flight, 1);
    queue_free(&queue);
}

static void the_queue_waits_for_a_later_slot(void **state)
{
    struct queue queue;
    size_t taken[N];
    int64_t wait;

    (void)state;
    set_up(&queue);
    jobs[19].start_ms = clock_now() + 30000;
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), 19);
    assert_false(queue_has_due(&queue));
    assert_int_equal(queue_take(&queue, &wait), QUEUE_NONE);
    assert_in_range(wait, 20000, 30000);
    queue_free(&queue);
}

static void a_job_is_due_when_the_first_of_both_clocks_reaches_it(void **state)
{
    /* How far the wall clock was set back since the start. */
    static const struct {
        int64_t set_back_ms;
        size_t n;
    } cases[] = {{0, 19}, {60000, 20}, {-60000, 19}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct queue queue;
        size_t taken[N];

        set_up(&queue);
        for (int job = 0; job < N; job++)
            jobs[job].start_ms = clock_now() - 1000;
        jobs[19].start_ms = clock_now() + 30000;
        begin(&queue);
        queue.wall_ms += cases[i].set_back_ms;
        assert_true(queue_has_due(&queue));
        assert_int_equal(take_all(&queue, taken), cases[i].n);
        assert_false(queue_has_due(&queue));
        assert_int_equal(queue_left_over(&queue), N - cases[i].n);
        queue_free(&queue);
    }
}

static void many_servers_are_kept_apart(void **state)
{
    enum { MANY = 500 };
    static struct domain many[MANY];
    static struct job one_each[MANY];
    static char hosts[MANY][24];
    struct config wide = {.domains = many, .n_domains = MANY, .max_per_host = 1};
    struct queue queue;
    size_t n = 0, job;
    int64_t wait;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        snprintf(hosts[i], sizeof hosts[i], "%s%d.example", i < MANY / 2 ? "host" : "HOST",
                 (int)(i % (MANY / 2)));
        many[i] = (struct domain){.host = hosts[i], .port = 80};
        one_each[i] = (struct job){.domain = i};
    }
    assert_int_equal(queue_init(&queue, &wide, one_each, MANY), 0);
    while ((job = queue_take(&queue, &wait)) != QUEUE_NONE)
        assert_int_equal(job, n++);
    assert_int_equal(n, MANY / 2);
    for (size_t i = 0; i < MANY / 2; i++)
        assert_int_equal(queue.server_of[i], queue.server_of[i + MANY / 2]);
    queue_release(&queue, 7);
    assert_int_equal(queue_take(&queue, &wait), MANY / 2 + 7);
    assert_int_equal(queue_take(&queue, &wait), QUEUE_NONE);
    assert_int_equal(queue_left_over(&queue), MANY / 2 - 1);
    queue_free(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_taken_in_order),
        cmocka_unit_test(one_server_gets_at_most_max_per_host_requests),
        cmocka_unit_test(another_port_is_another_server),
        cmocka_unit_test(jobs_that_can_no_longer_finish_in_time_are_left_over),
        cmocka_unit_test(the_queue_waits_for_a_later_slot),
        cmocka_unit_test(a_job_is_due_when_the_first_of_both_clocks_reaches_it),
        cmocka_unit_test(many_servers_are_kept_apart),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
