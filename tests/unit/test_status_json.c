/* dashboard/status_json: status.json. */
#include "dashboard/status_json.h"
#include "example.h"
#include "state/monitors.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "members.h"

/* The caller frees the text. */
static char *print(const struct example *example)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error = {.text = ""};

    assert_int_equal(status_json_write(&example->snapshot, &into, &error), 0);
    return into.data;
}

static json_t *print_and_read(const struct example *example)
{
    char *text = print(example);
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    if (!json)
        fail_msg("%s in %s", error.text, text);
    free(text);
    return json;
}

static json_t *domain_of(json_t *json, size_t site, size_t domain)
{
    json_t *sites = json_object_get(json, "sites");

    return json_array_get(json_object_get(json_array_get(sites, site), "domains"), domain);
}

static void members_of_status_json_are_in_the_documented_order(void **state)
{
    json_t *json = print_and_read(*state);
    json_t *site = json_array_get(json_object_get(json, "sites"), 1);
    json_t *domain = domain_of(json, 1, 1);

    assert_members(json, "version generated_at valid_until title status history tick local_network "
                         "alerts sites certificates ");
    assert_members(json_object_get(json, "history"), "from bucket_seconds buckets ");
    assert_members(json_object_get(json, "tick"),
                   "start duration_ms checks_done left_over ticks_24h expected_24h ");
    assert_members(site, "id name status timeline uptime domains ");
    assert_members(domain, "id name role url status timeline uptime last_check ");
    assert_members(json_object_get(domain, "uptime"), "24h 7d 30d 90d 365d ");
    assert_members(json_object_get(json_object_get(domain, "uptime"), "365d"),
                   "uptime_percent measured_percent since ");
    assert_members(json_object_get(domain, "last_check"),
                   "timestamp domain_status http_status latency_ms failure_type code ");
    json_decref(json);
}

static void times_have_seconds_and_check_times_milliseconds(void **state)
{
    json_t *json = print_and_read(*state);
    json_t *history = json_object_get(json, "history");
    json_t *last = json_object_get(domain_of(json, 0, 0), "last_check");

    assert_string_equal(json_string_value(json_object_get(json, "generated_at")),
                        "2026-11-23T09:31:02Z");
    assert_string_equal(json_string_value(json_object_get(json, "valid_until")),
                        "2026-11-23T09:34:20Z");
    assert_string_equal(json_string_value(json_object_get(history, "from")),
                        "2026-11-23T05:32:00Z");
    assert_int_equal(json_integer_value(json_object_get(history, "bucket_seconds")), 60);
    assert_int_equal(json_integer_value(json_object_get(history, "buckets")), 240);
    assert_string_equal(json_string_value(json_object_get(last, "timestamp")),
                        "2026-11-23T09:31:00.500Z");
    json_decref(json);
}

static void status_json_shows_the_last_tick_and_the_ticks_of_a_day(void **state)
{
    struct example *example = *state;
    char *text;

    example->snapshot.ticks = (struct ticks){true, {example_at_ms - 2377, 2830, 10000, 12}, 7, 8};
    text = print(example);
    assert_non_null(strstr(text, "\"tick\": {\"start\": \"2026-11-23T09:31:00Z\", "
                                 "\"duration_ms\": 2830, \"checks_done\": 10000, "
                                 "\"left_over\": 12, \"ticks_24h\": 7, \"expected_24h\": 8},"));
    free(text);
}

static void the_tick_is_null_if_none_is_known(void **state)
{
    struct example *example = *state;
    json_t *json;

    example->snapshot.ticks.recorded = false;
    json = print_and_read(example);
    assert_true(json_is_null(json_object_get(json, "tick")));
    json_decref(json);
}

static void a_timeline_has_one_letter_for_each_bucket_oldest_first(void **state)
{
    static const uint8_t cells[] = {STATUS_UP,      STATUS_DOWN,         STATUS_TIMEOUT,
                                    STATUS_UNKNOWN, STATUS_BOT_DETECTED, STATUS_DEGRADED};
    struct example *example = *state;
    json_t *json, *timeline;

    memcpy(example->cells, cells, sizeof cells);
    json = print_and_read(example);
    timeline = json_object_get(json_array_get(json_object_get(json, "sites"), 0), "timeline");
    assert_int_equal(json_string_length(timeline), 240);
    assert_memory_equal(json_string_value(timeline), "UDT-BGUUU", 9);
    json_decref(json);
}

static void percentages_have_one_to_three_decimals(void **state)
{
    static const struct {
        struct uptime uptime;
        const char *text;
    } cases[] = {
        {{true, 99583, 100000, true},
         "{\"uptime_percent\": 99.583, \"measured_percent\": 100.0, \"since\": "},
        {{true, 0, 1, true}, "{\"uptime_percent\": 0.0, \"measured_percent\": 0.001, \"since\": "},
        {{true, 33333, 66666, true},
         "{\"uptime_percent\": 33.333, \"measured_percent\": 66.666, \"since\": "},
        {{false, 0, 0, false}, "{\"uptime_percent\": null, \"measured_percent\": 0.0, \"since\": "},
    };
    struct example *example = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text;

        example->site_views[0].uptime[SPAN_7D] = cases[i].uptime;
        text = print(example);
        assert_non_null(strstr(text, cases[i].text));
        free(text);
    }
}

static void missing_values_are_null(void **state)
{
    struct example *example = *state;
    json_t *json, *last;

    example->domain_views[0].last = NULL;
    example->checks[1] = (struct recorded){
        .status = STATUS_TIMEOUT, .latency_ms = -1, .failure = "timeout: 20 s passed"};
    json = print_and_read(example);
    assert_true(json_is_null(json_object_get(domain_of(json, 0, 0), "last_check")));
    last = json_object_get(domain_of(json, 0, 1), "last_check");
    assert_true(json_is_null(json_object_get(last, "http_status")));
    assert_true(json_is_null(json_object_get(last, "latency_ms")));
    assert_string_equal(json_string_value(json_object_get(last, "failure_type")),
                        "timeout: 20 s passed");
    last = json_object_get(domain_of(json, 1, 0), "last_check");
    assert_int_equal(json_integer_value(json_object_get(last, "latency_ms")), 87);
    assert_true(json_is_null(json_object_get(last, "failure_type")));
    assert_true(json_is_null(json_object_get(last, "code")));
    json_decref(json);
}

static void any_text_gives_valid_json(void **state)
{
    struct example *example = *state;
    json_t *json, *last;

    example->config.title = "a \"title\"\n\\ </script>";
    example->checks[0].failure = "protocol: \xff\xfe \x80 \"quoted\" \xf0\x9f";
    json = print_and_read(example);
    last = json_object_get(domain_of(json, 0, 0), "last_check");
    assert_string_equal(json_string_value(json_object_get(last, "failure_type")),
                        "protocol: ?? ? \"quoted\" ??");
    assert_string_equal(json_string_value(json_object_get(json, "title")),
                        "a \"title\"\n\\ </script>");
    json_decref(json);
}

static void the_url_is_published_without_its_secrets(void **state)
{
    struct example *example = *state;
    char *text;

    example->domains[0].role = ROLE_SUPPLEMENTARY;
    text = print(example);
    assert_null(strstr(text, "secret"));
    assert_non_null(strstr(text, "\"role\": \"supplementary\", \"url\": \"https://example.org/\""));
    free(text);
}

static void a_configuration_without_sites_gives_an_empty_list(void **state)
{
    struct example *example = *state;
    json_t *json;

    example->snapshot.n_sites = 0;
    json = print_and_read(example);
    assert_int_equal(json_array_size(json_object_get(json, "sites")), 0);
    assert_true(json_is_array(json_object_get(json, "sites")));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_of_status_json_are_in_the_documented_order,
                                        example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(times_have_seconds_and_check_times_milliseconds,
                                        example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(status_json_shows_the_last_tick_and_the_ticks_of_a_day,
                                        example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(the_tick_is_null_if_none_is_known, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(a_timeline_has_one_letter_for_each_bucket_oldest_first,
                                        example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(percentages_have_one_to_three_decimals, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(missing_values_are_null, example_set_up, example_tear_down),
        cmocka_unit_test_setup_teardown(any_text_gives_valid_json, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(the_url_is_published_without_its_secrets, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(a_configuration_without_sites_gives_an_empty_list,
                                        example_set_up, example_tear_down),
    };

    return cmocka_run_group_tests_name("status_json", tests, NULL, NULL);
}
