/* Each kind of alert, each type of target, and what a person gets of each. */
#define _GNU_SOURCE
#include "alert_ticks.h"
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The certificate of the port tls-listed ends at this moment. It began 24 hours before, so WARN
 * comes 4 h 48 min and CRITICAL 1 h 41 min before it. */
static void use_certificate(struct e2e *world, const char *end)
{
    e2e_shell(world,
              "end=$(date -u -d '%s' +%%s) && echo $((end - 86400)) $end > tls-listed.new && "
              "mv tls-listed.new tls-listed",
              end);
}

/* The messages that a webhook got are valid by the schema that is published for it. */
static void check_schema(struct e2e *world, const char *name)
{
    for (long n = 1; n <= posts(world, name); n++)
        e2e_shell(world,
                  "sed '1,/^\r*$/d' posts/%s/%ld > body.json && "
                  "sh '%s/run.sh' schema public/alert.schema.json body.json > schema.out 2>&1 || "
                  "{ cat schema.out; exit 1; }",
                  name, n, getenv("MACHINES"));
}

static void a_certificate_is_sent_to_those_whose_sites_use_its_server(struct e2e *world)
{
    static const char *const expected[] = {"\"WARN\"", "\"CRITICAL\"", "\"UP\""};

    e2e_config(world,
               "defaults: {interval_seconds: 60}\n"
               "alerts:\n"
               "  - {id: uses, type: webhook, url: 'http://@http@/hook/uses', sites: [a]}\n"
               "  - {id: one, type: webhook, url: 'http://@http@/hook/one', sites: [a/www],"
               " on: [certificate]}\n"
               "  - {id: not, type: webhook, url: 'http://@http@/hook/not', sites: [b]}\n"
               "  - {id: never, type: webhook, url: 'http://@http@/hook/never', on: [down]}\n"
               "  - {id: cron, type: print}\n"
               "sites:\n"
               "  - id: a\n    domains:\n"
               "      - {id: www, url: 'https://@tls-listed@/ok', ca_file: ca.pem}\n"
               "      - {id: img, url: 'https://@tls-listed@/ok?img', ca_file: ca.pem}\n"
               "  - id: b\n    domains:\n"
               "      - {id: www, url: 'http://@http@/ok'}\n");
    use_certificate(world, "2026-11-23 13:00:00");
    assert_string_equal(printed_at(world, -60), "");
    assert_non_null(strstr(printed_at(world, -20), "WARN  certificate of 127.0.0.1:"));
    assert_non_null(strstr(world->last.out, " ends 2026-11-23"));
    assert_string_equal(printed_at(world, -19), "");
    assert_non_null(strstr(printed_at(world, 141), "CRITICAL certificate of 127.0.0.1:"));
    assert_string_equal(printed_at(world, 142), "");
    use_certificate(world, "2026-11-24 11:20:00");
    for (int minute = 143; minute < 147; minute++) {
        if (*printed_at(world, minute))
            break;
    }
    assert_non_null(strstr(world->last.out, "OK    certificate of 127.0.0.1:"));
    assert_non_null(strstr(world->last.out, " was renewed"));
    tick_at(world, 148);
    assert_int_equal(posts(world, "uses"), 3);
    assert_int_equal(posts(world, "one"), 3);
    check_schema(world, "uses");
    assert_int_equal(posts(world, "not"), 0);
    assert_int_equal(posts(world, "never"), 0);
    for (long n = 1; n <= 3; n++) {
        assert_non_null(strstr(e2e_post(world, "uses", n), expected[n - 1]));
        assert_memory_equal(key_of(world, "uses", 1), key_of(world, "uses", n),
                            strlen(key_of(world, "uses", 1)) - 1);
    }
}

/* www shows this file or delay, for a target that wants these kinds, and one that has none of them.
 */
static void show(struct e2e *world, const char *from, const char *on)
{
    e2e_config(world, e2e_format(world,
                                 "defaults: {interval_seconds: 60}\n"
                                 "alerts:\n"
                                 "  - {id: own, type: webhook, url: 'http://@http@/hook/%s', "
                                 "on: [%s]}\n"
                                 "  - {id: usual, type: webhook, url: 'http://@http@/hook/usual'}\n"
                                 "sites:\n  - id: shop\n    domains:\n"
                                 "      - {id: www, url: 'http://@http@%s', "
                                 "expect: {slow_ms: 1500}}\n",
                                 on, on, from));
}

/* The number of messages, and the kind of the last one. */
static void expect_kind(struct e2e *world, const char *hook, long n, const char *kind)
{
    json_t *event;

    assert_int_equal(posts(world, hook), n);
    if (n == 0)
        return;
    event = json_array_get(json_object_get(payload(world, hook, n), "events"), 0);
    assert_string_equal(e2e_text(event, "kind"), kind);
}

static void slow_and_bot_walls_are_sent_if_they_are_wanted(struct e2e *world)
{
    static const char wall[] = "HTTP/1.1 403 Forbidden\r\ncf-mitigated: challenge\r\n"
                               "Content-Length: 2\r\n\r\nno";
    static const struct {
        const char *on;
        bool slow, bot;
    } rows[] = {{"degraded", true, true}, {"slow", true, false}, {"bot", false, true}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *on = rows[i].on;
        long n = rows[i].slow;

        e2e_shell(world, "rm -rf data");
        set(world, "www", true);
        show(world, "/file/www", on);
        tick_at(world, 0);
        show(world, "/slow/4000", on);
        tick_at(world, 1);
        expect_kind(world, on, n, "slow");
        show(world, "/file/www", on);
        tick_at(world, 2);
        expect_kind(world, on, 2 * n, "slow");
        e2e_write(world, "www", wall);
        tick_at(world, 3);
        expect_kind(world, on, 2 * n + rows[i].bot, rows[i].bot ? "bot" : "slow");
        set(world, "www", true);
        tick_at(world, 4);
        expect_kind(world, on, 2 * n + 2 * rows[i].bot, rows[i].bot ? "bot" : "slow");
        assert_int_equal(posts(world, "usual"), 0);
    }
}

/* The first two outages are not flapping; a target that wants only that is sent the third one. */
static void flapping_is_sent_rarely_and_ends_with_the_present_state(struct e2e *world)
{
    begin(world, "  - {id: all, type: webhook, url: 'http://@http@/hook/all'}\n"
                 "  - {id: flap, type: webhook, url: 'http://@http@/hook/flap', on: [flapping]}");
    tick_at(world, 0);
    for (int minute = 1; minute <= 30; minute++) {
        set(world, "www", minute % 4 >= 2);
        tick_at(world, minute);
    }
    set(world, "www", true);

    /* Two outages and their ends, then the third one. */
    assert_int_equal(posts(world, "all"), 5);
    assert_string_equal(events_in(world, "all", 5), "began shop/www");
    assert_non_null(strstr(e2e_post(world, "all", 5), "3rd time in"));
    assert_int_equal(posts(world, "flap"), 1);
    ticks(world, 31, 70);
    assert_true(posts(world, "all") <= 7);
    assert_string_equal(events_in(world, "all", posts(world, "all")), "settled shop/www");
    assert_non_null(strstr(e2e_post(world, "all", posts(world, "all")), "\"state\": \"UP\""));
    assert_string_equal(events_in(world, "flap", posts(world, "flap")), "settled shop/www");
    for (long n = 2; n <= posts(world, "all"); n++)
        assert_memory_equal(key_of(world, "all", 1), key_of(world, "all", n),
                            strlen(key_of(world, "all", 1)) - 1);
    check_schema(world, "all");
}

static void the_last_reminder_repeats(struct e2e *world)
{
    static const int at[] = {3, 6, 11, 16, 21};
    long n = 1;

    own_target(world, "", ", remind_after: [2m, 5m]");
    set(world, "www", false);
    tick_at(world, 1);
    for (int minute = 2; minute <= 22; minute++) {
        tick_at(world, minute);
        for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
            n += at[i] == minute;
        e2e_check(posts(world, "own") == n, "minute %d: %ld posts", minute, posts(world, "own"));
    }
    check_schema(world, "own");
}

/* From 09:10 on, and no longer at 09:20. An exception is sent at any time. */
static void quiet_hours_begin_and_end_with_their_minute(struct e2e *world)
{
    static const struct {
        int minute;
        bool www;
        long held, except;
    } rows[] = {
        {0, true, 0, 0},  {9, false, 1, 1}, {10, true, 1, 1}, {11, false, 1, 2}, {12, true, 1, 2},
        {19, true, 1, 2}, {20, true, 2, 3}, {39, true, 2, 3}, {40, false, 3, 4}, {41, true, 4, 5},
    };

    begin(world, "  - {id: held, type: webhook, url: 'http://@http@/hook/held', "
                 "quiet: {from: '10:10', to: '10:20', zone: Europe/Berlin}}\n"
                 "  - {id: except, type: webhook, url: 'http://@http@/hook/except', "
                 "quiet: {from: '10:10', to: '10:20', zone: Europe/Berlin, except: [down]}}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set(world, "www", rows[i].www);
        tick_at(world, rows[i].minute);
        e2e_check(posts(world, "held") == rows[i].held && posts(world, "except") == rows[i].except,
                  "minute %d: %ld, %ld", rows[i].minute, posts(world, "held"),
                  posts(world, "except"));
    }

    /* Its begin is sent at once, its end when the quiet hours end. */
    set(world, "www", true);
    e2e_tick(world, "2026-11-24 09:09:00");
    set(world, "www", false);
    e2e_tick(world, "2026-11-24 09:10:00");
    assert_int_equal(posts(world, "held"), 4);
    assert_int_equal(posts(world, "except"), 6);
    set(world, "www", true);
    e2e_tick(world, "2026-11-24 09:11:00");
    e2e_tick(world, "2026-11-24 09:19:00");
    assert_int_equal(posts(world, "except"), 6);
    e2e_tick(world, "2026-11-24 09:20:00");
    assert_int_equal(posts(world, "held"), 4);
    assert_string_equal(events_in(world, "except", 7), "ended shop/www");
}

static void each_outage_is_a_thread_of_mails_and_a_summary_belongs_to_all(struct e2e *world)
{
    begin(world, "  - {id: ops, type: mail, server: 'smtp://@smtp@', from: uptick@example.org, "
                 "to: [ops@example.org], ca_file: ca.pem}");
    tick_at(world, 0);
    set(world, "www", false);
    tick_at(world, 1);
    set(world, "api", false);
    tick_at(world, 2);
    set(world, "www", true);
    set(world, "api", true);
    tick_at(world, 3);
    for (int n = 1; n <= 3; n++) {
        e2e_mail(world, n);
        e2e_shell(world,
                  "sed -n '/^Message-ID/{s/.*</</;p}' mails/%d > id%d; test -s id%d; "
                  "! grep -q 'LOGIN' mails/%d && grep -q '^TLS$' mails/%d",
                  n, n, n, n, n);
    }
    e2e_shell(world, "! grep -q In-Reply-To mails/1 && ! grep -q In-Reply-To mails/2 && "
                     "sed -n '/^References/,/^[A-Z]/p' mails/3 > all && grep -qFf id1 all && "
                     "grep -qFf id2 all && ! test -e mails/4");
}

static void each_type_of_target_can_be_tested(struct e2e *world)
{
    char *script = e2e_path(world, "page-me");

    e2e_write(world, "page-me", e2e_format(world, "#!/bin/sh\ncat >%s/paged\n", world->folder));
    chmod(script, 0755);
    e2e_write(world, "mail-me", e2e_format(world, "#!/bin/sh\ncat >%s/mailed\n", world->folder));
    chmod(e2e_path(world, "mail-me"), 0755);
    begin(world,
          e2e_format(world,
                     "  - {id: a, type: print}\n"
                     "  - {id: f, type: sendmail, command: ['@folder@/mail-me'], "
                     "from: uptick@example.org, to: [root]}\n"
                     "  - {id: bb, type: mail, server: 'smtp://@smtp@', ca_file: ca.pem, "
                     "from: uptick@example.org, to: [ops@example.org]}\n"
                     "  - {id: ccc, type: command, command: [%s]}\n"
                     "  - {id: d, type: webhook, url: 'http://@http@/hook/d', format: slack}\n"
                     "  - {id: e, type: webhook, url: 'http://@http@/hook/e', "
                     "format: pagerduty, token: k}\n",
                     script));

    /* Neither reading nor validating the configuration sends anything. */
    e2e_uptick(world, "validate", NULL);
    e2e_silent(world, 0);
    assert_false(e2e_exists(world, "posts") || e2e_exists(world, "mails/1") ||
                 e2e_exists(world, "paged"));
    assert_null(strstr(world->last.out, "TEST"));
    e2e_uptick(world, "alert", "test", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "This is a test message of uptick"));
    assert_non_null(strstr(world->last.out, "\nbb   accepted: "));
    assert_non_null(strstr(world->last.out, "\nccc  accepted"));
    assert_non_null(strstr(world->last.out, "\nd    accepted: HTTP 200: ok\n"));
    assert_non_null(strstr(world->last.out, "\ne    accepted: HTTP 200: ok\n"));
    assert_non_null(strstr(e2e_mail(world, 1), "\nSubject: TEST: DOWN uptick/test"));
    assert_non_null(strstr(e2e_read(world, "paged"), "\"test\": true"));
    assert_non_null(strstr(world->last.out, "\nf    accepted"));
    assert_non_null(strstr(e2e_read(world, "mailed"), "\nSubject: TEST: DOWN uptick/test"));
    assert_non_null(strstr(e2e_post(world, "d", 1), "TEST: "));
    assert_non_null(strstr(e2e_post(world, "e", 2), "\"resolve\""));
    assert_false(e2e_exists(world, "data"));
}

/* As it is in the contract of alerts, with the variables set and the files there. */
static void all_types_of_targets_together_are_a_valid_configuration(struct e2e *world)
{
    e2e_config(world,
               "sites:\n"
               "  - {id: shop, domains: [{id: www, url: 'http://@http@/ok'}]}\n"
               "  - {id: api, domains: [{id: v2, url: 'http://@http@/ok', depends_on: shop/www}]}\n"
               "ping_url: https://hc.example/uuid\n"
               "alerts:\n"
               "  - {id: cron, type: print}\n"
               "  - id: ops\n"
               "    type: mail\n"
               "    server: smtps://mail.example.org        # smtp:// uses STARTTLS\n"
               "    username: uptick\n"
               "    password: \"${SMTP_PASSWORD}\"\n"
               "    from: uptick@example.org\n"
               "    to: [ops@example.org]\n"
               "    sites: [shop, api/v2]                   # default: all\n"
               "    on: [down, up, certificate, local_network, undelivered]\n"
               "    remind_after: [1h, 4h, 24h]             # the last repeats; default none\n"
               "    quiet: {from: \"22:00\", to: \"07:00\", zone: Europe/Berlin, except: [down]}\n"
               "  - {id: chat, type: webhook, url: \"${SLACK_URL}\", format: slack}\n"
               "  - {id: pager, type: webhook, url: \"https://events.pagerduty.com/v2/enqueue\", "
               "format: pagerduty, token: \"${PD_KEY}\"}\n"
               "  - {id: own, type: webhook, url: \"https://hooks.example/uptick\", "
               "secret: \"${HOOK_SECRET}\", ca_file: ca.pem}\n"
               "  - {id: sms, type: command, command: [/bin/true, \"+49…\"]}\n");
    e2e_uptick(world, "validate", NULL);
    e2e_reported(world, 78, "SMTP_PASSWORD", "SLACK_URL", "PD_KEY", "HOOK_SECRET", NULL);
    setenv("SMTP_PASSWORD", "x", 1);
    setenv("SLACK_URL", "https://hooks.slack.com/services/x", 1);
    setenv("PD_KEY", "x", 1);
    setenv("HOOK_SECRET", "x", 1);
    e2e_uptick(world, "validate", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "sed -i 's/undelivered]/maintenance, note]/' uptick.yaml");
    e2e_uptick(world, "validate", NULL);
    e2e_reported(world, 78, "on: expected any of down, up, ", "got 'maintenance'", "got 'note'",
                 NULL);
}

/* The moment of the first event in the log that has these texts, in ms. */
static long long moment_of(struct e2e *world, const char *scope, const char *change)
{
    e2e_shell(world,
              "line=$(grep -m 1 ',%s,%s,' data/live/events.log) && "
              "date -u -d \"${line%%%%,*}\" +%%s%%3N > moment",
              scope, change);
    return strtoll(e2e_read(world, "moment"), NULL, 10);
}

/* From the start of the check that confirms an outage until its message was accepted. */
static void a_confirmed_outage_is_sent_within_seconds(struct e2e *world)
{
    static const struct {
        const char *scope;
        int timeout_ms;
    } rows[] = {{"s/refused", 0}, {"s/broken", 0}, {"s/hangs", 1000}};

    e2e_config(world, "alerts:\n"
                      "  - {id: own, type: webhook, url: 'http://@http@/hook/own'}\n"
                      "  - {id: cron, type: print}\n"
                      "defaults: {confirm: {recheck_seconds: [1, 2]}}\n"
                      "sites:\n  - id: s\n    domains:\n"
                      "      - {id: refused, url: 'http://@refused@/'}\n"
                      "      - {id: broken, url: 'http://@http@/status/500'}\n"
                      "      - {id: hangs, url: 'http://@http@/hang', timeout_seconds: 1}\n"
                      "      - {id: ok, url: 'http://@http@/ok'}\n");
    assert_non_null(strstr(printed_at(world, 0), "3 down\n"));
    assert_int_equal(posts(world, "own"), 3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        long long ms = moment_of(world, rows[i].scope, "sent") -
                       moment_of(world, rows[i].scope, "confirmed") - rows[i].timeout_ms;

        print_message("%s: accepted %lld ms after its last check\n", rows[i].scope, ms);
        assert_in_range(ms, 0, 15000);
    }
}

/* Those that were never sent are one message when the state is lost; what was sent is not repeated.
 */
static void after_a_lost_state_open_outages_that_were_not_sent_are_one_message(struct e2e *world)
{
    begin(world,
          "  - {id: cron, type: print}\n"
          "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat?status=503&until=99', "
          "format: slack}");
    tick_at(world, 0);
    set(world, "www", false);
    assert_non_null(strstr(printed_at(world, 1), "DOWN  shop/www"));
    set(world, "api", false);
    assert_non_null(strstr(printed_at(world, 2), "DOWN  shop/api"));
    e2e_shell(world, "rm data/state.db* && rm -r posts");

    /* The same target, at a place that accepts. */
    config(world, "  - {id: cron, type: print}\n"
                  "  - {id: chat, type: webhook, url: 'http://@http@/hook/late', format: slack}");
    world->clock = clock_at(world, 90);
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 0);
    assert_string_equal(world->last.out, "");
    ticks(world, 91, 93);
    assert_int_equal(posts(world, "late"), 1);
    assert_non_null(strstr(e2e_post(world, "late", 1), "shop/www since 09:01:0"));
    assert_non_null(strstr(e2e_post(world, "late", 1), "shop/api since 09:02:0"));
}

/* A summary goes to standard error once, after the third failed attempt. Then ping_url ends with
 * /fail, until all is delivered. */
static void a_summary_that_fails_three_times_is_printed_once(struct e2e *world)
{
    int printed = 0;

    begin(world, "  - {id: chat, type: webhook, url: "
                 "'http://@http@/hook/chat?status=503&until=4', format: slack}\n"
                 "ping_url: http://@http@/hook/ping");
    set(world, "www", false);
    set(world, "api", false);
    for (int minute = 0; minute <= 9; minute++) {
        world->clock = clock_at(world, minute);
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
        assert_string_equal(world->last.out, "");
        if (!*world->last.err)
            continue;
        assert_int_equal(minute, 3);
        assert_non_null(strstr(world->last.err, "alert target chat: 3 attempts failed (HTTP 503"));
        assert_non_null(strstr(world->last.err, "2 down\n"));
        assert_non_null(strstr(world->last.err, "DOWN  shop/api"));
        assert_null(strstr(world->last.err, "http://"));
        printed++;
    }
    assert_int_equal(printed, 1);
    assert_non_null(strstr(e2e_post(world, "ping/fail", 9), "/hook/ping/fail "));
    assert_int_equal(posts(world, "ping"), 1);
    ticks(world, 20, 24);
    assert_int_equal(undelivered(world), 0);
    assert_int_equal(posts(world, "ping/fail"), 13);
    assert_int_equal(posts(world, "ping"), 2);
    assert_null(strstr(e2e_read(world, "public/index.html"), "could not be delivered"));
}

static void a_ping_url_may_end_with_a_slash(struct e2e *world)
{
    begin(world, "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat?status=503'}\n"
                 "ping_url: http://@http@/hook/ping/");
    set(world, "www", false);
    for (int minute = 0; minute <= 4; minute++) {
        world->clock = clock_at(world, minute);
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
    }
    assert_non_null(strstr(e2e_post(world, "ping/fail", 1), "/hook/ping/fail "));
}

/* People see in the foot of each page that messages wait, also without script; not of whom. */
static void the_foot_of_each_page_counts_what_is_undelivered(struct e2e *world)
{
    static const char *const pages[] = {"index.html", "site/shop.html"};

    begin(world, "  - {id: xyzzy, type: webhook, url: 'http://@http@/hook/own?status=503'}\n"
                 "public_url: https://status.example/");
    set(world, "www", false);
    set(world, "api", false);
    ticks(world, 0, 1);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        const char *page = e2e_read(world, e2e_format(world, "public/%s", pages[i]));

        assert_non_null(strstr(page, "2 alerts could not be delivered yet"));
        assert_null(strstr(page, "xyzzy"));
        if (system("command -v w3m > /dev/null") == 0)
            e2e_shell(world, "w3m -dump public/%s | grep -q '2 alerts could not be delivered yet'",
                      pages[i]);
    }
    e2e_shell(world, "! grep -rl xyzzy public");
    assert_int_equal(undelivered(world), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_certificate_is_sent_to_those_whose_sites_use_its_server),
        E2E_TEST(slow_and_bot_walls_are_sent_if_they_are_wanted),
        E2E_TEST(flapping_is_sent_rarely_and_ends_with_the_present_state),
        E2E_TEST(the_last_reminder_repeats),
        E2E_TEST(quiet_hours_begin_and_end_with_their_minute),
        E2E_TEST(each_outage_is_a_thread_of_mails_and_a_summary_belongs_to_all),
        E2E_TEST(each_type_of_target_can_be_tested),
        E2E_TEST(a_confirmed_outage_is_sent_within_seconds),
        E2E_TEST(after_a_lost_state_open_outages_that_were_not_sent_are_one_message),
        E2E_TEST(a_summary_that_fails_three_times_is_printed_once),
        E2E_TEST(a_ping_url_may_end_with_a_slash),
        E2E_TEST(the_foot_of_each_page_counts_what_is_undelivered),
        E2E_TEST(all_types_of_targets_together_are_a_valid_configuration),
    };

    return cmocka_run_group_tests_name("alert_kinds", tests, NULL, NULL);
}
