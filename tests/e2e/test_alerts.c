/* Alerts from the check to the message: who is sent what, when, how often, and with which key. */
#define _GNU_SOURCE
#include "alert_ticks.h"
#include "cmocka_all.h"
#include "e2e.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void without_configuration_a_tick_prints_what_begins_and_ends(struct e2e *world)
{
    const char *text;

    set(world, "www", true);
    set(world, "api", true);
    e2e_config(world, "alerts:\n  - {id: print, type: print}\n"
                      "public_url: https://status.example/\n"
                      "sites:\n  - id: shop\n    domains:\n"
                      "      - {id: www, url: 'http://@http@/file/www'}\n"
                      "      - {id: api, url: 'http://@http@/file/api'}\n");
    e2e_shell(world, "sed -i '/^alerts/d; /type: print/d' uptick.yaml");
    ticks(world, 0, 5);
    set(world, "www", false);
    set(world, "api", false);
    text = printed_at(world, 10);
    assert_non_null(strstr(text, "2 down\n"));
    assert_non_null(strstr(text, "DOWN  shop/www since 09:1"));
    assert_non_null(strstr(text, "https://status.example/\n"));
    assert_string_equal(printed_at(world, 15), "");
    set(world, "www", true);
    text = printed_at(world, 20);
    assert_non_null(strstr(text, "UP    shop/www after "));
    assert_null(strstr(text, "shop/api"));
    assert_int_equal(logged(world, ",sent,"), 3);
}

static void each_outage_is_sent_once_and_its_end_with_the_same_id(struct e2e *world)
{
    own_target(world, "", "");
    ticks(world, 0, 1);
    set(world, "www", false);
    ticks(world, 2, 5);
    assert_int_equal(posts(world, "own"), 1);
    assert_string_equal(events_in(world, "own", 1), "began shop/www");
    assert_non_null(strstr(key_of(world, "own", 1), "shop/www/http@2026-11-23T09:02:0"));
    assert_non_null(strstr(e2e_post(world, "own", 1), "Idempotency-Key: "));
    set(world, "www", true);
    ticks(world, 6, 9);
    assert_int_equal(posts(world, "own"), 2);
    assert_string_equal(events_in(world, "own", 2), "ended shop/www");
    assert_memory_equal(key_of(world, "own", 1), key_of(world, "own", 2),
                        strlen(key_of(world, "own", 1)) - 1);
    assert_non_null(strstr(key_of(world, "own", 2), ".2"));
    assert_int_equal(logged(world, ",sent,"), 2);
}

static void people_get_one_message_and_programs_one_for_each_monitor(struct e2e *world)
{
    begin(world, "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
                 "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat', format: slack}");
    tick_at(world, 0);
    set(world, "www", false);
    set(world, "api", false);
    tick_at(world, 1);
    assert_int_equal(posts(world, "own"), 2);
    assert_int_equal(posts(world, "chat"), 1);
}

/* A message to people that waits for its next attempt is decided before it, also if programs are
 * sent news while a check hangs: nobody gets a DOWN that is over. */
static void a_message_that_waits_is_not_tried_before_the_news(struct e2e *world)
{
    static const char alerts[] =
        "alerts:\n"
        "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
        "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat?status=503&until=1', "
        "format: slack}\n";
    static const char www[] = "sites:\n  - id: shop\n    domains:\n"
                              "      - {id: www, url: 'http://@http@/file/www'}\n";

    set(world, "www", false);
    e2e_config(world, e2e_format(world, "defaults: {timeout_seconds: 8}\n%s%s", alerts, www));
    ticks(world, 0, 0);
    assert_int_equal(posts(world, "chat"), 1);
    set(world, "www", true);
    e2e_config(world, e2e_format(world, "defaults: {timeout_seconds: 8}\n%s%s%s", alerts, www,
                                 "      - {id: slow, url: 'http://@http@/hang'}\n"));
    ticks(world, 1, 1);
    assert_string_equal(events_in(world, "own", 2), "ended shop/www");
    assert_int_equal(posts(world, "chat"), 2);
    assert_non_null(strstr(e2e_post(world, "chat", 2), "was down"));
}

/* While a check hangs, programs are sent what was exported; people wait for the end. */
static void programs_do_not_wait_for_slow_checks(struct e2e *world)
{
    pid_t pid;

    set(world, "www", false);
    e2e_config(world, "defaults: {timeout_seconds: 14}\n"
                      "alerts:\n"
                      "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
                      "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat', "
                      "format: slack}\n"
                      "sites:\n  - id: shop\n    domains:\n"
                      "      - {id: www, url: 'http://@http@/file/www'}\n"
                      "      - {id: slow, url: 'http://@http@/hang'}\n");
    world->clock = "2026-11-23 09:00:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_shell(world,
              "for i in $(seq 300); do [ -e posts/own/1 ] && exit; sleep 0.05; done; exit 1");
    assert_int_equal(posts(world, "chat"), 0);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    assert_int_equal(posts(world, "own"), 2);
    assert_int_equal(posts(world, "chat"), 1);
    assert_int_equal(logged(world, ",sent,"), 4);
    ticks(world, 1, 2);
    assert_int_equal(posts(world, "own"), 2);
    assert_int_equal(posts(world, "chat"), 1);
}

/* Milliseconds from the confirmation of an outage until a program has its message. */
static int64_t measure_delay(struct e2e *world, const char *name)
{
    const char *since = e2e_text(
        json_array_get(json_object_get(payload(world, name, 1), "events"), 0), "confirmed");
    struct stat status;
    struct tm tm = {0};
    int ms = 0;

    assert_int_equal(stat(e2e_path(world, e2e_format(world, "posts/%s/1", name)), &status), 0);
    assert_int_equal(sscanf(since, "%d-%d-%dT%d:%d:%d.%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                            &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms),
                     7);
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return (int64_t)(status.st_mtim.tv_sec - timegm(&tm)) * 1000 +
           status.st_mtim.tv_nsec / 1000000 - ms + world->ahead_ms;
}

/* The real time, because the time of the file is. */
static void a_check_that_hangs_delays_no_alert_to_a_program(struct e2e *world)
{
    int64_t delay_ms;
    pid_t pid;

    e2e_config(world, "defaults: {timeout_seconds: 50}\n"
                      "alerts:\n"
                      "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
                      "sites:\n  - id: shop\n    domains:\n"
                      "      - {id: www, url: 'http://@refused@/'}\n"
                      "      - {id: slow, url: 'http://@http@/hang'}\n");
    pid = e2e_start(world, "tick", NULL);
    e2e_post(world, "own", 1);
    delay_ms = measure_delay(world, "own");
    e2e_end(world, pid, SIGTERM);
    print_message("%d ms from the confirmation to the message\n", (int)delay_ms);
    assert_true(delay_ms < 5000);
    assert_string_equal(events_in(world, "own", 1), "began shop/www");
}

static void a_failed_message_is_tried_again_after_growing_waits(struct e2e *world)
{
    static const int at[] = {0, 1, 3, 8, 23, 53, 113};
    size_t done = 0;

    own_target(world, "?status=503", "");
    set(world, "www", false);
    for (int minute = 0; minute <= 120; minute++) {
        world->clock = e2e_format(world, "2026-11-23 %02d:%02d:00", 9 + minute / 60, minute % 60);
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
        if (done < sizeof at / sizeof at[0] && minute == at[done])
            done++;
        e2e_check(posts(world, "own") == (long)done, "minute %d: %ld posts", minute,
                  posts(world, "own"));
    }
    for (long n = 2; n <= 7; n++)
        assert_string_equal(key_of(world, "own", n), key_of(world, "own", 1));
    assert_int_equal(logged(world, ",failed,"), 1);
}

static void a_refused_message_waits_fifteen_minutes(struct e2e *world)
{
    own_target(world, "?status=401", "");
    set(world, "www", false);
    ticks(world, 0, 14);
    assert_int_equal(posts(world, "own"), 1);
    tick_at(world, 15);
    assert_int_equal(posts(world, "own"), 2);
}

static void a_busy_target_is_left_alone_for_as_long_as_it_wants(struct e2e *world)
{
    own_target(world, "?status=429&retry=330", "");
    set(world, "www", false);
    ticks(world, 0, 5);
    assert_int_equal(posts(world, "own"), 1);
    tick_at(world, 6);
    assert_int_equal(posts(world, "own"), 2);
}

static void an_end_that_comes_before_its_begin_was_delivered_makes_one_message(struct e2e *world)
{
    own_target(world, "?status=503&until=2", "");
    tick_at(world, 0);
    set(world, "www", false);
    ticks(world, 1, 2);
    set(world, "www", true);
    ticks(world, 3, 5);
    assert_int_equal(posts(world, "own"), 3);
    assert_string_equal(events_in(world, "own", 3), "was shop/www");
    assert_string_not_equal(key_of(world, "own", 3), key_of(world, "own", 1));
    assert_true(json_integer_value(json_object_get(payload(world, "own", 3), "late_seconds")) >=
                110);
    assert_int_equal(logged(world, ",sent,"), 1);
}

static void a_tick_that_is_killed_after_the_acceptance_sends_the_same_key(struct e2e *world)
{
    pid_t pid;

    own_target(world, "?ms=1500&until=1", "");
    tick_at(world, 0);
    set(world, "www", false);
    world->clock = "2026-11-23 09:01:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_post(world, "own", 1);
    kill(pid, SIGKILL);
    e2e_wait(world, pid);
    assert_int_equal(world->last.signal, SIGKILL);
    ticks(world, 2, 4);
    assert_int_equal(posts(world, "own"), 2);
    assert_string_equal(key_of(world, "own", 2), key_of(world, "own", 1));
    assert_int_equal(logged(world, ",sent,"), 1);
}

/* Requests that failed may have opened an incident. So what closes it must have its id, also if the
 * outage is another one by then. */
static void a_message_in_place_of_another_one_has_its_id(struct e2e *world)
{
    own_target(world, "?status=503&until=5", "");
    tick_at(world, 0);
    set(world, "www", false);
    failing_ticks(world, 1, 3);
    set(world, "www", true);
    failing_ticks(world, 4, 5);
    set(world, "www", false);
    failing_ticks(world, 40, 41);
    set(world, "www", true);
    failing_ticks(world, 42, 130);
    assert_true(posts(world, "own") >= 5);
    for (long n = 2; n <= posts(world, "own"); n++)
        assert_memory_equal(key_of(world, "own", n), key_of(world, "own", 1),
                            strlen(key_of(world, "own", 1)) - 1);
    assert_string_equal(events_in(world, "own", posts(world, "own")), "was shop/www");
    assert_int_equal(logged(world, ",sent,"), 1);
}

static void a_signal_ends_what_is_being_sent_and_loses_nothing(struct e2e *world)
{
    pid_t pid;

    own_target(world, "?ms=5000&until=1", "");
    tick_at(world, 0);
    set(world, "www", false);
    world->clock = "2026-11-23 09:01:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_post(world, "own", 1);
    e2e_end(world, pid, SIGTERM);
    assert_int_equal(world->last.status, 0);
    ticks(world, 2, 3);
    assert_int_equal(posts(world, "own"), 2);
    assert_string_equal(key_of(world, "own", 2), key_of(world, "own", 1));
}

static void a_lost_state_repeats_nothing(struct e2e *world)
{
    own_target(world, "", "");
    tick_at(world, 0);
    set(world, "www", false);
    ticks(world, 1, 3);
    e2e_shell(world, "rm data/state.db");
    world->clock = "2026-11-23 09:04:00";
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 0);
    ticks(world, 5, 6);
    assert_int_equal(posts(world, "own"), 1);
    set(world, "www", true);
    ticks(world, 7, 8);
    assert_int_equal(posts(world, "own"), 2);
    assert_string_equal(events_in(world, "own", 2), "ended shop/www");
    assert_non_null(strstr(key_of(world, "own", 2), ".1002"));
}

static void a_gap_sends_nothing(struct e2e *world)
{
    own_target(world, "", "");
    ticks(world, 0, 1);
    ticks(world, 170, 172);
    assert_int_equal(posts(world, "own"), 0);
}

static void a_new_target_gets_what_lasts_and_not_what_is_over(struct e2e *world)
{
    own_target(world, "", "");
    tick_at(world, 0);
    set(world, "www", false);
    set(world, "api", false);
    tick_at(world, 1);
    set(world, "api", true);
    ticks(world, 2, 3);
    config(world, "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
                  "  - {id: late, type: webhook, url: 'http://@http@/hook/late'}");
    ticks(world, 4, 6);
    assert_int_equal(posts(world, "own"), 3);
    assert_int_equal(posts(world, "late"), 1);
    assert_string_equal(events_in(world, "late", 1), "began shop/www");
}

static void a_target_gets_only_its_sites_and_kinds(struct e2e *world)
{
    begin(world, "  - {id: api, type: webhook, url: 'http://@http@/hook/api', sites: [shop/api]}\n"
                 "  - {id: up, type: webhook, url: 'http://@http@/hook/up', on: [up]}\n"
                 "  - {id: none, type: webhook, url: 'http://@http@/hook/none', on: [slow]}");
    tick_at(world, 0);
    set(world, "www", false);
    set(world, "api", false);
    tick_at(world, 1);
    set(world, "www", true);
    ticks(world, 2, 3);
    assert_int_equal(posts(world, "api"), 1);
    assert_string_equal(events_in(world, "api", 1), "began shop/api");
    assert_int_equal(posts(world, "none"), 0);
}

static void quiet_hours_hold_messages_until_their_end(struct e2e *world)
{
    own_target(world, "", ", quiet: {from: '09:10', to: '09:20'}");
    tick_at(world, 0);
    set(world, "www", false);
    set(world, "api", false);
    ticks(world, 10, 12);
    set(world, "api", true);
    ticks(world, 13, 19);
    assert_int_equal(posts(world, "own"), 0);
    tick_at(world, 20);
    assert_int_equal(posts(world, "own"), 1);
    assert_string_equal(events_in(world, "own", 1), "began shop/www");
}

/* An outage whose message has failed twice when the quiet hours begin, at 09:03. except: a key of
 * them, or nothing. */
static void fail_before_quiet_hours(struct e2e *world, const char *except)
{
    own_target(world, "?status=503&until=2",
               e2e_format(world, ", quiet: {from: '09:03', to: '09:20'%s}", except));
    tick_at(world, 0);
    set(world, "www", false);
    ticks(world, 1, 2);
    assert_int_equal(posts(world, "own"), 2);
}

static void quiet_hours_hold_a_message_that_waits(struct e2e *world)
{
    fail_before_quiet_hours(world, "");
    ticks(world, 3, 9);

    /* For a new target, all is decided again. That is no news for the first one. */
    config(world, "  - {id: own, type: webhook, url: 'http://@http@/hook/own?status=503&until=2',\n"
                  "     quiet: {from: '09:03', to: '09:20'}}\n"
                  "  - {id: late, type: webhook, url: 'http://@http@/hook/late'}");
    ticks(world, 10, 19);
    assert_int_equal(posts(world, "late"), 1);
    assert_int_equal(posts(world, "own"), 2);
    tick_at(world, 20);
    assert_int_equal(posts(world, "own"), 3);
    assert_string_equal(events_in(world, "own", 3), "began shop/www");

    /* The target may have kept what it refused, so it is the same message. */
    assert_string_equal(key_of(world, "own", 1), key_of(world, "own", 3));
    ticks(world, 21, 22);
    assert_int_equal(posts(world, "own"), 3);
}

static void a_message_that_waits_is_sent_in_quiet_hours_if_it_is_an_exception(struct e2e *world)
{
    fail_before_quiet_hours(world, ", except: [down]");
    ticks(world, 3, 5);
    assert_int_equal(posts(world, "own"), 3);
}

static void reminders_repeat_until_somebody_acknowledges(struct e2e *world)
{
    own_target(world, "", ", remind_after: [10m]");
    tick_at(world, 0);
    set(world, "www", false);
    ticks(world, 1, 10);
    assert_int_equal(posts(world, "own"), 1);
    tick_at(world, 11);
    assert_int_equal(posts(world, "own"), 2);
    assert_string_equal(events_in(world, "own", 2), "reminder shop/www");
    e2e_uptick(world, "alert", "ack", "shop/www", NULL);
    assert_int_equal(world->last.status, 0);
    ticks(world, 12, 35);
    assert_int_equal(posts(world, "own"), 2);
    set(world, "www", true);
    ticks(world, 36, 37);
    assert_string_equal(events_in(world, "own", 3), "ended shop/www");
}

static void an_outage_behind_another_one_is_not_sent(struct e2e *world)
{
    set(world, "www", true);
    set(world, "api", true);
    e2e_config(world, "defaults:\n  interval_seconds: 60\n"
                      "alerts:\n"
                      "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
                      "sites:\n  - id: shop\n    domains:\n"
                      "      - {id: www, url: 'http://@http@/file/www', depends_on: shop/api}\n"
                      "      - {id: api, url: 'http://@http@/file/api'}\n");
    tick_at(world, 0);
    set(world, "www", false);
    set(world, "api", false);
    ticks(world, 1, 4);
    assert_int_equal(posts(world, "own"), 1);
    assert_string_equal(events_in(world, "own", 1), "began shop/api");
    assert_non_null(strstr(e2e_read(world, "public/site/shop.html"), "epends on"));
    set(world, "api", true);
    ticks(world, 5, 6);
    assert_int_equal(posts(world, "own"), 3);
    assert_non_null(
        strstr(e2e_format(world, "%s, %s", events_in(world, "own", 2), events_in(world, "own", 3)),
               "began shop/www"));

    /* An outage that was over before is not sent. */
    set(world, "www", true);
    ticks(world, 7, 8);
    assert_int_equal(posts(world, "own"), 4);
    set(world, "www", false);
    set(world, "api", false);
    ticks(world, 40, 41);
    set(world, "www", true);
    ticks(world, 42, 43);
    set(world, "api", true);
    ticks(world, 44, 46);
    assert_int_equal(posts(world, "own"), 6);
}

static void undelivered_messages_are_seen_everywhere(struct e2e *world)
{
    begin(world,
          "  - {id: xyzzy, type: webhook, url: 'http://@http@/hook/own?status=503&until=3'}\n"
          "  - {id: other, type: webhook, url: 'http://@http@/hook/other', on: [undelivered]}\n"
          "ping_url: http://@http@/hook/ping");
    tick_at(world, 0);
    assert_non_null(strstr(e2e_post(world, "ping", 1), "/hook/ping "));
    assert_int_equal(undelivered(world), 0);
    set(world, "www", false);
    ticks(world, 1, 3);
    assert_int_equal(undelivered(world), 1);
    assert_non_null(
        strstr(e2e_read(world, "public/metrics.prom"), "\nuptick_alerts_undelivered 1\n"));
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "could not be delivered"));
    assert_null(strstr(e2e_read(world, "public/index.html"), "xyzzy"));
    e2e_uptick(world, "status", NULL);
    assert_non_null(strstr(world->last.out, "1 alert could not be delivered yet"));

    /* The third failed attempt. */
    world->clock = "2026-11-23 09:04:00";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "alert target xyzzy", "HTTP 503", "DOWN  shop/www", NULL);
    ticks(world, 5, 6);
    assert_int_equal(posts(world, "other"), 1);
    assert_string_equal(events_in(world, "other", 1), "began xyzzy");
    ticks(world, 7, 11);
    assert_int_equal(undelivered(world), 0);
    assert_int_equal(posts(world, "other"), 2);
    assert_int_equal(logged(world, ",sent,"), 3);
}

static void a_message_expires_after_a_day_and_the_end_is_sent(struct e2e *world)
{
    begin(world, "  - {id: own, type: webhook, url: 'http://@http@/hook/own?status=503&until=31'}\n"
                 "  - {id: other, type: webhook, url: 'http://@http@/hook/other', "
                 "on: [undelivered]}");
    tick_at(world, 0);
    set(world, "www", false);
    tick_at(world, 1);
    for (int i = 0; i < 40; i++) {
        world->clock =
            e2e_format(world, "2026-11-%02d %02d:02:00", 23 + (9 + i) / 24, (9 + i) % 24);
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
    }
    e2e_shell(world, "cat data/live/events.log data/archive/*/events.log | grep -c ,expired, | "
                     "grep -qx 1");

    /* That nothing waits any more does not show that the target works again. */
    assert_int_equal(posts(world, "other"), 1);
    set(world, "www", true);
    e2e_tick(world, "2026-11-25 03:00:00");
    world->clock = "2026-11-25 03:01:00";
    e2e_uptick(world, "tick", NULL);
    assert_true(posts(world, "own") >= 25 && posts(world, "own") < 31);
    assert_int_equal(posts(world, "other"), 1);
    for (int minute = 2; posts(world, "own") < 32 && minute < 400; minute++) {
        world->clock = e2e_format(world, "2026-11-25 %02d:%02d:00", 3 + minute / 60, minute % 60);
        e2e_uptick(world, "tick", NULL);
    }
    e2e_tick(world, "2026-11-25 12:00:00");
    e2e_tick(world, "2026-11-25 12:01:00");
    assert_int_equal(posts(world, "other"), 2);
    assert_string_equal(events_in(world, "other", 2), "ended own");
}

/* Each third attempt fails: standard error names the target once, and does not repeat all messages.
 */
static void many_failed_messages_are_printed_in_short(struct e2e *world)
{
    char *domains = e2e_format(world, "%s", "");
    const char *line;
    size_t n = 0;

    for (int i = 0; i < 30; i++)
        domains = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@/file/www?%d'}\n",
                             domains, i, i);
    set(world, "www", false);
    e2e_config(world, e2e_format(world,
                                 "defaults: {interval_seconds: 60}\n"
                                 "alerts:\n  - {id: own, type: webhook, "
                                 "url: 'http://@http@/hook/own?status=503'}\n"
                                 "sites:\n  - id: s\n    domains:\n%s",
                                 domains));
    ticks(world, 0, 2);
    world->clock = "2026-11-23 09:03:00";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "alert target own: 3 attempts failed (HTTP 503", "\nand more; see",
                 NULL);
    for (line = world->last.err; (line = strstr(line, "DOWN  s/d")); line++)
        n++;
    assert_int_equal(n, 20);
    line = strstr(world->last.err, "alert target");
    assert_null(strstr(line + 1, "alert target"));
}

static void hundreds_of_outages_are_one_message_for_people(struct e2e *world)
{
    char *domains = e2e_format(world, "%s", "");

    for (int i = 0; i < 600; i++)
        domains = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@/file/www?%d'}\n",
                             domains, i, i);
    set(world, "www", false);
    e2e_config(world, e2e_format(world,
                                 "max_per_host: 1000\n"
                                 "alerts:\n"
                                 "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
                                 "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat', "
                                 "format: slack}\n"
                                 "sites:\n  - id: s\n    domains:\n%s",
                                 domains));
    ticks(world, 0, 3);
    assert_int_equal(posts(world, "chat"), 1);
    assert_int_equal(posts(world, "own"), 600);
}

static void a_clock_that_was_set_back_delays_nothing(struct e2e *world)
{
    own_target(world, "?status=503&until=1", "");
    e2e_tick(world, "2026-11-26 09:00:00");
    set(world, "www", false);
    e2e_tick(world, "2026-11-26 09:01:00");
    assert_int_equal(posts(world, "own"), 1);
    ticks(world, 0, 2);
    assert_int_equal(posts(world, "own"), 2);
    set(world, "www", true);
    ticks(world, 3, 4);
    assert_int_equal(posts(world, "own"), 3);
}

/* A tick so many minutes after 2026-11-23 09:00:00. */
static void tick_after(struct e2e *world, long minutes)
{
    const time_t at = 1795424400 + minutes * 60;
    char clock[64];

    strftime(clock, sizeof clock, "%Y-%m-%d %H:%M:%S", gmtime(&at));
    world->clock = clock;
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 0);
}

/* How many ticks it takes until there are n messages, if the clock is `set` minutes ahead. */
static long ticks_until(struct e2e *world, const char *name, long first, long n, long max, long set)
{
    long minute = first;

    while (posts(world, name) < n && minute < first + max)
        tick_after(world, set + minute++);
    return minute - first;
}

/* Nothing waits longer than it would with a clock that goes on. A tick comes each minute, so the
 * step is known to a minute. */
static void a_clock_that_is_set_at_any_moment_delays_nothing(struct e2e *world)
{
    static const long steps[] = {-1, -5, -30, -6 * 60, -23 * 60, -24 * 60 - 30, -10 * 24 * 60,
                                 1,  60};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const char *name = e2e_format(world, "set%zu", i);
        bool ahead = steps[i] > 0;
        long waited;

        /* A message that failed at the minutes 1, 2 and 4 is tried again at 9 and at 24. */
        e2e_shell(world, "rm -rf data public");
        begin(world, e2e_format(world,
                                "  - {id: own, type: webhook, remind_after: [20m],\n"
                                "     url: 'http://@http@/hook/%s?status=503&until=4'}",
                                name));
        tick_after(world, 0);
        set(world, "www", false);
        for (long minute = 1; minute <= 10; minute++)
            tick_after(world, minute);
        assert_int_equal(posts(world, name), 4);
        waited = ticks_until(world, name, 11, 5, 30, steps[i]);
        e2e_check(ahead ? waited <= 14 : waited >= 13 && waited <= 15,
                  "step %ld: %ld ticks until the next attempt", steps[i], waited);
        assert_int_equal(logged(world, ",sent,"), 1);

        /* The reminder comes 20 minutes after the delivery. */
        tick_after(world, steps[i] + 11 + waited);
        waited = ticks_until(world, name, 12 + waited, 6, 40, 2 * steps[i]);
        e2e_check(ahead ? waited <= 20 : waited >= 18 && waited <= 20,
                  "step %ld: %ld ticks until the reminder", steps[i], waited);
        assert_string_equal(events_in(world, name, 6), "reminder shop/www");
    }
}

static void what_cannot_be_printed_is_printed_by_the_next_tick(struct e2e *world)
{
    begin(world, "  - {id: cron, type: print}");
    tick_at(world, 0);
    set(world, "www", false);
    world->clock = "2026-11-23 09:01:00";
    world->stdio = "/dev/full";
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 74);
    world->stdio = NULL;
    e2e_shell(world, "grep -q 'No space left on device' data/live/events.log");
    assert_non_null(strstr(printed_at(world, 2), "DOWN  shop/www"));
    assert_string_equal(printed_at(world, 3), "");
}

static void a_mail_server_gets_each_outage_as_one_thread(struct e2e *world)
{
    begin(world, "  - {id: ops, type: mail, server: 'smtp://@smtp@', tls: optional, "
                 "from: uptick@example.org, to: [ops@example.org], ca_file: ca.pem}");
    tick_at(world, 0);
    set(world, "www", false);
    tick_at(world, 1);
    set(world, "www", true);
    ticks(world, 2, 3);
    assert_non_null(strstr(e2e_mail(world, 1), "Auto-Submitted: auto-generated"));
    assert_non_null(strstr(e2e_mail(world, 1), "\nMessage-ID: <"));
    assert_non_null(strstr(e2e_mail(world, 2), "\nIn-Reply-To:\n <"));
    assert_false(e2e_exists(world, "mails/3"));
    assert_int_equal(logged(world, ",sent,"), 2);
}

static void a_sandboxed_tick_runs_the_command_of_a_target(struct e2e *world)
{
    char *script = e2e_path(world, "page-me");

    e2e_write(world, "page-me", e2e_format(world, "#!/bin/sh\ncat >>%s/paged\n", world->folder));
    chmod(script, 0755);
    begin(world, e2e_format(world, "  - {id: sms, type: command, command: [%s]}", script));
    tick_at(world, 0);
    set(world, "www", false);
    ticks(world, 1, 2);
    assert_non_null(strstr(e2e_read(world, "paged"), "\"began\""));
    assert_int_equal(logged(world, ",sent,"), 1);
}

static void a_time_without_ticks_is_sent_if_a_target_wants_it(struct e2e *world)
{
    own_target(world, "", ", on: [late_ticks]");
    ticks(world, 0, 1);
    tick_at(world, 10);
    tick_at(world, 11);
    assert_int_equal(posts(world, "own"), 1);
    assert_string_equal(events_in(world, "own", 1), "was ~ticks");
}

static void checks_that_people_record_are_sent_by_the_next_tick(struct e2e *world)
{
    own_target(world, "", "");
    tick_at(world, 0);
    set(world, "www", false);
    world->clock = "2026-11-23 09:00:30";
    e2e_uptick(world, "check", "--record", NULL);
    assert_int_equal(posts(world, "own"), 0);
    tick_at(world, 1);
    assert_int_equal(posts(world, "own"), 1);
}

static void the_command_alert_tests_lists_and_acknowledges(struct e2e *world)
{
    begin(world, "  - {id: good, type: webhook, url: 'http://@http@/hook/good'}\n"
                 "  - {id: bad, type: webhook, url: 'http://@http@/hook/bad?status=500'}");
    e2e_uptick(world, "alert", "test", "good", NULL);
    assert_int_equal(world->last.status, 0);
    assert_string_equal(world->last.out, "good  accepted: HTTP 200: ok\n");
    assert_true(json_is_true(json_object_get(payload(world, "good", 1), "test")));
    e2e_uptick(world, "alert", "test", NULL);
    assert_int_equal(world->last.status, 1);
    assert_non_null(strstr(world->last.out, "bad   failed: HTTP 500: ok\n"));
    assert_false(e2e_exists(world, "data"));
    e2e_uptick(world, "alert", "test", "none", NULL);
    assert_int_equal(world->last.status, 64);

    tick_at(world, 0);
    e2e_uptick(world, "alert", "list", NULL);
    e2e_silent(world, 0);
    set(world, "www", false);
    tick_at(world, 1);
    e2e_uptick(world, "alert", "list", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "good    sent     DOWN shop/www\n"));
    assert_non_null(strstr(world->last.out, "bad     waiting  DOWN shop/www\n"));
    assert_non_null(strstr(world->last.out, "bad     failed   DOWN shop/www\n    HTTP 500: ok\n"));
    e2e_uptick(world, "alert", "list", "--json", NULL);
    e2e_silent(world, 0);
    e2e_uptick(world, "alert", "ack", "shop/api", NULL);
    e2e_reported(world, 1, "shop/api: no open outage; nothing to acknowledge", NULL);
    e2e_uptick(world, "alert", "ack", "shop/none", NULL);
    e2e_reported(world, 64, "'shop/none' is neither the id of an event nor a domain", NULL);
    e2e_uptick(world, "alert", "ack", "shop/www/http@2026-11-23T08:00:00.000Z", NULL);
    e2e_reported(world, 1, "the event log has no such event", NULL);
    e2e_uptick(world, "alert", "ack", "shop/www", NULL);
    e2e_silent(world, 0);
    e2e_uptick(world, "alert", "ack", "shop/www", NULL);
    assert_string_equal(world->last.out, "shop/www: acknowledged already\n");
    e2e_uptick(world, "alert", NULL);
    assert_int_equal(world->last.status, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(without_configuration_a_tick_prints_what_begins_and_ends),
        E2E_TEST(each_outage_is_sent_once_and_its_end_with_the_same_id),
        E2E_TEST(people_get_one_message_and_programs_one_for_each_monitor),
        E2E_TEST(a_message_that_waits_is_not_tried_before_the_news),
        E2E_TEST(programs_do_not_wait_for_slow_checks),
        E2E_TEST_WITHIN_MINUTE(a_check_that_hangs_delays_no_alert_to_a_program),
        E2E_TEST(a_failed_message_is_tried_again_after_growing_waits),
        E2E_TEST(a_refused_message_waits_fifteen_minutes),
        E2E_TEST(a_busy_target_is_left_alone_for_as_long_as_it_wants),
        E2E_TEST(an_end_that_comes_before_its_begin_was_delivered_makes_one_message),
        E2E_TEST(a_tick_that_is_killed_after_the_acceptance_sends_the_same_key),
        E2E_TEST(a_message_in_place_of_another_one_has_its_id),
        E2E_TEST(a_signal_ends_what_is_being_sent_and_loses_nothing),
        E2E_TEST(a_lost_state_repeats_nothing),
        E2E_TEST(a_gap_sends_nothing),
        E2E_TEST(a_new_target_gets_what_lasts_and_not_what_is_over),
        E2E_TEST(a_target_gets_only_its_sites_and_kinds),
        E2E_TEST(quiet_hours_hold_messages_until_their_end),
        E2E_TEST(quiet_hours_hold_a_message_that_waits),
        E2E_TEST(a_message_that_waits_is_sent_in_quiet_hours_if_it_is_an_exception),
        E2E_TEST(reminders_repeat_until_somebody_acknowledges),
        E2E_TEST(an_outage_behind_another_one_is_not_sent),
        E2E_TEST(undelivered_messages_are_seen_everywhere),
        E2E_TEST(a_message_expires_after_a_day_and_the_end_is_sent),
        E2E_TEST(many_failed_messages_are_printed_in_short),
        E2E_TEST(hundreds_of_outages_are_one_message_for_people),
        E2E_TEST(a_clock_that_was_set_back_delays_nothing),
        E2E_TEST(a_clock_that_is_set_at_any_moment_delays_nothing),
        E2E_TEST(what_cannot_be_printed_is_printed_by_the_next_tick),
        E2E_TEST(a_mail_server_gets_each_outage_as_one_thread),
        E2E_TEST(a_sandboxed_tick_runs_the_command_of_a_target),
        E2E_TEST(a_time_without_ticks_is_sent_if_a_target_wants_it),
        E2E_TEST(checks_that_people_record_are_sent_by_the_next_tick),
        E2E_TEST(the_command_alert_tests_lists_and_acknowledges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
