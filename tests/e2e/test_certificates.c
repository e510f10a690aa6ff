/* Certificates that end soon: one event when each limit is crossed, and one when they are renewed.
 * The server's certificates are lines of "tls-listed" (tests/server/awkward.h). */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* 2026-03-01 00:00:00 UTC, where each test begins. */
static const long long begin = 1772323200;

static const char one_domain[] = "sites:\n"
                                 "  - id: shop\n"
                                 "    domains:\n"
                                 "      - id: www\n"
                                 "        url: https://@tls-listed@/ok\n"
                                 "        ca_file: ca.pem\n"
                                 "        interval_seconds: 60\n"
                                 "        confirm: {recheck_seconds: []}\n";

/* Sets the certificate of the server: valid from `begin` for this long. */
static void use_certificate(struct e2e *world, long long from, long long lifetime)
{
    e2e_write(world, "tls-listed", e2e_format(world, "%lld %lld\n", from, from + lifetime));
}

static void tick_at(struct e2e *world, long long seconds)
{
    time_t at = (time_t)(begin + seconds);
    struct tm utc;
    char clock[32];

    gmtime_r(&at, &utc);
    strftime(clock, sizeof clock, "%Y-%m-%d %H:%M:%S", &utc);
    e2e_tick(world, e2e_format(world, "%s", clock));
}

/* All events about certificates, one line each: "change STATE seconds detail"; seconds since
 * `begin`. The scope must be that of the port. */
static char *events(struct e2e *world)
{
    static const char *const changes[] = {"opened", "confirmed", "reason_changed", "recovering",
                                          "closed"};
    static const char *const states[] = {"UP", "SUSPECT", "DOWN", "RECOVERING", "WARN", "CRITICAL"};
    sqlite3 *state = state_open(world, "data/state.db", SQLITE_OPEN_READONLY);
    sqlite3_stmt *list = state_prepare(
        state,
        "SELECT change, state, at_ms, detail, scope FROM ("
        "SELECT 0 AS place, number, at_ms, scope, \"check\", change, state, detail FROM event"
        " UNION ALL"
        " SELECT 1, number, at_ms, scope, \"check\", change, state, detail FROM staged_event)"
        " WHERE \"check\" = 3 ORDER BY place, number");
    char *text = e2e_format(world, "%s", "");

    while (sqlite3_step(list) == SQLITE_ROW)
        text = e2e_format(world, "%s%s %s %lld %s\n", text, changes[sqlite3_column_int(list, 0)],
                          states[sqlite3_column_int(list, 1)],
                          (long long)sqlite3_column_int64(list, 2) / 1000 - begin,
                          sqlite3_column_text(list, 3));
    sqlite3_finalize(list);
    sqlite3_close(state);
    return text;
}

/* The events are these, without the fingerprints, which are 64 letters and digits. */
static void expect_events(struct e2e *world, const char *expected)
{
    char *all = events(world), *plain = e2e_format(world, "%s", all), *to = plain;

    for (const char *at = all; *at;) {
        size_t hex = strspn(at, "0123456789abcdef");

        if (hex == 64) {
            at += hex;
            *to++ = '*';
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    e2e_check(strcmp(plain, expected) == 0, "events:\n%sexpected:\n%s", plain, expected);
}

/* A certificate of each lifetime of the manual crosses both limits, and is renewed. */
static void each_limit_is_reported_once_and_so_is_the_renewal(struct e2e *world)
{
    static const struct {
        long long lifetime, warn, critical; /* time left, in seconds */
        const char *warn_left, *critical_left;
    } rows[] = {
        {24 * HOUR, 17280, 6048, "4 hours", "100 minutes"},
        {6 * DAY + 60480, 115776, 40521, "32 hours", "11 hours"},
        {47 * DAY, 812160, 284256, "9 days", "3 days"},
        {90 * DAY, 18 * DAY, 544320, "17 days", "6 days"},
        {398 * DAY, 30 * DAY, 7 * DAY, "29 days", "6 days"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        long long end = rows[i].lifetime, renewed = end - MINUTE;
        char date[32];
        time_t until = (time_t)(begin + end);
        struct tm utc;

        gmtime_r(&until, &utc);
        strftime(date, sizeof date, "%Y-%m-%d", &utc);
        e2e_shell(world, "rm -rf data public");
        e2e_config(world, one_domain);
        use_certificate(world, begin, rows[i].lifetime);
        tick_at(world, MINUTE);
        tick_at(world, end - rows[i].warn - MINUTE);
        expect_events(world, "");
        tick_at(world, end - rows[i].warn);
        tick_at(world, end - rows[i].warn + MINUTE);
        tick_at(world, end - rows[i].critical - MINUTE);
        tick_at(world, end - rows[i].critical + 1);
        tick_at(world, end - rows[i].critical + 1 + MINUTE);
        tick_at(world, renewed - MINUTE);
        use_certificate(world, begin + renewed, rows[i].lifetime);
        for (int j = 0; j < 6; j++)
            tick_at(world, renewed + j * MINUTE);
        expect_events(
            world,
            e2e_format(world,
                       "opened WARN %lld * ends %s, in %s; subject awkward, issuer Awkward "
                       "authority\n"
                       "reason_changed CRITICAL %lld * ends %s, in %s; subject awkward, issuer "
                       "Awkward authority\n"
                       "closed UP %lld renewed\n",
                       end - rows[i].warn, date, rows[i].warn_left, end - rows[i].critical + 1,
                       date, rows[i].critical_left, renewed + 2 * MINUTE));
    }
}

/* Two sites use the server, by 50 URLs: one warning. The clock is 10 days before the end. */
static void fifty_urls_of_a_host_are_one_warning(struct e2e *world)
{
    char *yaml = e2e_format(world, "defaults: {interval_seconds: 60, ca_file: ca.pem}\nsites:\n"
                                   "  - id: shop\n    domains:\n");
    json_t *certificates, *one;
    char *index, *page, *metrics;

    for (int i = 0; i < 50; i++)
        yaml = e2e_format(world, "%s      - {id: d%d, url: 'https://@tls-listed@/ok?%d'}\n", yaml,
                          i, i);
    yaml = e2e_format(world,
                      "%s  - id: other\n    domains:\n"
                      "      - {id: www, url: 'https://@tls-listed@/ok'}\n",
                      yaml);
    e2e_config(world, yaml);
    e2e_write(world, "tls-listed",
              e2e_format(world, "%lld %lld %lld\n", begin, begin + 90 * DAY, begin + 60 * DAY));
    tick_at(world, 50 * DAY);
    tick_at(world, 50 * DAY + MINUTE);
    expect_events(world,
                  "opened WARN 4320000 * ends 2026-04-30, in 9 days; subject awkward, issuer "
                  "Awkward middle; the certificate of Awkward middle ends first\n");

    certificates = json_object_get(e2e_status(world), "certificates");
    assert_int_equal(json_array_size(certificates), 1);
    one = json_array_get(certificates, 0);
    assert_string_equal(e2e_text(one, "host"), "127.0.0.1");
    assert_int_equal(json_integer_value(json_object_get(one, "port")),
                     e2e_port(world, "tls-listed"));
    assert_string_equal(e2e_text(one, "state"), "WARN");
    assert_string_equal(e2e_text(one, "not_after"), "2026-04-30T00:00:00Z");
    assert_string_equal(e2e_text(one, "subject"), "awkward");
    assert_string_equal(e2e_text(one, "issuer"), "Awkward middle");
    assert_int_equal(strlen(e2e_text(one, "fingerprint")), 64);
    assert_int_equal(json_array_size(json_object_get(one, "domains")), 51);
    assert_int_equal(json_array_size(json_object_get(one, "chain")), 2);

    index = e2e_read(world, "public/index.html");
    assert_non_null(strstr(index, e2e_expand(world, "Certificate of @tls-listed@ ends on 30 Apr "
                                                    "(9 days), with that of its issuer Awkward "
                                                    "middle<")));
    assert_null(strstr(strstr(index, "Certificate of") + 1, "Certificate of"));
    page = e2e_read(world, "public/site/other.html");
    assert_non_null(strstr(page, "Certificate of"));
    assert_non_null(strstr(page, "issued by <bdi>Awkward authority</bdi>"));
    metrics = e2e_read(world, "public/metrics.prom");
    assert_non_null(strstr(
        metrics,
        e2e_format(
            world,
            "uptick_certificate_not_after_timestamp_seconds{host=\"127.0.0.1\",port=\"%d\"} %lld\n",
            e2e_port(world, "tls-listed"), begin + 60 * DAY)));
}

/* The new certificate ends soon too. It is another condition. The log is followed through both. */
static void a_renewal_that_also_ends_soon_is_another_warning(struct e2e *world)
{
    static const char expected[] =
        "opened CRITICAL 7344000 * ends 2026-05-30, in 4 days; subject awkward, issuer Awkward "
        "authority\nclosed UP 7344180 renewed\n"
        "opened WARN 7344180 * ends 2026-06-09, in 14 days; subject awkward, issuer Awkward "
        "authority\n";

    e2e_config(world, one_domain);
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, 85 * DAY);
    use_certificate(world, begin, 100 * DAY);
    for (int i = 1; i < 6; i++)
        tick_at(world, 85 * DAY + i * MINUTE);
    expect_events(world, expected);
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            e2e_shell(world, "rm data/state.db*");
        world->clock = e2e_format(world, "2026-05-25 00:0%d:00", 6 + i);
        e2e_uptick(world, i == 0 ? "tick" : "rebuild", NULL);
        assert_int_equal(world->last.status, 0);
        tick_at(world, 85 * DAY + (7 + i) * MINUTE);
        expect_events(world, expected);
    }
    use_certificate(world, begin + 85 * DAY, 90 * DAY);
    for (int i = 9; i < 13; i++)
        tick_at(world, 85 * DAY + i * MINUTE);
    expect_events(world, e2e_format(world, "%sclosed UP 7344660 renewed\n", expected));
}

/* A page names ten certificates, and counts the others. */
static void more_than_ten_notices_are_counted(struct e2e *world)
{
    enum { DOMAINS = 12 };
    char *yaml = "";

    use_certificate(world, begin, 90 * DAY);
    for (int i = 0; i < DOMAINS; i++) {
        yaml = e2e_format(world,
                          "%s      - {id: d%d, url: 'https://shop.example:%d/ok', "
                          "address: '127.0.0.1:%d'}\n",
                          yaml, i, 1001 + i, e2e_port(world, "tls-listed"));
        if (i < DOMAINS - 2)
            continue;
        e2e_config(world, e2e_format(world,
                                     "defaults: {interval_seconds: 60, ca_file: ca.pem}\nsites:\n"
                                     "  - id: shop\n    domains:\n%s",
                                     yaml));
        tick_at(world, 80 * DAY + i * MINUTE);
        assert_non_null(strstr(e2e_read(world, "public/site/shop.html"),
                               i == DOMAINS - 1 ? ">2 more certificates end soon<"
                                                : ">1 more certificate ends soon<"));
    }
}

/* Hosts have no case. */
static void a_host_in_capitals_is_the_same_server(struct e2e *world)
{
    e2e_config(world, "defaults: {interval_seconds: 60, ca_file: ca.pem}\nsites:\n  - id: shop\n"
                      "    domains:\n"
                      "      - {id: a, url: 'https://localhost@:tls-listed@/ok'}\n"
                      "      - {id: b, url: 'https://LOCALHOST@:tls-listed@/ok'}\n");
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, 80 * DAY);
    expect_events(world,
                  "opened WARN 6912000 * ends 2026-05-30, in 9 days; subject awkward, issuer "
                  "Awkward authority\n");
    assert_int_equal(json_array_size(json_object_get(e2e_status(world), "certificates")), 1);
}

/* Back ends that take turns, one of which ends soon: one warning, and none while they do. */
static void back_ends_that_take_turns_do_not_alternate(struct e2e *world)
{
    e2e_config(world, one_domain);
    e2e_write(world, "tls-listed",
              e2e_format(world, "%lld %lld\n%lld %lld\n", begin, begin + 90 * DAY, begin,
                         begin + 300 * DAY));
    for (int i = 0; i < 30; i++)
        tick_at(world, 80 * DAY + i * MINUTE);
    use_certificate(world, begin + 80 * DAY, 90 * DAY);
    for (int i = 30; i < 40; i++)
        tick_at(world, 80 * DAY + i * MINUTE);
    expect_events(world,
                  "opened WARN 6912000 * ends 2026-05-30, in 9 days; subject awkward, issuer "
                  "Awkward authority\nclosed UP 6913860 renewed\n");
}

/* One check a day: the first time a certificate seems to be renewed, but not again. */
static void back_ends_that_are_checked_daily_alternate_once(struct e2e *world)
{
    e2e_config(world, one_domain);
    e2e_write(world, "tls-listed",
              e2e_format(world, "%lld %lld\n%lld %lld\n", begin, begin + 90 * DAY, begin,
                         begin + 300 * DAY));
    for (int i = 0; i < 9; i++)
        tick_at(world, 73 * DAY + i * (DAY + HOUR));
    expect_events(world,
                  "opened WARN 6307200 * ends 2026-05-30, in 16 days; subject awkward, issuer "
                  "Awkward authority\nclosed UP 6397200 renewed\n"
                  "opened WARN 6487200 * ends 2026-05-30, in 14 days; subject awkward, issuer "
                  "Awkward authority\n");
}

/* The critical limit is crossed while no tick runs. Then it expires, and the endpoint is DOWN. */
static void an_expired_certificate_is_down_and_no_further_event(struct e2e *world)
{
    struct csv rows;

    e2e_config(world, one_domain);
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, 89 * DAY);
    tick_at(world, 91 * DAY);
    tick_at(world, 91 * DAY + MINUTE);
    expect_events(world, "opened CRITICAL 7689600 * ends 2026-05-30, in 23 hours; subject awkward, "
                         "issuer Awkward authority\n");
    rows = e2e_rows(world, "shop/www");
    assert_int_equal(rows.n, 3);
    assert_string_equal(rows.rows[0].field[STATUS], "UP");
    assert_string_equal(rows.rows[1].field[STATUS], "DOWN");
    assert_string_equal(rows.rows[1].field[FAILURE], "tls: certificate expired on 2026-05-30");
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "ended on 30 May<"));
}

/* A clock that is ahead for one tick warns early. It warns no second time. */
static void a_clock_that_jumps_causes_one_warning(struct e2e *world)
{
    e2e_config(world, one_domain);
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, DAY);
    tick_at(world, 80 * DAY);
    for (int i = 1; i < 6; i++)
        tick_at(world, DAY + i * MINUTE);
    assert_null(strstr(e2e_read(world, "public/index.html"), "Certificate of"));
    tick_at(world, 80 * DAY + MINUTE);
    expect_events(world,
                  "opened WARN 6912000 * ends 2026-05-30, in 9 days; subject awkward, issuer "
                  "Awkward authority\n");
}

/* A warning is in the event log. A rebuild, and a tick without state.db, follow it. */
static void a_warning_is_not_repeated_after_a_rebuild(struct e2e *world)
{
    static const char *const damage[] = {"true", "rm data/state.db*", "echo > data/state.db"};
    char *log;

    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        e2e_shell(world, "rm -rf data public");
        e2e_config(world, one_domain);
        use_certificate(world, begin, 90 * DAY);
        tick_at(world, 80 * DAY);
        e2e_shell(world, "%s", damage[i]);
        world->clock = "2026-05-20 00:01:00";
        if (i == 0) {
            e2e_uptick(world, "rebuild", NULL);
            assert_int_equal(world->last.status, 0);
        }
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
        tick_at(world, 84 * DAY);
        use_certificate(world, begin + 84 * DAY, 90 * DAY);
        for (int j = 1; j < 5; j++)
            tick_at(world, 84 * DAY + j * MINUTE);
        expect_events(world,
                      "opened WARN 6912000 * ends 2026-05-30, in 9 days; subject awkward, "
                      "issuer Awkward authority\n"
                      "reason_changed CRITICAL 7257600 * ends 2026-05-30, in 5 days; subject "
                      "awkward, issuer Awkward authority\n"
                      "closed UP 7257780 renewed\n");
        e2e_shell(world, "cat data/archive/*/events.log data/live/events.log >all.log");
        log = e2e_read(world, "all.log");
        assert_non_null(strstr(log, e2e_expand(world, "@tls-listed@/certificate@2026-05-20")));
        assert_null(strstr(log, "certificate@2026-05-24"));
    }
}

/* The command check prints the chain, and stores it only with --record. */
static void check_prints_the_chain(struct e2e *world)
{
    json_t *report, *certificates, *one;

    e2e_config(world, "sites:\n  - id: shop\n    domains:\n      - {id: www, ca_file: ca.pem, url: "
                      "'https://@tls-listed@/redirect-tls/tls'}\n");
    e2e_write(world, "tls-listed",
              e2e_format(world, "%lld %lld %lld\n", begin, begin + 90 * DAY, begin + 80 * DAY));
    world->clock = "2026-05-10 00:00:00";
    e2e_uptick(world, "-v", "check", NULL);
    e2e_check(
        strstr(world->last.out,
               e2e_expand(
                   world,
                   "    certificate of @tls-listed@: subject awkward, issuer Awkward middle, ends "
                   "2026-05-30T00:00:00Z, in 19 days\n"
                   "      of its issuer: subject Awkward middle, issuer Awkward authority, ends "
                   "2026-05-20T00:00:00Z, in 9 days\n"
                   "    certificate of @tls@: subject awkward, issuer Awkward authority, ends "
                   "2099-01-01T00:00:00Z, in ")),
        "printed: %s", world->last.out);
    e2e_uptick(world, "check", NULL);
    assert_null(strstr(world->last.out, "certificate"));
    e2e_uptick(world, "check", "--json", "--record", NULL);
    report = json_loads(world->last.out, 0, NULL);
    certificates = json_object_get(
        json_object_get(
            json_array_get(
                json_object_get(json_array_get(json_object_get(report, "sites"), 0), "domains"), 0),
            "check"),
        "certificates");
    assert_int_equal(json_array_size(certificates), 2);
    one = json_array_get(certificates, 0);
    assert_int_equal(json_integer_value(json_object_get(one, "days_left")), 9);
    assert_string_equal(e2e_text(one, "not_after"), "2026-05-20T00:00:00Z");
    assert_int_equal(json_array_size(json_object_get(one, "chain")), 2);
    json_decref(report);
    expect_events(world,
                  "opened WARN 6048000 * ends 2026-05-20, in 9 days; subject awkward, issuer "
                  "Awkward middle; the certificate of Awkward middle ends first\n");
}

/* The host is the value of a variable. Its certificate also has it as its subject. */
static void a_secret_host_is_shown_by_its_name(struct e2e *world)
{
    char *all;

    world->environment = "SECRET_HOST=localhost";
    e2e_config(world, "sites:\n  - id: shop\n    domains:\n      - {id: www, interval_seconds: 60, "
                      "ca_file: ca.pem, url: 'https://${SECRET_HOST}@:tls-listed@/ok'}\n"
                      "      - {id: to, interval_seconds: 60, ca_file: ca.pem, "
                      "url: 'http://@http@/redirect-host/tls-listed'}\n");
    e2e_write(world, "tls-listed",
              e2e_format(world, "%lld %lld 0 localhost\n", begin, begin + 90 * DAY));
    tick_at(world, 80 * DAY);
    tick_at(world, 80 * DAY + 2 * HOUR);
    e2e_shell(world, "cat data/*/events.log data/archive/*/events.log public/*.html public/*/* "
                     "public/status.json public/metrics.prom >all");
    all = e2e_read(world, "all");
    assert_null(strstr(all, "localhost"));
    assert_non_null(strstr(all, "subject ${SECRET_HOST}, issuer"));
    assert_non_null(strstr(all, "{\"host\": \"${SECRET_HOST}\", \"port\": "));
    assert_non_null(strstr(all, "Certificate of ${SECRET_HOST}:"));
    assert_non_null(strstr(all, "{host=\"${SECRET_HOST}\",port=\""));
    e2e_uptick(world, "-v", "check", NULL);
    assert_null(strstr(world->last.out, "localhost"));
}

/* Names of certificates are hostile text. */
static void hostile_names_are_harmless(struct e2e *world)
{
    e2e_config(world, one_domain);
    e2e_write(world, "tls-listed",
              e2e_format(world, "%lld %lld 0 <b>\"x\"&,\x1b[1m{{y}}\n", begin, begin + 90 * DAY));
    tick_at(world, 80 * DAY);
    assert_non_null(strstr(events(world), "subject <b>\"x\"&, [1m{{y}}, issuer"));
    assert_non_null(
        strstr(e2e_read(world, "public/site/shop.html"), "&lt;b&gt;&quot;x&quot;&amp;, [1m{{y}}"));
    assert_string_equal(
        e2e_text(json_array_get(json_object_get(e2e_status(world), "certificates"), 0), "subject"),
        "<b>\"x\"&, [1m{{y}}");
    tick_at(world, 80 * DAY + 2 * HOUR);
}

/* A steady tick changes nothing in the table, and a page changes only where it shows its time. */
static void a_steady_certificate_is_written_once(struct e2e *world)
{
    sqlite3_stmt *get;
    sqlite3 *state;
    sqlite3_int64 seen[2];

    e2e_config(world, one_domain);
    use_certificate(world, begin, 90 * DAY);
    for (int i = 0; i < 3; i++) {
        tick_at(world, 80 * DAY + (i == 2 ? 3 * HOUR : i * MINUTE));
        state = state_open(world, "data/state.db", SQLITE_OPEN_READONLY);
        get = state_prepare(state, "SELECT seen_ms FROM certificate");
        assert_int_equal(sqlite3_step(get), SQLITE_ROW);
        if (i == 2)
            assert_true(sqlite3_column_int64(get, 0) > seen[1]);
        else
            seen[i] = sqlite3_column_int64(get, 0);
        sqlite3_finalize(get);
        sqlite3_close(state);
    }
    assert_true(seen[0] == seen[1]);
}

/* Makes public_dir a page of the past. */
static void show_past(struct e2e *world, const char *moment)
{
    e2e_uptick(world, "render", "--at", moment, "--output", "past", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "rm -r public && mv past public");
}

/* The certificate was renewed since then. The new one did not exist yet. */
static void a_page_of_the_past_shows_the_certificate_of_then(struct e2e *world)
{
    json_t *certificates;

    e2e_config(world, one_domain);
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, 80 * DAY);
    tick_at(world, 80 * DAY + 3 * HOUR);
    use_certificate(world, begin + 81 * DAY, 90 * DAY);
    for (int i = 0; i < 5; i++)
        tick_at(world, 81 * DAY + i * MINUTE);
    assert_null(strstr(e2e_read(world, "public/index.html"), "Certificate of"));
    show_past(world, "2026-05-20T02:00");
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "ends on 30 May (9 days)"));
    certificates = json_object_get(e2e_status(world), "certificates");
    assert_int_equal(json_array_size(certificates), 1);
    assert_string_equal(e2e_text(json_array_get(certificates, 0), "state"), "WARN");
    show_past(world, "2026-05-21T00:03");
    assert_null(strstr(e2e_read(world, "public/index.html"), "Certificate of"));
}

/* Without verification nothing is known of a chain. */
static void an_unverified_certificate_is_not_kept(struct e2e *world)
{
    e2e_config(world, "sites:\n  - id: shop\n    domains:\n      - {id: www, verify_tls: false, "
                      "url: 'https://@tls-listed@/ok'}\n");
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, 89 * DAY);
    expect_events(world, "");
    assert_int_equal(json_array_size(json_object_get(e2e_status(world), "certificates")), 0);
}

/* The earliest warning of the domains of a server counts. A domain may want none. */
static void the_earliest_warning_counts(struct e2e *world)
{
    e2e_config(world, "defaults: {ca_file: ca.pem, interval_seconds: 60}\nsites:\n  - id: shop\n"
                      "    domains:\n"
                      "      - {id: a, url: 'https://@tls-listed@/ok', certificate: {warn: none, "
                      "critical: none}}\n"
                      "      - {id: b, url: 'https://@tls-listed@/ok', certificate: {warn: 40d, "
                      "critical: 36h}}\n");
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, 50 * DAY - MINUTE);
    expect_events(world, "");
    tick_at(world, 50 * DAY);
    tick_at(world, 88 * DAY);
    tick_at(world, 89 * DAY);
    expect_events(world,
                  "opened WARN 4320000 * ends 2026-05-30, in 39 days; subject awkward, issuer "
                  "Awkward authority\nreason_changed CRITICAL 7689600 * ends 2026-05-30, in "
                  "23 hours; subject awkward, issuer Awkward authority\n");
}

/* A domain is redirected to another server in each check, and twice to each. */
static void redirects_add_four_servers_at_most(struct e2e *world)
{
    static const char *const targets[] = {"localhost@:tls-listed@", "LocalHost@:tls-listed@",
                                          "localhost@:tls@",        "127.0.0.1@:tls@",
                                          "127.0.0.1@:http2@",      "localhost@:http2@",
                                          "127.0.0.1@:tls-listed@"};
    enum { TARGETS = sizeof targets / sizeof targets[0] };

    e2e_config(world, "sites:\n  - id: shop\n    domains:\n      - {id: www, interval_seconds: 60, "
                      "ca_file: ca.pem, url: 'http://@http@/file/target'}\n");
    use_certificate(world, begin, 90 * DAY);
    for (int i = 0; i < 2 * TARGETS; i++) {
        e2e_write(world, "target",
                  e2e_format(world, "HTTP/1.1 302 Found\r\nLocation: https://%s/ok\r\n\r\n",
                             e2e_expand(world, targets[i % TARGETS])));
        tick_at(world, 80 * DAY + i * MINUTE);
        assert_int_equal(e2e_rows(world, "shop/www").n, i + 1);
    }
    assert_int_equal(json_array_size(json_object_get(e2e_status(world), "certificates")), 4);
}

/* A redirect leads to the server; then no URL leads there any more. */
static void a_server_that_no_domain_uses_is_removed(struct e2e *world)
{
    e2e_config(world, "sites:\n  - id: shop\n    domains:\n      - {id: www, interval_seconds: 60, "
                      "ca_file: ca.pem, url: 'http://@http@/redirect-tls/tls-listed'}\n");
    use_certificate(world, begin, 90 * DAY);
    tick_at(world, 80 * DAY);
    assert_string_equal(
        e2e_text(json_array_get(json_object_get(e2e_status(world), "certificates"), 0), "host"),
        "127.0.0.1");
    e2e_config(world, "sites:\n  - id: shop\n    domains:\n      - {id: www, interval_seconds: 60, "
                      "ca_file: ca.pem, url: 'http://@http@/ok'}\n");
    tick_at(world, 80 * DAY + MINUTE);
    expect_events(world,
                  "opened WARN 6912000 * ends 2026-05-30, in 9 days; subject awkward, issuer "
                  "Awkward authority\n");
    for (int i = 1; i < 11; i++)
        tick_at(world, (80 + i) * DAY - MINUTE);
    expect_events(world,
                  "opened WARN 6912000 * ends 2026-05-30, in 9 days; subject awkward, issuer "
                  "Awkward authority\nclosed UP 7689540 removed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(each_limit_is_reported_once_and_so_is_the_renewal),
        E2E_TEST(fifty_urls_of_a_host_are_one_warning),
        E2E_TEST(a_renewal_that_also_ends_soon_is_another_warning),
        E2E_TEST(more_than_ten_notices_are_counted),
        E2E_TEST(a_host_in_capitals_is_the_same_server),
        E2E_TEST(back_ends_that_take_turns_do_not_alternate),
        E2E_TEST(back_ends_that_are_checked_daily_alternate_once),
        E2E_TEST(an_expired_certificate_is_down_and_no_further_event),
        E2E_TEST(a_clock_that_jumps_causes_one_warning),
        E2E_TEST(a_warning_is_not_repeated_after_a_rebuild),
        E2E_TEST(check_prints_the_chain),
        E2E_TEST(a_secret_host_is_shown_by_its_name),
        E2E_TEST(hostile_names_are_harmless),
        E2E_TEST(a_steady_certificate_is_written_once),
        E2E_TEST(a_page_of_the_past_shows_the_certificate_of_then),
        E2E_TEST(an_unverified_certificate_is_not_kept),
        E2E_TEST(the_earliest_warning_counts),
        E2E_TEST(redirects_add_four_servers_at_most),
        E2E_TEST(a_server_that_no_domain_uses_is_removed),
    };

    return cmocka_run_group_tests_name("certificates", tests, NULL, NULL);
}
