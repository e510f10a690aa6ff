/*
 * Kills at any call of a tick that sends: two monitors are DOWN, and four targets have to be sent
 * that. The tick dies before each of its calls that change a file, and in the middle of each write.
 * After the next tick, each target has got each message, with one key and one text, and the event
 * log has it as sent once. By default only some of the calls; all of them if $UPTICK_SWEEP is set
 * (`make crash`).
 */
#define _GNU_SOURCE
#include "calls.h"
#include "cmocka_all.h"
#include "e2e.h"
#include "midnight.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
static const char bad[] = "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno";

static const char *const monitors[] = {"shop/www", "shop/api"};

/* The program dies before its nth call, or in its nth write when half of it is written. */
struct death {
    long at;
    bool half;
    long seen;
};

static struct judgement die_at(void *context, const struct call *call)
{
    struct death *death = context;

    if ((death->half && !call->writes) || ++death->seen != death->at)
        return (struct judgement){CALL_LET, 0};
    return (struct judgement){death->half ? CALL_KILL_HALF : CALL_KILL, 0};
}

/* Two monitors that are DOWN from now on, after two ticks in which they were UP. */
static void live_until(struct e2e *world)
{
    e2e_write(world, "www", good);
    e2e_write(world, "api", good);
    e2e_config(world,
               "defaults: {interval_seconds: 60}\n"
               "alerts:\n"
               "  - {id: print, type: print}\n"
               "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
               "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat', format: slack}\n"
               "  - {id: mail, type: mail, server: 'smtp://@smtp@', tls: optional,"
               " from: a@example.org, to: [b@example.org], ca_file: ca.pem}\n"
               "sites:\n  - id: shop\n    domains:\n"
               "      - {id: www, url: 'http://@http@/file/www'}\n"
               "      - {id: api, url: 'http://@http@/file/api'}\n");
    e2e_tick(world, "2026-11-23 09:00:00");
    e2e_tick(world, "2026-11-23 09:01:00");
    e2e_write(world, "www", bad);
    e2e_write(world, "api", bad);
    e2e_shell(world, "mkdir start && cp -a data public start");
}

/* Runs a tick. Returns what it printed, whether it was killed or not. */
static const char *run_tick(struct e2e *world, const char *clock, struct death *death)
{
    struct calls calls = {
        .below = world->folder, .judge = die_at, .context = death, .listener = -1};

    world->clock = clock;
    world->calls = death ? &calls : NULL;
    e2e_uptick(world, "tick", NULL);
    world->calls = NULL;
    if (world->last.signal != SIGKILL)
        e2e_silent(world, 0);
    return world->last.out;
}

static int count(const char *text, const char *part)
{
    int n = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        n++;
    return n;
}

/* What follows this text, up to the end of its line. */
static const char *value_after(struct e2e *world, const char *text, const char *before)
{
    const char *at = strstr(text, before);

    e2e_check(at != NULL, "no %s in:\n%s", before, text);
    at += strlen(before);
    return e2e_format(world, "%.*s", (int)strcspn(at, "\r\n"), at);
}

/* Messages of a target since a moment. */
struct received {
    char *(*get)(struct e2e *world, const char *name, long n);
    const char *name;
    const char *key, *body; /* what comes before the key, and before the body */
    long from, until;
};

static char *get_mail(struct e2e *world, const char *name, long n)
{
    (void)name;
    return e2e_mail(world, n);
}

/* The content of a message without what may differ from one attempt to another. */
static const char *text_of(const struct received *received, const char *message)
{
    const char *body = strstr(message, received->body);

    e2e_check(body != NULL, "no body in:\n%s", message);
    return body;
}

/* The message about a monitor came at least once, and always with the same key and text. A mail is
 * about both, but its text is encoded. */
static void check_received(struct e2e *world, const struct received *received, const char *monitor)
{
    const char *key = NULL, *text = NULL;

    for (long i = received->from; i <= received->until; i++) {
        const char *message = received->get(world, received->name, i);

        if (received->get == e2e_post && !strstr(message, monitor))
            continue;
        if (!key) {
            key = value_after(world, message, received->key);
            text = text_of(received, message);
        }
        assert_string_equal(value_after(world, message, received->key), key);
        assert_string_equal(text_of(received, message), text);
    }
    e2e_check(key != NULL, "%s got nothing about %s", received->name, monitor);
}

/* The event log has each message of each target as sent once, and nothing waits. */
static void check_log(struct e2e *world)
{
    static const char *const targets[] = {"print", "own", "chat", "mail"};
    const char *log = e2e_read(world, "data/live/events.log");

    assert_int_equal(count(log, ",sent,"), 8);
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        const char *line = e2e_format(world, ",sent,DOWN,,%s 1 began", targets[i]);
        const char *quoted = e2e_format(world, ",sent,DOWN,,\"%s 1 began", targets[i]);

        e2e_check(count(log, line) + count(log, quoted) == 2, "not two lines %s in:\n%s", line,
                  log);
    }
    assert_int_equal(count(log, ",confirmed,"), 2);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(e2e_status(world), "alerts"), "undelivered")),
                     0);
}

/* Dies at the nth call, and recovers. Returns whether there was an nth call. */
static bool die_and_recover(struct e2e *world, long n, bool half)
{
    struct death death = {.at = n, .half = half};
    struct received received[] = {
        {e2e_post, "own", "Idempotency-Key: ", "{", e2e_count_posts(world, "own") + 1, 0},
        {e2e_post, "chat", "Idempotency-Key: ", "{", e2e_count_posts(world, "chat") + 1, 0},
        {get_mail, "mail", "Message-ID: ", "MIME-Version", e2e_count_mails(world) + 1, 0}};
    const char *printed;
    bool was_killed;

    e2e_shell(world, "rm -rf data public && cp -a start/data start/public .");
    printed = run_tick(world, "2026-11-23 09:02:00", &death);
    was_killed = world->last.signal == SIGKILL;
    printed = e2e_format(world, "%s%s", printed, run_tick(world, "2026-11-23 09:03:00", NULL));
    received[0].until = e2e_count_posts(world, "own");
    received[1].until = e2e_count_posts(world, "chat");
    received[2].until = e2e_count_mails(world);
    for (size_t i = 0; i < 2; i++) {
        e2e_check(strstr(printed, e2e_format(world, "DOWN  %s", monitors[i])) != NULL,
                  "call %ld: printed: %s", n, printed);
        for (size_t j = 0; j < sizeof received / sizeof received[0]; j++)
            check_received(world, &received[j], monitors[i]);
    }
    check_log(world);
    assert_string_equal(run_tick(world, "2026-11-23 09:04:00", NULL), "");
    assert_int_equal(e2e_count_posts(world, "own"), received[0].until);
    return was_killed;
}

static void sweep(struct e2e *world, bool half)
{
    long step = sweep_in_full() ? 1 : half ? 23 : 17, n = 1;

    sweep_need_held_calls(world);
    live_until(world);
    while (die_and_recover(world, n, half))
        n += step;
    assert_true(n > 1);
    print_message("%ld calls, none failed\n", n);
}

static void a_tick_that_sends_may_die_before_any_call(struct e2e *world)
{
    sweep(world, false);
}

static void a_tick_that_sends_may_die_in_any_write(struct e2e *world)
{
    sweep(world, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_tick_that_sends_may_die_before_any_call),
        E2E_TEST(a_tick_that_sends_may_die_in_any_write),
    };

    return cmocka_run_group_tests_name("alert kills", tests, NULL, NULL);
}
