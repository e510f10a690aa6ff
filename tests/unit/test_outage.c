/* model/outage: the outage that the events of a condition describe. */
#include "model/outage.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 8, NEVER = INT32_MIN };

/* 2026-11-23T09:30:00Z, and minutes from there. */
static int64_t minute(int number)
{
    return number == NEVER ? INT64_MIN : INT64_C(1795426200000) + (int64_t)number * MS_PER_MINUTE;
}

static int number_of(int64_t ms)
{
    return (int)((ms - minute(0)) / MS_PER_MINUTE);
}

/* An event as a letter: Opened, Confirmed, reason Changed, Recovering, Relapse; and closes: good,
 * Blip, Unseen, reMoved, and one with another detail. */
static struct event event_of(char letter, int at, const char *code)
{
    static const struct {
        char letter;
        enum event_change change;
        enum event_state state;
        const char *detail;
    } kinds[] = {
        {'O', EVENT_OPENED, EVENT_SUSPECT, NULL},
        {'C', EVENT_CONFIRMED, EVENT_DOWN, NULL},
        {'N', EVENT_REASON_CHANGED, EVENT_DOWN, NULL},
        {'R', EVENT_RECOVERING, EVENT_RECOVERING_STATE, ""},
        {'G', EVENT_CLOSED, EVENT_UP, EVENT_RECOVERED},
        {'B', EVENT_CLOSED, EVENT_UP, EVENT_BLIP},
        {'U', EVENT_CLOSED, EVENT_UP, EVENT_UNSEEN},
        {'M', EVENT_CLOSED, EVENT_UP, EVENT_REMOVED},
        {'X', EVENT_CLOSED, EVENT_UP, "solved"},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].letter == letter)
            return (struct event){.at_ms = minute(at),
                                  .scope = "",
                                  .check = EVENT_HTTP,
                                  .began_ms = minute(-9),
                                  .change = kinds[i].change,
                                  .state = kinds[i].state,
                                  .code = kinds[i].detail ? "" : code,
                                  .detail = kinds[i].detail ? kinds[i].detail : code};
    }
    fail_msg("no event '%c'", letter);
    return (struct event){0};
}

/* The interval is a minute, and now is in the middle of minute 0. */
static bool read_all(const struct event *events, size_t n, int latest, struct outage *outage)
{
    static struct outage_reading reading;
    static struct outage_reason reasons[OUTAGE_REASONS_MAX];
    const struct outage_scope scope = {
        .reach_ms = 2 * MS_PER_MINUTE, .latest_ms = minute(latest), .now_ms = minute(0) + 30000};

    outage_begin(&reading, scope.now_ms);
    for (size_t i = 0; i < n; i++)
        outage_add(&reading, &events[i]);
    return outage_finish(&reading, &scope, outage, reasons);
}

static void an_outage_follows_from_its_events(void **state)
{
    static const struct {
        const char *letters;
        int at[MAX];
        int latest, from, to;
        enum outage_end end;
        bool confirmed;
        const char *end_reason;
        int changed;
    } cases[] = {
        /* It is open as long as the latest check counts now. */
        {"O", {-9}, 0, -9, 0, OUTAGE_ONGOING, false, NULL, -9},
        {"OC", {-9, -9}, -1, -9, -1, OUTAGE_ONGOING, true, NULL, -9},
        {"OC", {-9, -8}, -2, -9, -2, OUTAGE_UNSEEN, true, NULL, -8},
        {"OC", {-9, -8}, NEVER, -9, -8, OUTAGE_UNSEEN, true, NULL, -8},
        {"OCR", {-9, -8, -1}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -8},
        {"OCN", {-9, -8, -5}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -5},
        /* It ends when it began to recover the last time. */
        {"OCG", {-9, -8, -5}, 0, -9, -5, OUTAGE_ENDED, true, EVENT_RECOVERED, -5},
        {"OCRG", {-9, -8, -5, -3}, 0, -9, -5, OUTAGE_ENDED, true, EVENT_RECOVERED, -3},
        {"OCRNRG", {-9, -8, -6, -5, -4, -3}, 0, -9, -4, OUTAGE_ENDED, true, EVENT_RECOVERED, -3},
        {"OCRRG", {-9, -8, -6, -4, -3}, 0, -9, -4, OUTAGE_ENDED, true, EVENT_RECOVERED, -3},
        {"OCRNG", {-9, -8, -6, -5, -3}, 0, -9, -3, OUTAGE_ENDED, true, EVENT_RECOVERED, -3},
        /* It was not confirmed. */
        {"OB", {-9, -8}, 0, -9, -8, OUTAGE_ENDED, false, EVENT_BLIP, -8},
        {"OU", {-9, -3}, 0, -9, -9, OUTAGE_UNSEEN, false, EVENT_UNSEEN, -3},
        {"OM", {-9, -3}, 0, -9, -3, OUTAGE_REMOVED, false, EVENT_REMOVED, -3},
        {"OCM", {-9, -8, -3}, 0, -9, -3, OUTAGE_REMOVED, true, EVENT_REMOVED, -3},
        {"OCRM", {-9, -8, -5, -3}, 0, -9, -5, OUTAGE_REMOVED, true, EVENT_REMOVED, -3},
        /* The clock was set back: an event ahead of now counts, its time does not. */
        {"OCG", {-9, -8, 5}, 0, -9, -8, OUTAGE_UNSEEN, true, EVENT_RECOVERED, -8},
        {"OCRG", {-9, -8, -5, 5}, 0, -9, -5, OUTAGE_ENDED, true, EVENT_RECOVERED, -8},
        {"OCRNG", {-9, -8, -5, 4, 5}, 0, -9, -5, OUTAGE_UNSEEN, true, EVENT_RECOVERED, -8},
        {"OCM", {-9, -8, 5}, 0, -9, -8, OUTAGE_UNSEEN, true, EVENT_REMOVED, -8},
        {"OB", {-9, 5}, 0, -9, -9, OUTAGE_UNSEEN, false, EVENT_BLIP, -9},
        {"OC", {-9, 5}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -9},
        {"OCN", {5, 5, -3}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -3},
        /* A log with other words, without some events, or with events after the close. */
        {"OX", {-9, -3}, 0, -9, -3, OUTAGE_ENDED, false, EVENT_BLIP, -3},
        {"OG", {-9, -3}, 0, -9, -3, OUTAGE_ENDED, false, EVENT_RECOVERED, -3},
        {"OCX", {-9, -8, -3}, 0, -9, -3, OUTAGE_ENDED, true, EVENT_RECOVERED, -3},
        {"N", {-5}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -5},
        {"R", {-5}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -5},
        {"GN", {-5, -4}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -4},
        {"OCGN", {-9, -8, -5, -4}, 0, -9, 0, OUTAGE_ONGOING, true, NULL, -4},
        {"OCGB", {-9, -8, -5, -4}, 0, -9, -4, OUTAGE_ENDED, true, EVENT_BLIP, -4},
        /* The clock was set back: by minutes, or to before the first check. */
        {"OCG", {-9, -8, -9}, 0, -9, -9, OUTAGE_ENDED, true, EVENT_RECOVERED, -8},
        {"OCRG", {-9, -8, -30, -29}, 0, -9, -9, OUTAGE_ENDED, true, EVENT_RECOVERED, -8},
        {"CG", {-20, -19}, 0, -20, -19, OUTAGE_ENDED, true, EVENT_RECOVERED, -19},
        {"C", {-20}, -19, -20, -19, OUTAGE_UNSEEN, true, NULL, -20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct event events[MAX];
        size_t n = strlen(cases[i].letters);
        struct outage outage;
        bool same_reason;

        for (size_t k = 0; k < n; k++)
            events[k] = event_of(cases[i].letters[k], cases[i].at[k], "connect.refused");
        assert_true(read_all(events, n, cases[i].latest, &outage));
        same_reason = cases[i].end_reason
                          ? outage.end_reason && !strcmp(outage.end_reason, cases[i].end_reason)
                          : !outage.end_reason;
        if (number_of(outage.from_ms) != cases[i].from || number_of(outage.to_ms) != cases[i].to ||
            outage.end != cases[i].end || outage.confirmed != cases[i].confirmed || !same_reason ||
            number_of(outage.changed_ms) != cases[i].changed)
            fail_msg("case %zu: %s %d to %d, end %d, confirmed %d, changed %d", i, cases[i].letters,
                     number_of(outage.from_ms), number_of(outage.to_ms), (int)outage.end,
                     outage.confirmed, number_of(outage.changed_ms));
        assert_int_equal(outage.began_ms, minute(-9));
        assert_int_equal(outage.state, events[n - 1].state);
        assert_true(outage.n_reasons >= 1);
    }
}

static void without_a_failure_there_is_no_outage(void **state)
{
    const struct event close = event_of('G', -5, "");
    struct outage outage;

    (void)state;
    assert_false(read_all(NULL, 0, 0, &outage));
    assert_false(read_all(&close, 1, 0, &outage));
}

/* What was sent about an outage changes nothing of it. */
static void an_outage_does_not_depend_on_events_of_messages(void **state)
{
    const struct event alone[] = {event_of('O', -9, "a"), event_of('C', -8, "b"),
                                  event_of('R', -5, ""), event_of('G', -4, "")};
    struct event events[20] = {event_of('O', -9, "a")};
    struct outage expected, outage;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (int k = 0; k < 4; k++) {
            events[n] = event_of('C', -3, "ops 1");
            events[n].state = k % 2 ? EVENT_UP : EVENT_CRITICAL;
            events[n++].change = (enum event_change)(EVENT_SENT + k);
        }
        events[n++] = alone[i];
    }
    assert_true(read_all(alone, 4, -1, &expected));
    assert_true(read_all(events, n, -1, &outage));
    assert_int_equal(outage.changed_ms, expected.changed_ms);
    assert_int_equal(outage.from_ms, expected.from_ms);
    assert_int_equal(outage.to_ms, expected.to_ms);
    assert_int_equal(outage.end, expected.end);
    assert_int_equal(outage.state, expected.state);
    assert_int_equal(outage.n_reasons, expected.n_reasons);
    assert_false(read_all(events, 4, -1, &outage));
}

static void an_outage_lists_each_reason_once(void **state)
{
    static const struct {
        const char *letters, *codes[MAX], *expected;
    } cases[] = {
        {"OC", {"a", "a"}, "-9 a"},
        {"OC", {"a", "b"}, "-9 a, -8 b"},
        {"OCN", {"a", "a", "b"}, "-9 a, -7 b"},
        {"OCNN", {"a", "a", "b", "a"}, "-9 a, -7 b, -6 a"},
        {"OCRN", {"a", "a", "", "a"}, "-9 a"},
        {"OCRNG", {"a", "a", "", "b", ""}, "-9 a, -6 b"},
        {"R", {""}, "-9 "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = strlen(cases[i].letters), size = 0;
        struct event events[MAX];
        struct outage outage;
        char text[256] = "";

        for (size_t k = 0; k < n; k++)
            events[k] = event_of(cases[i].letters[k], (int)k - 9, cases[i].codes[k]);
        assert_true(read_all(events, n, 0, &outage));
        for (size_t k = 0; k < outage.n_reasons; k++)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s%d %s", k ? ", " : "",
                                     number_of(outage.reasons[k].since_ms), outage.reasons[k].code);
        if (strcmp(text, cases[i].expected) != 0)
            fail_msg("case %zu: %s", i, text);
    }
}

/* A text without a code is a reason of its own. Texts are cut to the sizes that they have. */
static void reasons_without_codes_differ_by_their_texts(void **state)
{
    char code[2 * EVENT_CODE_MAX], failure[2 * FAILURE_MAX];
    struct event events[4];
    struct outage outage;

    (void)state;
    memset(code, 'c', sizeof code);
    memset(failure, 'f', sizeof failure);
    code[sizeof code - 1] = failure[sizeof failure - 1] = '\0';
    for (int i = 0; i < 4; i++)
        events[i] = event_of('N', i - 9, "");
    events[0].detail = events[1].detail = "one";
    events[2].detail = "two";
    assert_true(read_all(events, 3, 0, &outage));
    assert_int_equal(outage.n_reasons, 2);
    assert_string_equal(outage.reasons[1].failure, "two");
    events[2].code = events[3].code = code;
    events[2].detail = failure;
    assert_true(read_all(events, 4, 0, &outage));
    assert_int_equal(outage.n_reasons, 2);
    assert_int_equal(strlen(outage.reasons[1].code), EVENT_CODE_MAX - 1);
    assert_int_equal(strlen(outage.reasons[1].failure), FAILURE_MAX - 1);
}

static void reasons_are_ascending_if_the_clock_is_set_back(void **state)
{
    const struct event events[] = {event_of('O', -9, "a"), event_of('N', -4, "b"),
                                   event_of('N', -6, "c"), event_of('N', -3, "d")};
    struct outage outage;

    (void)state;
    assert_true(read_all(events, 4, 0, &outage));
    assert_int_equal(outage.n_reasons, 4);
    assert_int_equal(number_of(outage.reasons[1].since_ms), -4);
    assert_int_equal(number_of(outage.reasons[2].since_ms), -4);
    assert_int_equal(number_of(outage.reasons[3].since_ms), -3);
}

/* Of very many reasons, the first one and the newest ones are kept; time does not go back. */
static void the_first_and_the_newest_reasons_are_kept(void **state)
{
    struct event events[200];
    char codes[200][8];
    struct outage outage;

    (void)state;
    for (int i = 0; i < 200; i++) {
        snprintf(codes[i], sizeof codes[i], "n%d", i);
        events[i] = event_of(i ? 'N' : 'O', i % 10 - 9, codes[i]);
    }
    assert_true(read_all(events, 200, 0, &outage));
    assert_int_equal(outage.n_reasons, OUTAGE_REASONS_MAX);
    assert_int_equal(outage.n_omitted, 200 - OUTAGE_REASONS_MAX);
    assert_string_equal(outage.reasons[0].code, "n0");
    assert_string_equal(outage.reasons[1].code, "n181");
    assert_string_equal(outage.reasons[OUTAGE_REASONS_MAX - 1].code, "n199");
    for (size_t i = 1; i < outage.n_reasons; i++)
        assert_true(outage.reasons[i].since_ms >= outage.reasons[i - 1].since_ms);
}

static void the_status_of_an_outage_is_that_of_its_first_check(void **state)
{
    static const struct {
        enum event_check check;
        const char *code, *failure;
        enum status status;
        int http_status;
    } cases[] = {
        {EVENT_HTTP, "connect.refused", "connect: connection refused", STATUS_DOWN, 0},
        {EVENT_HTTP, "timeout.tls", "timeout: 20 s passed", STATUS_TIMEOUT, 0},
        {EVENT_HTTP, "timeouts", "timeout: 20 s passed", STATUS_DOWN, 0},
        {EVENT_HTTP, "status.5xx", "http_status: expected 200, got 503", STATUS_DOWN, 503},
        {EVENT_HTTP, "status.5xx", "http_status:, got 503", STATUS_DOWN, 0},
        {EVENT_HTTP, "status.other", "http_status: , got 999", STATUS_DOWN, 999},
        {EVENT_HTTP, "status.other", "http_status: expected 200, got 1", STATUS_DOWN, 1},
        {EVENT_HTTP, "status.other", "http_status: expected 200, got 0", STATUS_DOWN, 0},
        {EVENT_HTTP, "status.4xx", "http_status: expected 200, got 429 (Retry-After 120 s)",
         STATUS_DOWN, 429},
        {EVENT_HTTP, "status.other", "http_status: expected 200, got x", STATUS_DOWN, 0},
        {EVENT_HTTP, "status.other", "http_status: expected 200, got 1000", STATUS_DOWN, 0},
        {EVENT_HTTP, "status.other", "http_status: expected 200, got -5", STATUS_DOWN, 0},
        {EVENT_HTTP, "body.missing", "body: expected x, got 503", STATUS_DOWN, 0},
        {EVENT_BOT, "bot.string", "bot: found", STATUS_BOT_DETECTED, 0},
        {EVENT_SLOW, "latency.limit", "slow: 900 ms", STATUS_DEGRADED, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct event event = event_of('O', -9, cases[i].code);
        struct outage outage;

        event.check = cases[i].check;
        event.detail = cases[i].failure;
        assert_true(read_all(&event, 1, 0, &outage));
        assert_int_equal(outage.status, cases[i].status);
        assert_int_equal(outage.http_status, cases[i].http_status);
        assert_int_equal(outage.check, cases[i].check);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outage_follows_from_its_events),
        cmocka_unit_test(without_a_failure_there_is_no_outage),
        cmocka_unit_test(an_outage_does_not_depend_on_events_of_messages),
        cmocka_unit_test(an_outage_lists_each_reason_once),
        cmocka_unit_test(reasons_without_codes_differ_by_their_texts),
        cmocka_unit_test(reasons_are_ascending_if_the_clock_is_set_back),
        cmocka_unit_test(the_first_and_the_newest_reasons_are_kept),
        cmocka_unit_test(the_status_of_an_outage_is_that_of_its_first_check),
    };

    return cmocka_run_group_tests_name("outage", tests, NULL, NULL);
}
