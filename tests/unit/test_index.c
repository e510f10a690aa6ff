/* dashboard/strips, time_axis, problem_list, index_row: the parts of the index page. */
#include "base/clock.h"
#include "dashboard/index_row.h"
#include "dashboard/latest_outages.h"
#include "dashboard/problems.h"
#include "dashboard/span_choice.h"
#include "example.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shown.h"

struct fixture {
    struct messages *messages;
    struct example *example;
    struct buffer page;
};

static int set_up(void **state)
{
    static const struct config config = {.language = "en"};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct error error;

    if (messages_load(&fixture->messages, &config, &error))
        return -1;
    fixture->example = example_new(3, 2);
    fixture->page.ceiling = 1 << 20;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    messages_free(fixture->messages);
    example_free(fixture->example);
    buffer_free(&fixture->page);
    free(fixture);
    return 0;
}

static const char *show(struct fixture *fixture, const struct object *object, const char *text)
{
    return shown_object(fixture->messages, &fixture->page, object, text);
}

static void a_strip_has_a_path_for_each_state_that_is_not_up(void **state)
{
    static const struct {
        const char *letters, *shown;
    } cases[] = {
        {"UUUU", "none"},
        {"UDDU", "4 bad down:M1,9h2;"},
        {"UDTG", "4 bad degraded:M3,9h1;down:M1,9h2;"},
        {"UBUB", "4 bad bot:M1,9h1M1,0h1M3,9h1M3,0h1;"},
        {"----", "4 100%"},
        {"--UU", "4 50%"},
        {"-UUD", "4 25% bad down:M3,9h1;"},
        {"U-UU", "4 unknown:M1,9h1;up:M0,9h1M2,9h2;"},
        {"-U-U", "4 unknown:M0,9h1M2,9h1;up:M1,9h1M3,9h1;"},
    };
    static struct strips strips;
    struct fixture *fixture = *state;
    uint8_t cells[8];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct object object;

        shown_read_letters(cases[i].letters, cells);
        object_clear(&object);
        strips_add(&strips, cells, strlen(cases[i].letters), fixture->messages, "it", &object);
        assert_string_equal(
            show(fixture, &object,
                 "{{#it}}{{width}}{{#before}} {{before}}%{{/before}}{{#bad}} bad{{/bad}}"
                 "{{#n_paths}} {{/n_paths}}{{#paths}}{{class}}:{{path}};{{/paths}}{{/it}}"
                 "{{^it}}none{{/it}}"),
            cases[i].shown);
    }
}

/* Each bucket is drawn once, a bot wall twice, and nothing is written beyond the space. */
static void the_longest_strip_fits_its_space(void **state)
{
    static struct strips strips;
    struct fixture *fixture = *state;
    uint8_t cells[STRIPS_BUCKETS_MAX];
    uint32_t seed = 1;

    for (int round = 0; round < 200; round++) {
        size_t drawn = 0, expected = 0;
        struct object object;

        for (size_t i = 0; i < STRIPS_BUCKETS_MAX; i++) {
            static const uint8_t worst[] = {STATUS_BOT_DETECTED, STATUS_UNKNOWN};

            seed = seed * 1103515245 + 12345;
            cells[i] = round == 0 ? worst[i % 2] : (uint8_t)((seed >> 16) % STATUS_COUNT);
            expected += cells[i] == STATUS_BOT_DETECTED ? 2 : 1;
        }
        cells[0] = STATUS_DOWN; /* so that no bucket is before the first data */
        expected -= round == 0;
        object_clear(&object);
        strips_add(&strips, cells, STRIPS_BUCKETS_MAX, fixture->messages, "it", &object);
        for (const char *at = strips.space, *end = at + strips.paths[strips.n_paths - 1].first +
                                                   strips.paths[strips.n_paths - 1].size;
             at < end; at++) {
            if (*at == 'h')
                drawn += (size_t)atoi(at + 1);
        }
        if (round == 0)
            assert_int_equal(drawn, expected);
        assert_true(drawn >= STRIPS_BUCKETS_MAX);
    }
}

static void the_labels_of_an_axis_are_round_times_and_dates(void **state)
{
    static const struct {
        const char *to, *labels;
        int64_t minutes;
    } cases[] = {
        {"2026-11-23T09:31:00.000Z", "08:40 08:50 09:00 09:10 09:20 | 09:30 ", 60},
        {"2026-11-23T09:31:00.000Z", "06:00 07:00 08:00 09:00 | ", 240},
        {"2026-11-23T01:00:00.000Z", "21:00 22:00 23:00 23 Nov | ", 240},
        {"2026-11-23T09:31:00.000Z", "12:00 16:00 20:00 23 Nov 04:00 | 08:00 ", 1440},
        {"2026-11-24T00:00:00.000Z", "17 Nov 18 Nov 19 Nov 20 Nov 21 Nov 22 Nov 23 Nov | ",
         7 * 1440},
        {"2026-11-24T00:00:00.000Z", "26 Oct 2 Nov 9 Nov 16 Nov | 23 Nov ", 30 * 1440},
        {"2026-11-24T00:00:00.000Z", "1 Sep 15 Sep 1 Oct 15 Oct 1 Nov 15 Nov | ", 90 * 1440},
    };
    static struct time_axis axis;
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct object object;
        int64_t to_ms;
        char text[256], *hidden;

        assert_int_equal(clock_read_ms(cases[i].to, strlen(cases[i].to), &to_ms), 0);
        object_clear(&object);
        time_axis_add(&axis, to_ms - cases[i].minutes * MS_PER_MINUTE, to_ms, to_ms - 1000,
                      fixture->messages, &object);
        snprintf(text, sizeof text, "%s",
                 show(fixture, &object,
                      "{{#labels}}{{#hidden}}| {{/hidden}}{{>messages.axis_label}} {{/labels}}"));
        hidden = strchr(text, '|');
        if (!hidden)
            strcat(text, "| ");
        assert_string_equal(text, cases[i].labels);
    }
}

/* Makes a domain of the example bad: its status, and the outage of so many minutes. */
static void make_bad(struct fixture *fixture, size_t domain, enum status status, int minutes)
{
    struct example *example = fixture->example;

    example->domain_views[domain].status = example->checks[domain].status = status;
    example->checks[domain].failure = "http_status: expected 200, got 503";
    if (minutes)
        example_add_outage(
            example, domain,
            (struct example_outage){.from_ms = example_at_ms - minutes * (int64_t)MS_PER_MINUTE,
                                    .to_ms = example_at_ms,
                                    .end = OUTAGE_ONGOING,
                                    .status = status,
                                    .failure = "http_status: expected 200, got 503"});
}

static void problems_are_in_order_of_site_domain_and_age(void **state)
{
    static struct problem_list list;
    struct fixture *fixture = *state;
    struct example *example = fixture->example;
    struct object object;

    example->site_views[0].status = STATUS_DEGRADED;
    example->site_views[1].status = STATUS_DOWN;
    example->site_views[2].status = STATUS_DOWN;
    make_bad(fixture, 0, STATUS_BOT_DETECTED, 3);
    make_bad(fixture, 1, STATUS_DOWN, 90);
    make_bad(fixture, 2, STATUS_TIMEOUT, 50);
    make_bad(fixture, 3, STATUS_DOWN, 0);
    make_bad(fixture, 5, STATUS_DOWN, 7);
    assert_int_equal(problem_list_make(&list, &example->snapshot, fixture->messages), 0);
    object_clear(&object);
    problem_list_add(&list, &object);
    assert_string_equal(
        show(fixture, &object,
             "{{#problems}}{{site_id}}/{{id}} {{status.word}} {{lasting}}; "
             "{{/problems}}{{n_problems}}{{n_more_problems}}"),
        "s2/d1 down 7 min; s1/d0 timeout 50 min; s1/d1 down ; s0/d1 down 1 h 30 min; "
        "s0/d0 bot detected 3 min; 5");
    problem_list_free(&list);
    problem_list_free(&list);
}

static void a_row_explains_a_site_by_the_domain_that_decides_its_state(void **state)
{
    static const char template[] = "{{status.word}} {{lasting}}: {{#worst}}{{name}} "
                                   "{{^same}}{{status.word}}{{/same}}{{/worst}}"
                                   "{{^worst}}-{{/worst}}";
    static struct index_row row;
    struct fixture *fixture = *state;
    struct example *example = fixture->example;

    row.snapshot = &example->snapshot;
    row.messages = fixture->messages;
    index_row_fill(&row, &example->site_views[0]);
    assert_string_equal(show(fixture, &row.object, template), "up : -");

    /* A supplementary domain is down for longer, but the core domain decides. */
    example->domains[1].role = ROLE_SUPPLEMENTARY;
    example->site_views[0].status = STATUS_DOWN;
    make_bad(fixture, 0, STATUS_TIMEOUT, 12);
    make_bad(fixture, 1, STATUS_DOWN, 90);
    index_row_fill(&row, &example->site_views[0]);
    assert_string_equal(show(fixture, &row.object, template), "down 12 min: d0 timeout");

    /* Of several that are as bad, the one that failed first. */
    example->site_views[1].status = STATUS_DOWN;
    make_bad(fixture, 2, STATUS_DOWN, 5);
    make_bad(fixture, 3, STATUS_DOWN, 70);
    index_row_fill(&row, &example->site_views[1]);
    assert_string_equal(show(fixture, &row.object, template), "down 1 h 10 min: d1 ");
}

static void a_slow_domain_lasts_since_its_bars_are_degraded(void **state)
{
    static const char template[] = "{{#worst}}{{#longer}}over {{/longer}}{{lasting}}{{/worst}}";
    static struct index_row row;
    struct fixture *fixture = *state;
    struct example *example = fixture->example;
    uint8_t *cells = example->cells + example->n_sites * EXAMPLE_BUCKETS;

    row.snapshot = &example->snapshot;
    row.messages = fixture->messages;
    example->site_views[0].status = example->domain_views[0].status = STATUS_DEGRADED;
    memset(cells + EXAMPLE_BUCKETS - 30, STATUS_DEGRADED, 30);
    index_row_fill(&row, &example->site_views[0]);
    assert_string_equal(show(fixture, &row.object, template), "29 min");
    memset(cells, STATUS_DEGRADED, EXAMPLE_BUCKETS);
    index_row_fill(&row, &example->site_views[0]);
    assert_string_equal(show(fixture, &row.object, template), "over 3 h 59 min");
}

static void uptimes_of_a_row_have_two_decimals_and_a_target(void **state)
{
    static const char template[] =
        "{{#uptimes}}{{percent}}{{#low}} low{{/low}}{{^has_data}}–"
        "{{#watched_since}} {{>messages.watched_since}}{{/watched_since}}"
        "{{/has_data}};{{/uptimes}}";
    static struct index_row row;
    struct fixture *fixture = *state;
    struct example *example = fixture->example;
    struct site_view *view = &example->site_views[0];

    row.snapshot = &example->snapshot;
    row.messages = fixture->messages;
    example->config.uptime_target = 99900;
    view->uptime[SPAN_30D] = (struct uptime){true, 99999, 100000, true};
    view->uptime[SPAN_90D] = (struct uptime){true, 99899, 100000, true};
    index_row_fill(&row, view);
    assert_string_equal(show(fixture, &row.object, template), "99.99;99.89 low;");
    view->uptime[SPAN_30D].is_shown = view->uptime[SPAN_90D].is_shown = false;
    view->first_ms = example_at_ms - MS_PER_DAY;
    index_row_fill(&row, view);
    assert_string_equal(show(fixture, &row.object, template), "–;– since 22 Nov;");
    view->uptime[SPAN_90D] = (struct uptime){true, 90000, 50000, true};
    view->first_ms = example_at_ms - 80 * (int64_t)MS_PER_DAY;
    index_row_fill(&row, view);
    assert_string_equal(show(fixture, &row.object, template), "– since 4 Sep;90.00 low;");
    view->uptime[SPAN_90D].is_shown = false;
    view->first_ms = INT64_MAX;
    index_row_fill(&row, view);
    assert_string_equal(show(fixture, &row.object, template), "–;–;");
}

static void spans_begin_with_the_chosen_one_and_are_two_if_timelines_have_a_day(void **state)
{
    static const char template[] =
        "{{#spans}}{{id}} {{label}}{{#chosen}} chosen{{/chosen}};{{/spans}}";
    static const struct {
        int hours;
        enum index_span chosen;
        const char *shown;
    } cases[] = {
        {4, INDEX_4H, "4h 4 h chosen;24h 24 h;90d 90 d;"},
        {1, INDEX_90D, "4h 1 h;24h 24 h;90d 90 d chosen;"},
        {24, INDEX_24H, "4h 24 h chosen;90d 90 d;"},
        {24, INDEX_90D, "4h 24 h;90d 90 d chosen;"},
    };
    static struct span_choice choice;
    struct fixture *fixture = *state;
    struct example *example = fixture->example;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct object object;

        example->config.history_hours = cases[i].hours;
        example->config.index_span = cases[i].chosen;
        example->snapshot.n_buckets = (size_t)cases[i].hours * 60;
        example->snapshot.from_ms =
            example_at_ms / 60000 * 60000 - (cases[i].hours * 60 - 1) * (int64_t)MS_PER_MINUTE;
        object_clear(&object);
        span_choice_add(&choice, &example->snapshot, fixture->messages, &object);
        assert_string_equal(show(fixture, &object, template), cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_strip_has_a_path_for_each_state_that_is_not_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_longest_strip_fits_its_space, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_labels_of_an_axis_are_round_times_and_dates, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(problems_are_in_order_of_site_domain_and_age, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_row_explains_a_site_by_the_domain_that_decides_its_state,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slow_domain_lasts_since_its_bars_are_degraded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(uptimes_of_a_row_have_two_decimals_and_a_target, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            spans_begin_with_the_chosen_one_and_are_two_if_timelines_have_a_day, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
