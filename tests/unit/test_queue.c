/* check/queue: which job is next, how many one server gets at once, and what is too late. */
#include "base/clock.h"
#include "check/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

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
        domains[i] = (struct domain){.host = hosts[i], .port = 80, .timeout_ms = 1000};
        jobs[i] = (struct job){.domain = (size_t)i};
    }
    *queue = (struct queue){.n_heap = 0};
}

static void begin(struct queue *queue)
{
    assert_int_equal(queue_init(queue, &config), 0);
    assert_int_equal(queue_add(queue, jobs, N), 0);
}

/* Jobs that were taken and not given back, by their numbers. */
static struct queue_job *in_flight[1000];

static struct queue_job *take(struct queue *queue)
{
    int64_t wait;
    struct queue_job *job = queue_take(queue, &wait);

    if (job)
        in_flight[job->number] = job;
    return job;
}

/* Takes all jobs that may start now, and returns how many there are; taken has their numbers. */
static size_t take_all(struct queue *queue, size_t taken[N])
{
    struct queue_job *job;
    size_t n = 0;

    while (n < N && (job = take(queue)))
        taken[n++] = job->number;
    return n;
}

static void release(struct queue *queue, size_t number)
{
    assert_non_null(in_flight[number]);
    queue_release(queue, in_flight[number]);
    in_flight[number] = NULL;
}

/* Frees the queue, after releasing what was taken. */
static void end(struct queue *queue)
{
    for (size_t i = 0; i < sizeof in_flight / sizeof in_flight[0]; i++) {
        if (in_flight[i])
            release(queue, i);
    }
    queue_free(queue);
}

/* What a domain connects to is its server, and not the name in its URL. */
static void an_address_or_a_socket_is_a_server(void **state)
{
    static const struct proxy proxy = {.host = "proxy.example", .port = 80};
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < 4; i++)
        domains[i].address = "192.0.2.1";
    domains[3].address_port = 81;
    domains[4].host = "192.0.2.1";
    for (int i = 5; i < 8; i++)
        domains[i].unix_socket = "/run/app.sock";
    for (int i = 8; i < N; i++)
        domains[i].proxy = &proxy;
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), N - 3);
    assert_int_equal(taken[1], 1);
    assert_int_equal(taken[2], 3);
    assert_int_equal(taken[3], 5);
    assert_int_equal(taken[5], 8);
    end(&queue);
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
    assert_null(queue_take(&queue, &wait));
    assert_int_equal(wait, -1);
    assert_int_equal(queue_left_over(&queue), 0);
    assert_int_equal(queue_open(&queue), N);
    for (size_t i = 0; i < N; i++)
        release(&queue, i);
    assert_int_equal(queue_open(&queue), 0);
    end(&queue);
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
    release(&queue, 11);
    assert_int_equal(take_all(&queue, taken), 0);
    release(&queue, 1);
    assert_true(queue_has_due(&queue));
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], 2);
    release(&queue, 0);
    release(&queue, 2);
    assert_int_equal(take_all(&queue, taken), 2);
    assert_int_equal(taken[1], 4);
    assert_int_equal(queue_left_over(&queue), 5);
    end(&queue);
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
    end(&queue);
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
    end(&queue);
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
    assert_null(queue_take(&queue, &wait));
    assert_in_range(wait, 20000, 30000);
    end(&queue);
}

/* Jobs that were added later are of another minute, and their slots of a clock that was set. */
static void a_job_starts_after_the_same_time_whatever_the_clock_does(void **state)
{
    struct queue queue;
    size_t taken[N];
    int64_t wait;

    (void)state;
    set_up(&queue);
    for (int job = 0; job < N; job++)
        jobs[job].start_ms = clock_now() + 30000;
    begin(&queue);
    assert_false(queue_has_due(&queue));
    for (int job = 0; job < N; job++)
        jobs[job].start_ms = clock_now() - 1000;
    assert_int_equal(queue_add(&queue, jobs, N), 0);
    assert_true(queue_has_due(&queue));
    assert_int_equal(take_all(&queue, taken), N);
    assert_int_equal(taken[0], N);
    assert_false(queue_has_due(&queue));
    assert_null(queue_take(&queue, &wait));
    assert_in_range(wait, 20000, 30000);
    assert_int_equal(queue_left_over(&queue), N);
    end(&queue);
}

static struct result failed = {.attempts = 1, .check = {.failure = "connect: refused"}};

static void fail_attempt(struct queue *queue, size_t number, int64_t pause_ms)
{
    assert_true(queue_retry(queue, in_flight[number], &failed, pause_ms));
    in_flight[number] = NULL;
}

/* While a job waits for its next attempt, another one of its server takes its place. */
static void a_retry_waits_in_the_queue_and_blocks_nobody(void **state)
{
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < N; i++)
        domains[i].host = "shop.example";
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), 2);
    fail_attempt(&queue, 0, 60000);
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], 2);

    /* A retry that is due waits for its server like any other job. */
    fail_attempt(&queue, 1, 0);
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], 3);
    for (size_t i = 2; i < N; i++) {
        release(&queue, i);
        assert_int_equal(take_all(&queue, taken), 1);
        assert_int_equal(taken[0], i < N - 2 ? i + 2 : i == N - 2 ? 1 : N);
        if (i == N - 2)
            break;
    }
    assert_non_null(in_flight[1]->last);
    assert_false(in_flight[1]->is_over);
    assert_string_equal(in_flight[1]->last->check.failure, failed.check.failure);
    release(&queue, 1);
    release(&queue, N - 1);

    /* The first one still waits for its pause. It has begun, so it is not left over. */
    assert_int_equal(queue_open(&queue), 1);
    assert_int_equal(queue_left_over(&queue), 0);
    end(&queue);
}

static void withdrawing_drops_only_what_has_not_begun(void **state)
{
    bool running[N];
    struct queue queue;
    size_t taken[N];
    int64_t wait;

    (void)state;
    set_up(&queue);
    for (int i = 0; i < 10; i++)
        domains[i].host = "shop.example";
    jobs[19].start_ms = clock_now() + 30000;
    begin(&queue);

    /* Two of the one server, and the nine others that are due now. */
    assert_int_equal(take_all(&queue, taken), 11);
    fail_attempt(&queue, 0, 0);
    assert_int_equal(take_all(&queue, taken), 1);
    fail_attempt(&queue, 10, 0);
    release(&queue, 11);
    queue_withdraw(&queue, running);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(running[i], i <= 2 || (i >= 10 && i != 11 && i != 19));
    assert_int_equal(queue_left_over(&queue), 8);
    assert_int_equal(queue_open(&queue), 11);

    /* The retries go on, and so do jobs that are added. */
    release(&queue, 1);
    assert_int_equal(take_all(&queue, taken), 2);
    assert_int_equal(taken[0] + taken[1], 0 + 10);
    release(&queue, 0);
    release(&queue, 2);
    assert_int_equal(queue.server_of[0]->in_flight, 0);
    jobs[19].start_ms = 0;
    assert_int_equal(queue_add(&queue, &jobs[19], 1), 0);
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], N);
    assert_null(queue_take(&queue, &wait));
    assert_int_equal(wait, -1);
    end(&queue);
}

static void nothing_begins_that_could_end_too_late(void **state)
{
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < N; i++)
        domains[i].timeout_ms = i < 5 ? 1000 : 30000;
    domains[4].timeout_ms = 0;
    jobs[19].domain = 4;
    jobs[19].start_ms = clock_now() + 20000;
    begin(&queue);
    in_flight[0] = take(&queue);
    fail_attempt(&queue, 0, 0);
    in_flight[1] = take(&queue);
    queue_end_by(&queue, clock_monotonic() + 10000);
    assert_int_equal(queue_open(&queue), 5);

    /* There is time for another attempt of the first two, but not after a long pause. */
    assert_false(queue_retry(&queue, in_flight[1], &failed, 9500));
    fail_attempt(&queue, 1, 100);
    assert_int_equal(take_all(&queue, taken), 4);
    assert_false(in_flight[0]->is_over);
    assert_int_equal(queue_left_over(&queue), N - 5);

    /* Later there is none: the attempt that failed is the last one. */
    queue_end_by(&queue, clock_monotonic());
    usleep(110 * 1000);
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], 1);
    assert_true(in_flight[1]->is_over);
    end(&queue);
}

static void stopping_drops_retries_too(void **state)
{
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), N);
    fail_attempt(&queue, 0, 0);
    release(&queue, 1);
    queue_stop(&queue);
    assert_int_equal(queue_open(&queue), N - 2);
    fail_attempt(&queue, 2, 0);
    queue_drop(&queue, in_flight[3]);
    in_flight[3] = NULL;
    assert_int_equal(queue_open(&queue), N - 4);
    assert_int_equal(queue_left_over(&queue), 3);
    end(&queue);
}

static void many_servers_are_kept_apart(void **state)
{
    enum { MANY = 500 };
    static struct domain many[MANY];
    static struct job one_each[MANY];
    static char hosts[MANY][24];
    struct config wide = {.domains = many, .n_domains = MANY, .max_per_host = 1};
    struct queue queue;
    struct queue_job *job;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        snprintf(hosts[i], sizeof hosts[i], "%s%d.example", i < MANY / 2 ? "host" : "HOST",
                 (int)(i % (MANY / 2)));
        many[i] = (struct domain){.host = hosts[i], .port = 80};
        one_each[i] = (struct job){.domain = i};
    }
    assert_int_equal(queue_init(&queue, &wide), 0);
    assert_int_equal(queue_add(&queue, one_each, MANY), 0);
    while ((job = take(&queue)))
        assert_int_equal(job->number, n++);
    assert_int_equal(n, MANY / 2);
    for (size_t i = 0; i < MANY / 2; i++)
        assert_int_equal(queue.server_of[i], queue.server_of[i + MANY / 2]);
    release(&queue, 7);
    job = take(&queue);
    assert_int_equal(job->number, MANY / 2 + 7);
    assert_null(take(&queue));
    assert_int_equal(queue_left_over(&queue), MANY / 2 - 1);
    end(&queue);
}

/* A server asks domain 3 to wait, while it has jobs in the queue. */
static void jobs_of_a_domain_whose_server_asks_to_wait_are_skipped(void **state)
{
    const struct job more[] = {{.domain = 3}, {.domain = 4}, {.domain = 3}};
    int64_t now = clock_monotonic();
    struct queue queue;
    size_t taken[N + 3];

    (void)state;
    set_up(&queue);
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), N);
    assert_int_equal(queue_add(&queue, more, 3), 0);
    queue_pause(&queue, 3, now + 60000);

    /* They do not count as left over. A job that is added later was planned with the wait. */
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], N + 1);
    assert_int_equal(queue_left_over(&queue), 0);
    assert_int_equal(queue_add(&queue, more, 1), 0);
    assert_int_equal(take_all(&queue, taken), 1);
    assert_int_equal(taken[0], N + 3);

    /* The wait is over. */
    release(&queue, 3);
    assert_int_equal(queue_add(&queue, more, 1), 0);
    queue_pause(&queue, 3, now);
    assert_int_equal(take_all(&queue, taken), 1);
    end(&queue);
}

/* Another check of the domain was asked to wait before the next attempt of this one. */
static void a_job_that_waits_for_its_next_attempt_is_over_if_its_server_asks_to_wait(void **state)
{
    struct result result = {.attempts = 1};
    struct queue queue;
    struct queue_job *job;
    int64_t wait;

    (void)state;
    set_up(&queue);
    begin(&queue);
    job = queue_take(&queue, &wait);
    assert_true(queue_retry(&queue, job, &result, 0));
    queue_pause(&queue, job->job.domain, clock_monotonic() + 60000);
    for (int i = 1; i < N; i++)
        assert_false(take(&queue)->is_over);
    job = take(&queue);
    assert_int_equal(job->number, 0);
    assert_true(job->is_over);
    end(&queue);
}

/* Makes the first jobs those of one domain; the numbers of rechecks are in their order. */
static void share_domain(const int *rechecks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        jobs[i].domain = 0;
        jobs[i].recheck = rechecks[i];
    }
}

static void a_recheck_never_runs_beside_another_check_of_its_domain(void **state)
{
    size_t taken[N], n;
    struct queue queue;

    (void)state;
    for (int recheck_first = 0; recheck_first < 2; recheck_first++) {
        set_up(&queue);
        share_domain((const int[]){recheck_first, !recheck_first}, 2);
        begin(&queue);
        n = take_all(&queue, taken);
        assert_int_equal(n, N - 1);
        assert_int_equal(taken[0], 0);
        assert_int_equal(taken[1], 2);

        /* The one that runs is enough. */
        assert_int_equal(queue_left_over(&queue), 0);
        assert_int_equal(queue_open(&queue), N - 1);
        release(&queue, 0);

        /* When it is over, the next one may run. */
        jobs[0].recheck = 2;
        assert_int_equal(queue_add(&queue, jobs, 1), 0);
        assert_non_null(take(&queue));
        end(&queue);
    }
}

static void slots_of_a_domain_may_run_beside_each_other(void **state)
{
    size_t taken[N];
    struct queue queue;

    (void)state;
    set_up(&queue);
    share_domain((const int[]){0, 0}, 2);
    begin(&queue);
    assert_int_equal(take_all(&queue, taken), N);
    end(&queue);
}

static void rechecks_are_never_left_over(void **state)
{
    bool running[N];
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < N; i++) {
        jobs[i].recheck = i % 2;
        jobs[i].start_ms = clock_now() + (i < 4 ? 0 : 60000);
    }
    begin(&queue);
    assert_int_equal(queue_left_over(&queue), N / 2);
    assert_int_equal(take_all(&queue, taken), 4);
    assert_int_equal(queue_left_over(&queue), N / 2 - 2);
    queue_drop(&queue, in_flight[0]);
    queue_drop(&queue, in_flight[1]);
    in_flight[0] = in_flight[1] = NULL;
    assert_int_equal(queue_left_over(&queue), N / 2 - 1);
    queue_withdraw(&queue, running);
    assert_int_equal(queue_left_over(&queue), N / 2 - 1);
    assert_false(running[0] || running[1]);
    assert_true(running[2] && running[3]);
    end(&queue);
}

static void a_queue_is_idle_if_all_jobs_start_later(void **state)
{
    struct queue queue;
    size_t taken[N];

    (void)state;
    set_up(&queue);
    for (int i = 0; i < N; i++)
        jobs[i].start_ms = clock_now() + (i == 0 ? 0 : 60000);
    assert_int_equal(queue_init(&queue, &config), 0);
    assert_true(queue_is_idle(&queue));
    assert_int_equal(queue_add(&queue, jobs, N), 0);
    assert_false(queue_is_idle(&queue));
    assert_int_equal(take_all(&queue, taken), 1);
    assert_false(queue_is_idle(&queue));
    release(&queue, 0);
    assert_true(queue_is_idle(&queue));
    end(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_taken_in_order),
        cmocka_unit_test(one_server_gets_at_most_max_per_host_requests),
        cmocka_unit_test(an_address_or_a_socket_is_a_server),
        cmocka_unit_test(another_port_is_another_server),
        cmocka_unit_test(jobs_that_can_no_longer_finish_in_time_are_left_over),
        cmocka_unit_test(the_queue_waits_for_a_later_slot),
        cmocka_unit_test(a_job_starts_after_the_same_time_whatever_the_clock_does),
        cmocka_unit_test(a_retry_waits_in_the_queue_and_blocks_nobody),
        cmocka_unit_test(withdrawing_drops_only_what_has_not_begun),
        cmocka_unit_test(nothing_begins_that_could_end_too_late),
        cmocka_unit_test(stopping_drops_retries_too),
        cmocka_unit_test(many_servers_are_kept_apart),
        cmocka_unit_test(jobs_of_a_domain_whose_server_asks_to_wait_are_skipped),
        cmocka_unit_test(a_job_that_waits_for_its_next_attempt_is_over_if_its_server_asks_to_wait),
        cmocka_unit_test(a_recheck_never_runs_beside_another_check_of_its_domain),
        cmocka_unit_test(slots_of_a_domain_may_run_beside_each_other),
        cmocka_unit_test(rechecks_are_never_left_over),
        cmocka_unit_test(a_queue_is_idle_if_all_jobs_start_later),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
