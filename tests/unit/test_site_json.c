/* dashboard/status_json: the JSON of one site. */
#include "dashboard/status_json.h"
#include "example.h"
#include "state/days.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "members.h"

static json_t *print_and_read(const struct example *example, size_t site)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error = {.text = ""};
    json_error_t mistake;
    json_t *json;

    assert_int_equal(status_json_write_site(&example->snapshot, site, &into, &error), 0);
    json = json_loads(into.data, JSON_REJECT_DUPLICATES, &mistake);
    if (!json)
        fail_msg("%s in %s", mistake.text, into.data);
    buffer_free(&into);
    return json;
}

/* A member of the domain with this number. */
static json_t *of_domain(json_t *json, size_t domain, const char *member)
{
    return json_object_get(json_array_get(json_object_get(json, "domains"), domain), member);
}

static void assert_json(const json_t *json, const char *expected)
{
    char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

    assert_string_equal(text, expected);
    free(text);
}

static void site_json_has_the_members_of_status_json_and_more(void **state)
{
    json_t *json = print_and_read(*state, 1);

    assert_members(json, "version generator generated_at valid_until title history id name status "
                         "timeline uptime domains ");
    assert_string_equal(json_string_value(json_object_get(json, "id")), "s1");
    assert_string_equal(json_string_value(json_object_get(json, "generator")), "uptick");
    assert_string_equal(json_string_value(of_domain(json, 1, "id")), "d1");
    assert_members(
        json_array_get(json_object_get(json, "domains"), 0),
        "id name role url status timeline uptime last_check outages outages_earlier days ");
    json_decref(json);
}

static void an_outage_in_json_shows_how_it_ended(void **state)
{
    static const int64_t from = 1795420800123;
    static const struct {
        struct example_outage outage;
        const char *text;
    } cases[] = {
        {{from, from + 720999, OUTAGE_ENDED, STATUS_DOWN, 503, "http_status: got 503"},
         "{\"from\": \"2026-11-23T08:00:00.123Z\", \"to\": \"2026-11-23T08:12:01.122Z\", "
         "\"ended\": true, \"end_reason\": \"recovered\", \"duration_seconds\": 720, "
         "\"event_id\": \"s0/d1/http@2026-11-23T08:00:00.123Z\", \"check\": \"http\", "
         "\"confirmed\": true, \"status\": \"DOWN\", \"http_status\": 503, "
         "\"failure_type\": \"http_status: got 503\", \"code\": \"status.5xx\", \"reasons\": "
         "[{\"since\": \"2026-11-23T08:00:00.123Z\", \"code\": \"status.5xx\", \"failure\": "
         "\"http_status: got 503\"}], \"reasons_omitted\": 0}"},
        {{from, from + 60000, OUTAGE_ONGOING, STATUS_TIMEOUT, 0, "timeout: 20 s passed"},
         "{\"from\": \"2026-11-23T08:00:00.123Z\", \"to\": null, \"ended\": false, "
         "\"end_reason\": null, \"duration_seconds\": null, "
         "\"event_id\": \"s0/d1/http@2026-11-23T08:00:00.123Z\", \"check\": \"http\", "
         "\"confirmed\": true, \"status\": \"TIMEOUT\", \"http_status\": null, "
         "\"failure_type\": \"timeout: 20 s passed\", \"code\": \"timeout.body\", \"reasons\": "
         "[{\"since\": \"2026-11-23T08:00:00.123Z\", \"code\": \"timeout.body\", \"failure\": "
         "\"timeout: 20 s passed\"}], \"reasons_omitted\": 0}"},
        {{from, from + 60000, OUTAGE_UNSEEN, STATUS_BOT_DETECTED, 403, ""},
         "{\"from\": \"2026-11-23T08:00:00.123Z\", \"to\": \"2026-11-23T08:01:00.123Z\", "
         "\"ended\": false, \"end_reason\": null, \"duration_seconds\": null, "
         "\"event_id\": \"s0/d1/bot@2026-11-23T08:00:00.123Z\", \"check\": \"bot\", "
         "\"confirmed\": true, \"status\": \"BOT_DETECTED\", "
         "\"http_status\": 403, \"failure_type\": null, \"code\": null, \"reasons\": "
         "[{\"since\": \"2026-11-23T08:00:00.123Z\", \"code\": null, \"failure\": null}], "
         "\"reasons_omitted\": 0}"},
        {{from, from + 60000, OUTAGE_REMOVED, STATUS_DOWN, 0, "connect: connection refused"},
         "{\"from\": \"2026-11-23T08:00:00.123Z\", \"to\": \"2026-11-23T08:01:00.123Z\", "
         "\"ended\": false, \"end_reason\": \"removed\", \"duration_seconds\": null, "
         "\"event_id\": \"s0/d1/http@2026-11-23T08:00:00.123Z\", \"check\": \"http\", "
         "\"confirmed\": true, \"status\": \"DOWN\", "
         "\"http_status\": null, \"failure_type\": \"connect: connection refused\", \"code\": "
         "\"connect.refused\", \"reasons\": [{\"since\": \"2026-11-23T08:00:00.123Z\", \"code\": "
         "\"connect.refused\", \"failure\": \"connect: connection refused\"}], "
         "\"reasons_omitted\": 0}"},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    struct example *example = *state;
    json_t *json, *list;

    for (size_t i = 0; i < CASES; i++)
        example_add_outage(example, 1, cases[i].outage);
    json = print_and_read(example, 0);
    assert_int_equal(json_array_size(of_domain(json, 0, "outages")), 0);
    list = of_domain(json, 1, "outages");
    assert_int_equal(json_array_size(list), CASES);
    for (size_t i = 0; i < CASES; i++)
        assert_json(json_array_get(list, i), cases[i].text);
    json_decref(json);
}

static void json_shows_what_is_undecided_and_what_was_not_confirmed(void **state)
{
    static const int64_t from = 1795420800123;
    const struct example_outage blip = {from,        from + 5000, OUTAGE_ENDED,
                                        STATUS_DOWN, 0,           "connect: connection refused"};
    struct example_outage open = blip;
    struct example *example = *state;
    json_t *json, *list;

    open.from_ms = from + 60000;
    open.end = OUTAGE_ONGOING;
    example_add_blip(example, 0, blip);
    example_add_blip(example, 0, blip);
    example_add_blip(example, 0, open);
    example_add_outage(example, 1, open)->state = EVENT_RECOVERING_STATE;
    json = print_and_read(example, 0);
    assert_json(of_domain(json, 0, "undecided"), "\"SUSPECT\"");
    assert_json(of_domain(json, 0, "unconfirmed_failures"), "2");
    assert_json(of_domain(json, 1, "undecided"), "\"RECOVERING\"");
    assert_json(of_domain(json, 1, "unconfirmed_failures"), "0");
    list = of_domain(json, 0, "outages");
    assert_int_equal(json_array_size(list), 3);
    assert_json(json_object_get(json_array_get(list, 0), "confirmed"), "false");
    assert_json(json_object_get(json_array_get(list, 0), "end_reason"), "\"blip\"");
    assert_json(json_object_get(json_array_get(list, 0), "ended"), "true");
    assert_json(json_object_get(json_array_get(list, 2), "end_reason"), "null");
    json_decref(json);

    /* It failed again, which is not in the log if it also did so a minute before. */
    example->domain_views[1].status = STATUS_DOWN;
    json = print_and_read(example, 0);
    assert_json(of_domain(json, 1, "undecided"), "null");
    json_decref(json);
    json = print_and_read(example, 1);
    assert_null(of_domain(json, 0, "undecided"));
    assert_null(of_domain(json, 0, "unconfirmed_failures"));
    json_decref(json);
}

static void ninety_days_end_with_today_so_far(void **state)
{
    static const struct {
        int day;
        struct day_minutes minutes;
        const char *text;
    } cases[] = {
        {0,
         {720, 0, 0},
         "{\"date\": \"2026-08-26\", \"uptime_percent\": 100.0, "
         "\"measured_percent\": 50.0}"},
        {1,
         {0, 0, 0},
         "{\"date\": \"2026-08-27\", \"uptime_percent\": null, "
         "\"measured_percent\": 0.0}"},
        {2,
         {1439, 1, 0},
         "{\"date\": \"2026-08-28\", \"uptime_percent\": 99.93, "
         "\"measured_percent\": 100.0}"},
        {89,
         {0, 572, 0},
         "{\"date\": \"2026-11-23\", \"uptime_percent\": 0.0, "
         "\"measured_percent\": 100.0}"},
    };
    struct example *example = *state;
    struct day_minutes *days;
    json_t *json, *list;

    example_know_days(example);
    days = example->days + 2 * DAYS_SHOWN; /* of the first domain */
    for (size_t i = 0; i < 4; i++)
        days[cases[i].day] = cases[i].minutes;
    json = print_and_read(example, 0);
    list = of_domain(json, 0, "days");
    assert_int_equal(json_array_size(list), 90);
    for (size_t i = 0; i < 4; i++)
        assert_json(json_array_get(list, (size_t)cases[i].day), cases[i].text);
    json_decref(json);
}

static void a_day_is_measured_by_all_its_minutes(void **state)
{
    struct example *example = *state;

    json_t *json;

    example_know_days(example);
    example->days[2 * DAYS_SHOWN + 88] = (struct day_minutes){869, 0, 0}; /* from 09:31 on */
    example->domain_views[0].first_ms = example_at_ms - 86400000;
    json = print_and_read(example, 0);
    assert_json(json_array_get(of_domain(json, 0, "days"), 88),
                "{\"date\": \"2026-11-22\", \"uptime_percent\": 100.0, "
                "\"measured_percent\": 60.347}");
    json_decref(json);
}

static void days_before_the_first_one_with_data_are_left_out(void **state)
{
    static const struct {
        struct day_minutes minutes; /* of the first day with data */
        size_t day, n;              /* n days are listed */
        const char *date;
    } cases[] = {
        {{1, 0, 0}, 0, 90, "2026-08-26"}, {{0, 1, 0}, 1, 89, "2026-08-27"},
        {{1, 0, 0}, 88, 2, "2026-11-22"}, {{1, 0, 0}, 89, 1, "2026-11-23"},
        {{0, 0, 0}, 89, 1, "2026-11-23"},
    };
    struct example *example = *state;
    struct day_minutes *days;

    example_know_days(example);
    days = example->days + 2 * DAYS_SHOWN; /* of the first domain */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *json, *list;

        memset(days, 0, DAYS_SHOWN * sizeof *days);
        days[cases[i].day] = cases[i].minutes;
        json = print_and_read(example, 0);
        list = of_domain(json, 0, "days");
        assert_int_equal(json_array_size(list), cases[i].n);
        assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "date")),
                            cases[i].date);
        json_decref(json);
    }
}

static void unknown_days_are_an_empty_list(void **state)
{
    json_t *json = print_and_read(*state, 0);

    assert_json(of_domain(json, 0, "days"), "[]");
    json_decref(json);
}

static void any_failure_text_gives_valid_json(void **state)
{
    struct example *example = *state;
    json_t *json;

    example_add_outage(example, 0,
                       (struct example_outage){1, 2, OUTAGE_ENDED, STATUS_DOWN, 0,
                                               "protocol: \xff\x1b \"quoted\" \\ \xf0\x9f"});
    json = print_and_read(example, 0);
    assert_json(json_object_get(json_array_get(of_domain(json, 0, "outages"), 0), "failure_type"),
                "\"protocol: ?  \\\"quoted\\\" \\\\ ??\"");
    json_decref(json);
}

static void site_json_contains_no_secret(void **state)
{
    struct example *example = *state;
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error;

    assert_int_equal(status_json_write_site(&example->snapshot, 0, &into, &error), 0);
    assert_null(strstr(into.data, "secret"));
    buffer_free(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(site_json_has_the_members_of_status_json_and_more,
                                        example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(an_outage_in_json_shows_how_it_ended, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(json_shows_what_is_undecided_and_what_was_not_confirmed,
                                        example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(ninety_days_end_with_today_so_far, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(a_day_is_measured_by_all_its_minutes, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(days_before_the_first_one_with_data_are_left_out,
                                        example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(unknown_days_are_an_empty_list, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(any_failure_text_gives_valid_json, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(site_json_contains_no_secret, example_set_up,
                                        example_tear_down),
    };

    return cmocka_run_group_tests_name("site_json", tests, NULL, NULL);
}
