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

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(each_limit_is_reported_once_and_so_is_the_renewal),
    };

    return cmocka_run_group_tests_name("certificates", tests, NULL, NULL);
}
