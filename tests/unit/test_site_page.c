/* The page of a site: its charts, days, outages, order of domains, and where to look next. */
#include "base/clock.h"
#include "base/file.h"
#include "dashboard/domain_values.h"
#include "dashboard/hint.h"
#include "dashboard/problem_order.h"
#include "dashboard/site_values.h"
#include "dashboard/snapshot.h"
#include "example.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shown.h"

struct fixture {
    struct messages *messages;
    struct buffer page;
    struct example *example;
    struct site_values *values;
    struct object root;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct config config = {.path = "uptick.yaml", .language = "en"};
    struct error error;

    fixture->page.ceiling = 1 << 20;
    fixture->example = example_new(1, 4);
    fixture->example->config.uptime_target = 99900;
    *state = fixture;
    return messages_load(&fixture->messages, &config, &error);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    site_values_free(fixture->values);
    messages_free(fixture->messages);
    buffer_free(&fixture->page);
    example_free(fixture->example);
    free(fixture);
    return 0;
}

static const char *show_object(struct fixture *fixture, const struct object *object,
                               const char *text)
{
    return shown_object(fixture->messages, &fixture->page, object, text);
}

/* The same over the root of the page of the first site. */
static const char *show(struct fixture *fixture, const char *text)
{
    object_clear(&fixture->root);
    site_values_free(fixture->values);
    fixture->values = site_values_new(&fixture->example->snapshot, fixture->messages);
    assert_non_null(fixture->values);
    site_values_add(fixture->values, 0, &fixture->root);
    return show_object(fixture, &fixture->root, text);
}

/* Sets the status of a domain, of its last check and of its site. */
static void set_status(struct fixture *fixture, size_t domain, enum status status,
                       const char *failure)
{
    struct example *example = fixture->example;
    struct site_view *site = &example->site_views[0];

    example->domain_views[domain].status = status;
    example->checks[domain].status = status == STATUS_DEGRADED ? STATUS_UP : status;
    example->checks[domain].failure = failure;
    if (status_severity(status) > status_severity(site->status))
        site->status = status;
}

static void domains_are_listed_with_the_worst_first(void **state)
{
    static const char text[] = "{{#jumps}}{{id}} {{status.class}} {{/jumps}}| "
                               "{{#domains}}{{#first}}!{{/first}}{{id}} {{/domains}}";
    struct fixture *fixture = *state;

    assert_string_equal(show(fixture, text), "d0 up d1 up d2 up d3 up | !d0 d1 d2 d3 ");
    set_status(fixture, 3, STATUS_DOWN, "connect: connection refused");
    set_status(fixture, 1, STATUS_UNKNOWN, "");
    set_status(fixture, 2, STATUS_BOT_DETECTED, "bot: \"x\"");
    assert_string_equal(show(fixture, text), "d3 down d2 bot d1 unknown d0 up | !d3 d2 d1 d0 ");
    set_status(fixture, 0, STATUS_TIMEOUT, "timeout: 20 s passed connecting");
    assert_string_equal(show(fixture, text), "d0 down d3 down d2 bot d1 unknown | !d0 d3 d2 d1 ");
}

/* The state of a site follows from its core domains first. */
static void the_domain_that_explains_the_state_of_the_site_is_the_first(void **state)
{
    struct fixture *fixture = *state;

    fixture->example->domains[0].role = fixture->example->domains[1].role = ROLE_SUPPLEMENTARY;
    set_status(fixture, 1, STATUS_DOWN, "connect: connection refused");
    set_status(fixture, 2, STATUS_TIMEOUT, "timeout: 20 s passed connecting");
    assert_string_equal(show(fixture, "{{#domains}}{{id}} {{/domains}}"), "d2 d1 d0 d3 ");
}

static void a_domain_alone_in_its_site_is_shown_once(void **state)
{
    static const char text[] =
        "{{#alone}}alone{{/alone}} {{#site}}{{#uptimes}}x{{/uptimes}}{{/site}}";
    struct fixture *fixture = *state;

    assert_string_equal(show(fixture, text), " xxxxx");
    fixture->example->site_views[0].n_domains = 1;
    assert_string_equal(show(fixture, text), "alone ");
}

static void many_domains_have_links_up_to_a_ceiling(void **state)
{
    struct fixture *fixture = *state;

    example_free(fixture->example);
    fixture->example = example_new(1, CEILING_JUMP_LINKS + 7);
    assert_string_equal(show(fixture, "{{n_jumps_more}}"), "7");
}

static void an_uptime_below_the_target_is_low(void **state)
{
    struct fixture *fixture = *state;
    struct uptime *uptime = fixture->example->domain_views[0].uptime;

    fixture->example->site_views[0].n_domains = 1;
    fixture->example->domain_views[0].first_ms = example_at_ms - 3 * (int64_t)MS_PER_DAY;
    uptime[SPAN_7D] = (struct uptime){true, 99899, 50000, true};
    uptime[SPAN_30D] = (struct uptime){true, 99900, 100000, true};
    uptime[SPAN_365D] = (struct uptime){true, 90000, 800, false};
    assert_string_equal(
        show(fixture, "{{#domains}}{{#uptimes}}{{span}}: {{percent}}{{#low}} low{{/low}}"
                      "{{#partial}} of {{measured}}{{/partial}}{{^has_data}}"
                      "{{>messages.watched_since}}{{/has_data}}; {{/uptimes}}{{/domains}}"),
        "24 h: 100.000; 7 d: 99.899 low of 50; 30 d: 99.900; 90 d: 100.000; 365 d: since 20 Nov; ");
}

/* Sets the latencies and cells of a day, and no slots. */
static void know_day(struct fixture *fixture, uint16_t *values, uint8_t *cells)
{
    for (int i = 0; i < LATENCY_MINUTES; i++) {
        values[i] = LATENCY_NONE;
        cells[i] = STATUS_UNKNOWN;
    }
    fixture->example->site_views[0].n_domains = 1;
    fixture->example->domain_views[0].latencies = values;
    fixture->example->domain_views[0].day_cells = cells;
}

/* A chart of one hour has one minute for each point. */
static void chart_lines_break_at_minutes_without_a_measurement(void **state)
{
    static const char text[] = "{{#domains}}{{#charts}}{{#is_timeline}}{{median_path}} {{top}} "
                               "{{half}} {{median}} {{p95}}{{/is_timeline}}{{/charts}}{{/domains}}";
    struct fixture *fixture = *state;
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];
    uint16_t *hour = values + LATENCY_MINUTES - 60;
    uint8_t *hour_cells = cells + LATENCY_MINUTES - 60;

    fixture->example->config.history_hours = 1;
    fixture->example->snapshot.n_buckets = 60;
    know_day(fixture, values, cells);
    assert_string_equal(show(fixture, text), " 2 1  ");

    /* Two neighbours, a gap, a single point, a failure of two minutes. */
    hour[0] = 50, hour[1] = 100, hour[5] = 25;
    hour_cells[0] = hour_cells[1] = hour_cells[5] = STATUS_UP;
    hour_cells[8] = STATUS_DOWN, hour_cells[9] = STATUS_TIMEOUT;
    assert_string_equal(show(fixture, text), "M2,50l4-50M22,75h0 100 50 50 100");

    /* UP without a check in the minutes between: one line. */
    memset(cells, STATUS_UP, sizeof cells);
    assert_string_equal(show(fixture, text), "M2,50l4-50l16,75 100 50 50 100");
}

static void all_domains_have_the_scale_of_the_slowest_one(void **state)
{
    struct fixture *fixture = *state;
    uint8_t cells[LATENCY_MINUTES];

    memset(cells, STATUS_UP, sizeof cells);
    example_know_latencies(fixture->example);
    for (size_t i = 0; i < 4; i++)
        fixture->example->domain_views[i].day_cells = cells;
    for (size_t i = 0; i < LATENCY_MINUTES; i++)
        fixture->example->latencies[2 * LATENCY_MINUTES + i] = i < LATENCY_MINUTES / 2 ? 1900 : 350;
    assert_string_equal(show(fixture, "{{#domains}}{{#charts}}{{^is_empty}}{{top}} {{half}} "
                                      "{{/is_empty}}{{/charts}}{{/domains}}"),
                        "400 200 2,000 1,000 400 200 2,000 1,000 400 200 2,000 1,000 "
                        "400 200 2,000 1,000 ");
}

/* The scale of a page is found before its charts are made. */
static void more_domains_than_are_kept_have_the_same_charts(void **state)
{
    struct fixture *fixture = *state;
    uint8_t cells[LATENCY_MINUTES];
    const char *page;

    memset(cells, STATUS_UP, sizeof cells);
    example_free(fixture->example);
    fixture->example = example_new(1, CHART_KEPT + 2);
    example_know_latencies(fixture->example);
    for (size_t i = 0; i < CHART_KEPT + 2; i++)
        fixture->example->domain_views[i].day_cells = cells;
    page = show(fixture, "{{#domains}}{{#charts}}{{median_path}}{{/charts}}|{{/domains}}");
    for (size_t size = strcspn(page, "|") + 1, i = 0; i < CHART_KEPT + 2; i++)
        assert_memory_equal(page, page + i * size, size);
}

static void a_chart_shows_its_failures_and_how_long_each_state_lasted(void **state)
{
    struct fixture *fixture = *state;
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];
    const int64_t hour = MS_PER_HOUR;

    know_day(fixture, values, cells);
    memset(cells, STATUS_UP, sizeof cells);
    memset(cells + 700, STATUS_DOWN, 20);
    memset(cells + 720, STATUS_DEGRADED, 65);
    example_add_outage(fixture->example, 0,
                       (struct example_outage){example_at_ms - 12 * hour, example_at_ms - 11 * hour,
                                               OUTAGE_ENDED, STATUS_DOWN, 0, "connect: <x>"});
    example_add_blip(fixture->example, 0,
                     (struct example_outage){example_at_ms - 1000, example_at_ms, OUTAGE_ONGOING,
                                             STATUS_DOWN, 0, "dns: no such host"});
    assert_string_equal(
        show(fixture,
             "{{#domains}}{{#charts}}{{^is_empty}}{{label}}: {{#failures}}{{path}} "
             "{{#listed}}{{event_id}} {{/listed}}{{>messages.chart_failure}}; {{/failures}}"
             "{{/is_empty}}{{/charts}}{{/domains}}"),
        "4 h: M239,0v100h1v-100 today 09:31 (1 s): dns: no such host; "
        "24 h: M239,0v100h1v-100 today 09:31 (1 s): dns: no such host; "
        "M119,0v100h10v-100 s0/d0/http@2026-11-22T21:31:02.500Z yesterday 21:31 (1 h): "
        "connect: &lt;x&gt;; ");
    assert_string_equal(show(fixture, "{{#domains}}{{#charts}}{{^is_empty}}{{^is_timeline}}"
                                      "{{>messages.chart_states}}{{/is_timeline}}{{/is_empty}}"
                                      "{{/charts}}{{/domains}}"),
                        "down 20 min, degraded 1 h 5 min");
}

/* Slots of no check. */
static void clear_slots(struct latency_slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        slots[i] = (struct latency_slot){LATENCY_NONE, LATENCY_NONE, STATUS_UNKNOWN};
}

static void charts_of_7_and_30_days_have_a_point_for_each_part(void **state)
{
    static const char text[] = "{{#domains}}{{#charts}}{{^is_empty}}{{^strip}}{{/strip}}"
                               "{{#lowest}}{{>messages.chart_figures}}; {{>messages.chart_states}} "
                               "{{median_path}} {{p95_path}}{{/lowest}}{{/is_empty}}{{/charts}}"
                               "{{/domains}}";
    struct fixture *fixture = *state;
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];
    struct latency_slot week[LATENCY_WEEK_SLOTS], month[LATENCY_MONTH_SLOTS];

    know_day(fixture, values, cells);
    clear_slots(week, LATENCY_WEEK_SLOTS);
    clear_slots(month, LATENCY_MONTH_SLOTS);
    fixture->example->domain_views[0].week = week;
    fixture->example->domain_views[0].month = month;
    week[LATENCY_WEEK_SLOTS - 24] = (struct latency_slot){40, 80, STATUS_UP};
    assert_string_equal(show(fixture, text), ""); /* only the last 24 hours: not drawn */
    week[0] = (struct latency_slot){20, 40, STATUS_UP};
    week[1] = (struct latency_slot){30, 30, STATUS_DOWN};
    assert_string_equal(
        show(fixture, text),
        "medians of one hour each: 20 to 40 ms, 95th percentile up to 80 ms; down "
        "in 1 of 168 hours, "
        "no data in 165 of 168 hours M2,75l4-12M578,50h0 M2,50l4,13-4,12zM576,0h4l0,50h-4z");
}

static void the_longest_possible_charts_fit_their_buffers(void **state)
{
    static const char text[] = "{{#domains}}{{#charts}}{{median_path}} {{p95_path}} {{top}}\n"
                               "{{/charts}}{{/domains}}";
    struct fixture *fixture = *state;
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];
    struct latency_slot week[LATENCY_WEEK_SLOTS], month[LATENCY_MONTH_SLOTS];

    know_day(fixture, values, cells);
    for (int i = 0; i < LATENCY_MINUTES; i++) {
        values[i] = (uint16_t)(i % 24 < 2 ? 65534 : i % 48 / 24);
        cells[i] = i / 24 % 2 ? STATUS_DOWN : STATUS_UP;
    }
    for (size_t i = 0; i < LATENCY_WEEK_SLOTS; i++)
        week[i] = (struct latency_slot){(uint16_t)(i % 2 ? 65534 : 0), 65534,
                                        i % 3 ? STATUS_UP : STATUS_BOT_DETECTED};
    for (size_t i = 0; i < LATENCY_MONTH_SLOTS; i++)
        month[i] = (struct latency_slot){0, 65534, STATUS_DOWN};
    fixture->example->domain_views[0].week = week;
    fixture->example->domain_views[0].month = month;
    assert_non_null(strstr(show(fixture, text), "z 80,000"));
    for (size_t i = 0; i < LATENCY_WEEK_SLOTS; i++)
        week[i] = (struct latency_slot){0, i % 2 ? 65534 : 0, STATUS_UP};
    assert_non_null(strstr(show(fixture, text), "l4-81l4,81h-8z"));
}

static void days_are_bars_that_lead_to_their_first_outage(void **state)
{
    static const char text[] = "{{#domains}}{{#bad_days}}{{x}} {{event_id}} {{>messages.day}}; "
                               "{{/bad_days}}{{>messages.days_body}} | {{>messages.days_named}}"
                               "{{/domains}}";
    struct fixture *fixture = *state;
    struct day_minutes *days;
    const int64_t day = MS_PER_DAY;

    fixture->example->site_views[0].n_domains = 1;
    example_know_days(fixture->example);
    assert_string_equal(show(fixture, text), "no downtime measured | ");
    days = fixture->example->days + DAYS_SHOWN;
    days[0] = (struct day_minutes){0};
    days[86] = (struct day_minutes){1425, 15, 75};
    days[87] = (struct day_minutes){700, 19, 0};
    example_add_outage(fixture->example, 0,
                       (struct example_outage){example_at_ms - 3 * day - 10 * MS_PER_HOUR,
                                               example_at_ms - 3 * day, OUTAGE_ENDED, STATUS_DOWN,
                                               0, "x"});
    example_add_outage(fixture->example, 0,
                       (struct example_outage){example_at_ms - 3 * day + 1000,
                                               example_at_ms - 3 * day + 5000, OUTAGE_ENDED,
                                               STATUS_DOWN, 0, "x"});
    assert_string_equal(
        show(fixture, text),
        "86 s0/d0/http@2026-11-19T23:31:02.500Z 20 Nov: 98.958 %, degraded for 1 h 15 min; "
        "87  21 Nov: 49.9 % measured; 2 days below 100 %; degraded on 1 day; no data on 1 day | "
        "20 Nov: 98.958 %, degraded for 1 h 15 min, 21 Nov: 49.9 % measured");
    for (int i = 10; i < 30; i++)
        days[i].bad = 1440 - (days[i].good = 1000);
    assert_non_null(strstr(show(fixture, text), "22 days below 100 %; degraded"));
    assert_non_null(strstr(show(fixture, text), "| 10 earlier; "));
}

static void the_bar_of_a_day_shows_its_state(void **state)
{
    static const struct {
        struct day_minutes day;
        enum status status;
    } cases[] = {
        {{1440, 0, 0}, STATUS_UP},
        {{1440, 0, 1}, STATUS_DEGRADED},
        {{1439, 1, 75}, STATUS_DEGRADED},
        {{1425, 15, 0}, STATUS_DOWN},
        {{719, 0, 1}, STATUS_DEGRADED},
        {{719, 0, 0}, STATUS_UNKNOWN},
        {{0}, STATUS_UNKNOWN},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    struct day_minutes days[DAYS_SHOWN] = {{0}};
    uint8_t states[DAYS_SHOWN];

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        days[i] = cases[i].day;
    day_values_states(days, example_at_ms, 0, states);
    for (size_t i = 0; i < DAYS_SHOWN; i++)
        assert_int_equal(states[i], i < CASES ? cases[i].status : STATUS_UNKNOWN);
}

static void unknown_days_are_not_shown(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(show(fixture, "{{#domains}}{{#has_days}}x{{/has_days}}{{/domains}}"), "");
}

static void an_outage_shows_its_known_duration(void **state)
{
    const int64_t from_ms = example_at_ms / MS_PER_DAY * MS_PER_DAY;
    const struct example_outage given[] = {
        {from_ms, from_ms + 180000, OUTAGE_ENDED, STATUS_DOWN, 503, "http_status: 503"},
        {from_ms + 600000, from_ms + 660000, OUTAGE_UNSEEN, STATUS_TIMEOUT, 0, "timeout"},
        {example_at_ms - 360000, example_at_ms - 60000, OUTAGE_ONGOING, STATUS_BOT_DETECTED, 200,
         "bot: <b>"},
    };
    struct fixture *fixture = *state;
    struct domain_view *view = &fixture->example->domain_views[0];

    fixture->example->site_views[0].n_domains = 1;
    for (int i = 0; i < 3; i++)
        example_add_outage(fixture->example, 0, given[i]);
    set_status(fixture, 0, STATUS_BOT_DETECTED, "bot: <b>");
    assert_string_equal(
        show(fixture, "{{#domains}}{{n_outages}} {{#outages}}{{#from}}{{>messages.when}}{{/from}} "
                      "{{#ended}}{{>messages.when}} {{/ended}}{{#same_day}}same {{/same_day}}"
                      "{{#unseen}}{{>messages.at_least}} {{/unseen}}{{#ongoing}}still {{/ongoing}}"
                      "{{duration}} {{status.class}} {{failure}}; {{/outages}}{{/domains}}"),
        "3 today 09:25 same still 6 min bot bot: &lt;b&gt;; "
        "today 00:10 today 00:11 same at least 1 min down timeout; "
        "today 00:00 today 00:03 same 3 min down http_status: 503; ");
    assert_string_equal(
        show(fixture, "{{#domains}}{{#outages}}{{event_id}} {{/outages}}{{/domains}}"),
        "s0/d0/bot@2026-11-23T09:25:02.500Z s0/d0/http@2026-11-23T00:10:00.000Z "
        "s0/d0/http@2026-11-23T00:00:00.000Z ");
    assert_ptr_equal(snapshot_ongoing(view), view->outages[LIST_ALL].items[2]);
    view->status = STATUS_DOWN; /* not for that reason */
    assert_null(snapshot_ongoing(view));
    view->status = STATUS_UP;
    assert_null(snapshot_ongoing(view));
}

static void older_outages_are_folded_and_those_beyond_the_list_counted(void **state)
{
    static const struct outage_reason reason = {0, "", "x"};
    const struct outage one = {
        .from_ms = example_at_ms, .status = STATUS_DOWN, .reasons = &reason, .n_reasons = 1};
    static const struct outage *items[1000];
    struct fixture *fixture = *state;
    struct outage_list *list = &fixture->example->domain_views[0].outages[LIST_CONFIRMED];

    fixture->example->site_views[0].n_domains = 1;
    for (size_t i = 0; i < 1000; i++)
        items[i] = &one;
    *list = (struct outage_list){.items = items, .n = 1000, .n_all = 1250, .n_listed = 12};
    assert_string_equal(show(fixture, "{{#domains}}{{#outages}}{{failure}}{{/outages}} "
                                      "{{>messages.older_outages}}: {{#older_outages}}{{failure}}"
                                      "{{/older_outages}} {{n_outages}} {{>messages.more_outages}}"
                                      "{{/domains}}"),
                        "xxxxxxxxxx 2 older: xx 1,250 and 1,238 earlier, not shown");
}

static void the_phases_of_the_last_check_share_a_bar(void **state)
{
    static const struct phases reached = {{2000, 5000, -1, 30000, 32500}},
                               none = {{-1, -1, -1, -1, -1}};
    static const char text[] =
        "{{#domains}}{{#phases}}{{total}}: {{#parts}}{{class}} {{ms}} {{path}}"
        "; {{/parts}}{{/phases}}{{/domains}}";
    struct fixture *fixture = *state;

    fixture->example->site_views[0].n_domains = 1;
    fixture->example->domain_views[0].phases = &reached;
    assert_string_equal(show(fixture, text),
                        "32.5: lookup 2 M0,1h61; connect 3 M61,1h92; first_byte 25 M153,1h770; "
                        "transfer 2.5 M923,1h77; ");
    fixture->example->domain_views[0].phases = &none;
    assert_string_equal(show(fixture, text), "");
}

/* Any text between quotes in code.c that looks like a code. */
static bool next_code(const char **at, char code[32])
{
    for (const char *quote = strchr(*at, '"'); quote; quote = strchr(quote + 1, '"')) {
        size_t kind = strspn(quote + 1, "abcdefghijklmnopqrstuvwxyz");
        size_t word = strspn(quote + 2 + kind, "abcdefghijklmnopqrstuvwxyz0123456789_");

        if (kind == 0 || quote[1 + kind] != '.' || word == 0 || quote[2 + kind + word] != '"')
            continue;
        snprintf(code, 32, "%.*s", (int)(kind + 1 + word), quote + 1);
        *at = quote + 3 + kind + word;
        return true;
    }
    return false;
}

static void every_code_has_a_hint(void **state)
{
    struct fixture *fixture = *state;
    struct buffer source = BUFFER_WITH_CEILING(1 << 20);
    struct error error;
    const char *at;
    char code[32];
    size_t n = 0;

    assert_int_equal(file_read("src/model/code.c", &source, &error), 0);
    for (at = source.data; next_code(&at, code); n++) {
        const char *message = hint_of(code, 0, "", NULL);

        if (!message)
            fail_msg("%s has no hint", code);
        assert_true(*messages_get(fixture->messages, message));
    }
    assert_true(n > 80);
    assert_null(hint_of("future.code", 0, "", NULL));
    buffer_free(&source);
}

static void a_hint_follows_from_the_failure(void **state)
{
    static const struct {
        enum status status;
        int http_status;
        const char *failure, *message;
    } cases[] = {
        {STATUS_DOWN, 0, "dns: no such host: a.example", "hint_name"},
        {STATUS_DOWN, 0, "dns: no answer from the name server: a", "hint_name_server"},
        {STATUS_DOWN, 0, "dns: the host name is malformed: a", "hint_url"},
        {STATUS_DOWN, 0, "connect: connection refused by 127.0.0.1 port 80", "hint_process"},
        {STATUS_DOWN, 0, "connect: connection refused by 127.0.0.1 port 80 (the proxy)",
         "hint_proxy"},
        {STATUS_DOWN, 0, "connect: connection refused by the server, as the proxy reports",
         "hint_process"},
        {STATUS_DOWN, 0, "connect: the proxy cannot reach the server: REASON", "hint_proxy"},
        {STATUS_DOWN, 0, "connect: no answer from 127.0.0.1 port 80", "hint_machine"},
        {STATUS_DOWN, 0, "tls: certificate expired on 2026-11-01", "hint_renewal"},
        {STATUS_DOWN, 404, "http_status: expected 200, got 404", "hint_path"},
        {STATUS_DOWN, 403, "http_status: expected 200, got 403", "hint_access"},
        {STATUS_DOWN, 502, "http_status: expected 200, got 502", "hint_upstream"},
        {STATUS_DOWN, 503, "http_status: expected 200, got 503", "hint_error_log"},
        {STATUS_DOWN, 301, "http_status: expected 200, got 301", "hint_status"},
        {STATUS_TIMEOUT, 0, "timeout: 20 s passed waiting for the first byte", "hint_application"},
        {STATUS_BOT_DETECTED, 403, "bot: \"wall\" found", "hint_wall"},
        {STATUS_DEGRADED, 200, "slow: 1,900 ms, expected at most 800", "hint_slow"},
        {STATUS_UNKNOWN, 0, "", "hint_ticks"},
    };
    struct fixture *fixture = *state;
    const struct snapshot *snapshot = &fixture->example->snapshot;
    struct domain_view *view = &fixture->example->domain_views[0];

    assert_null(hint_of_domain(snapshot, view));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_status(fixture, 0, cases[i].status, cases[i].failure);
        fixture->example->checks[0].http_status = cases[i].http_status;
        assert_string_equal(hint_of_domain(snapshot, view), cases[i].message);
    }
    set_status(fixture, 0, cases[0].status, cases[0].failure);
    view->down_dependency = &fixture->example->domains[1];
    assert_null(hint_of_domain(snapshot, view));
    view->down_dependency = NULL;
    view->last = NULL;
    view->status = STATUS_UNKNOWN;
    assert_string_equal(hint_of_domain(snapshot, view), "hint_first_tick");
    fixture->example->snapshot.network.n = 1;
    fixture->example->snapshot.network.views[0].scope = SCOPE_NAMES;
    assert_string_equal(hint_of_domain(snapshot, view), "hint_network");
    view->status = STATUS_DOWN;
    assert_null(hint_of_domain(snapshot, view));
}

static void a_slow_check_leads_to_its_longest_phase(void **state)
{
    static const struct {
        struct phases phases;
        const char *message;
    } cases[] = {
        {{{900000, 901000, 902000, 903000, 904000}}, "hint_slow_lookup"},
        {{{1000, 900000, 901000, 902000, 903000}}, "hint_slow_connect"},
        {{{1000, 2000, 900000, 901000, 902000}}, "hint_slow_tls"},
        {{{1000, 2000, -1, 900000, 902000}}, "hint_slow_first_byte"},
        {{{1000, 2000, -1, 3000, 902000}}, "hint_transfer"},
        {{{-1, -1, -1, -1, -1}}, "hint_slow"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(hint_of("latency.limit", 200, "slow: x", &cases[i].phases),
                            cases[i].message);
    assert_string_equal(hint_of("latency.limit", 200, "slow: x", NULL), "hint_slow");
}

/* Eight sites; their first domains are core, the second ones supplementary. */
static void the_sites_beside_a_problem_are_the_next_ones_of_the_index(void **state)
{
    static const struct {
        enum status first, second;
    } cases[] = {
        {STATUS_UP, STATUS_UP},      {STATUS_UP, STATUS_DOWN},    {STATUS_DOWN, STATUS_UP},
        {STATUS_TIMEOUT, STATUS_UP}, {STATUS_UNKNOWN, STATUS_UP}, {STATUS_BOT_DETECTED, STATUS_UP},
    };
    static const int order[] = {2, 3, 1, 5};
    struct example *example = example_new(6, 2);
    const struct ordered_problem *previous, *next;
    struct arena *arena = arena_new();
    struct problem_order problems;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        example->checks[2 * i].status = cases[i].first;
        example->checks[2 * i + 1].status = cases[i].second;
        example->domains[2 * i + 1].role = ROLE_SUPPLEMENTARY;
    }
    example->checks[8].start_ms = example_at_ms - 121 * MS_PER_SECOND; /* it counts no more */
    assert_int_equal(problem_order_make(&problems, &example->snapshot, arena), 0);
    assert_int_equal(problems.n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(problems.items[i].site, order[i]);
        problem_order_neighbours(&problems, problems.items[i].site, problems.items[i].status,
                                 &previous, &next);
        assert_ptr_equal(previous, i > 0 ? &problems.items[i - 1] : NULL);
        assert_ptr_equal(next, i < 3 ? &problems.items[i + 1] : NULL);
    }

    /* Its page knows that site 1 is DOWN by now. */
    problem_order_neighbours(&problems, 1, STATUS_DOWN, &previous, &next);
    assert_null(previous);
    assert_int_equal(next->site, 2);
    problem_order_neighbours(&problems, 3, STATUS_DEGRADED, &previous, &next);
    assert_int_equal(previous->site, 1);
    assert_int_equal(next->site, 5);
    arena_free(arena);
    example_free(example);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(domains_are_listed_with_the_worst_first),
        TEST(the_domain_that_explains_the_state_of_the_site_is_the_first),
        TEST(a_domain_alone_in_its_site_is_shown_once),
        TEST(many_domains_have_links_up_to_a_ceiling),
        TEST(an_uptime_below_the_target_is_low),
        TEST(chart_lines_break_at_minutes_without_a_measurement),
        TEST(all_domains_have_the_scale_of_the_slowest_one),
        TEST(more_domains_than_are_kept_have_the_same_charts),
        TEST(a_chart_shows_its_failures_and_how_long_each_state_lasted),
        TEST(charts_of_7_and_30_days_have_a_point_for_each_part),
        TEST(the_longest_possible_charts_fit_their_buffers),
        TEST(days_are_bars_that_lead_to_their_first_outage),
        TEST(the_bar_of_a_day_shows_its_state),
        TEST(unknown_days_are_not_shown),
        TEST(an_outage_shows_its_known_duration),
        TEST(older_outages_are_folded_and_those_beyond_the_list_counted),
        TEST(the_phases_of_the_last_check_share_a_bar),
        TEST(every_code_has_a_hint),
        TEST(a_hint_follows_from_the_failure),
        TEST(a_slow_check_leads_to_its_longest_phase),
        TEST(the_sites_beside_a_problem_are_the_next_ones_of_the_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
