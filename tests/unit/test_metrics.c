/* dashboard/metrics: the current state for Prometheus. */
#include "dashboard/metrics.h"
#include "example.h"
#include "state/monitors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The caller frees the text. */
static char *print(const struct example *example)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error;

    assert_int_equal(metrics_write(&example->snapshot, &into, &error), 0);
    return into.data;
}

/* Whether the text has this line. */
static bool has_line(const char *text, const char *line)
{
    size_t size = strlen(line);

    for (; text; text = strchr(text, '\n')) {
        text += *text == '\n';
        if (strncmp(text, line, size) == 0 && text[size] == '\n')
            return true;
    }
    return false;
}

static void assert_lines(const struct example *example, const char *const *lines)
{
    char *text = print(example);

    for (; *lines; lines++) {
        if (!has_line(text, *lines))
            fail_msg("no line '%s' in %s", *lines, text);
    }
    free(text);
}

static void assert_no(const struct example *example, const char *what)
{
    char *text = print(example);

    if (strstr(text, what))
        fail_msg("'%s' in %s", what, text);
    free(text);
}

static void every_known_value_has_a_metric(void **state)
{
    static const char *const lines[] = {
        "uptick_build_info{version=\"" UPTICK_VERSION "\"} 1",
        "uptick_built_timestamp_seconds 1795426262.000",
        "uptick_valid_until_timestamp_seconds 1795426460.000",
        "uptick_tick_start_timestamp_seconds 1795426260.500",
        "uptick_tick_duration_seconds 1.870",
        "uptick_tick_checks 6",
        "uptick_tick_left_over_checks 0",
        "uptick_ticks_last_day 1440",
        "uptick_ticks_expected_last_day 1440",
        "uptick_site_info{site=\"s1\",name=\"s1\"} 1",
        "uptick_site_up{site=\"s1\"} 1",
        "uptick_site_status{site=\"s1\",status=\"UP\"} 1",
        "uptick_site_status{site=\"s1\",status=\"DEGRADED\"} 0",
        "uptick_site_status{site=\"s1\",status=\"DOWN\"} 0",
        "uptick_site_status{site=\"s1\",status=\"UNKNOWN\"} 0",
        "uptick_site_uptime_ratio{site=\"s1\",span=\"24h\"} 1.00000",
        "uptick_site_measured_ratio{site=\"s0\",span=\"90d\"} 1.00000",
        "uptick_site_uptime_ratio{site=\"s1\",span=\"365d\"} 1.00000",
        "uptick_domain_up{site=\"s1\",domain=\"d1\",role=\"core\"} 1",
        "uptick_domain_last_check_timestamp_seconds{site=\"s1\",domain=\"d1\",role=\"core\"} "
        "1795426260.500",
        "uptick_domain_latency_seconds{site=\"s1\",domain=\"d1\",role=\"core\"} 0.087",
        "uptick_domain_http_status{site=\"s1\",domain=\"d1\",role=\"core\"} 200",
        "uptick_unconfirmed_failures{site=\"s1\",domain=\"d0\",role=\"core\"} 3",
        "# TYPE uptick_site_up gauge",
        "# EOF",
        NULL,
    };

    ((struct example *)*state)->domain_views[2].outages[LIST_UNCONFIRMED].n_week = 3;
    assert_lines(*state, lines);
}

static void an_unknown_value_has_no_metric(void **state)
{
    static const char *const absent[] = {
        "\nuptick_tick",
        "\nuptick_site_up{site=\"s0\"}",
        "\nuptick_site_uptime_ratio{site=\"s0\",span=\"7d\"}",
        "\nuptick_site_uptime_ratio{site=\"s0\",span=\"30d\"}",
        "\nuptick_domain_up{site=\"s0\",domain=\"d0\"",
        "\nuptick_domain_last_check_timestamp_seconds{site=\"s0\",domain=\"d0\"",
        "\nuptick_domain_latency_seconds{site=\"s0\",domain=\"d0\"",
        "\nuptick_domain_latency_seconds{site=\"s0\",domain=\"d1\"",
        "\nuptick_domain_http_status{site=\"s0\",domain=\"d0\"",
        "\nuptick_domain_http_status{site=\"s0\",domain=\"d1\"",
    };
    static const char *const present[] = {
        "uptick_site_status{site=\"s0\",status=\"UNKNOWN\"} 1",
        "uptick_site_measured_ratio{site=\"s0\",span=\"7d\"} 0.00000",
        "uptick_site_measured_ratio{site=\"s0\",span=\"30d\"} 0.49999",
        "uptick_domain_up{site=\"s0\",domain=\"d1\",role=\"core\"} 0",
        NULL,
    };
    struct example *example = *state;

    example->snapshot.ticks.recorded = false;
    example->site_views[0].status = STATUS_UNKNOWN;
    example->site_views[0].uptime[SPAN_7D] = (struct uptime){.has_data = false};
    example->site_views[0].uptime[SPAN_30D] = (struct uptime){true, 100000, 49999, false};
    example->domain_views[0].status = STATUS_UNKNOWN;
    example->domain_views[0].last = NULL;
    example->domain_views[1].status = STATUS_TIMEOUT;
    example->checks[1] = (struct recorded){example_at_ms, STATUS_TIMEOUT, 0, -1, "timeout: 20 s"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        assert_no(example, absent[i]);
    assert_lines(example, present);
}

static void the_up_metric_follows_the_status(void **state)
{
    static const struct {
        enum status status;
        const char *site, *domain;
    } cases[] = {
        {STATUS_UP, "uptick_site_up{site=\"s0\"} 1",
         "uptick_domain_up{site=\"s0\",domain=\"d0\",role=\"core\"} 1"},
        {STATUS_DEGRADED, "uptick_site_up{site=\"s0\"} 1",
         "uptick_domain_up{site=\"s0\",domain=\"d0\",role=\"core\"} 1"},
        {STATUS_DOWN, "uptick_site_up{site=\"s0\"} 0",
         "uptick_domain_up{site=\"s0\",domain=\"d0\",role=\"core\"} 0"},
        {STATUS_BOT_DETECTED, NULL, "uptick_domain_up{site=\"s0\",domain=\"d0\",role=\"core\"} 0"},
    };
    struct example *example = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text;

        example->site_views[0].status = example->domain_views[0].status = cases[i].status;
        text = print(example);
        assert_true(!cases[i].site || has_line(text, cases[i].site));
        assert_true(!cases[i].domain || has_line(text, cases[i].domain));
        free(text);
    }
}

static void the_code_of_the_current_failure_is_a_label(void **state)
{
    static const struct {
        enum status status;
        struct recorded last;
        const char *code; /* NULL: no sample */
    } cases[] = {
        {STATUS_UP, {.status = STATUS_UP, .failure = ""}, NULL},
        {STATUS_DEGRADED,
         {.status = STATUS_UP, .failure = "slow: 9 ms, expected at most 8"},
         "latency.limit"},
        {STATUS_DOWN,
         {.status = STATUS_DOWN, .http_status = 503, .failure = "http_status: expected 200"},
         "status.5xx"},
        {STATUS_TIMEOUT, {.status = STATUS_TIMEOUT, .failure = "timeout: 2 s"}, "timeout.body"},
        {STATUS_UP, {.status = STATUS_UP, .failure = "a text of somebody"}, NULL},
        /* It is too old to count. */
        {STATUS_UNKNOWN, {.status = STATUS_TIMEOUT, .failure = "timeout: 2 s"}, NULL},
    };
    struct example *example = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[160];

        example->domain_views[0].status = cases[i].status;
        example->checks[0] = cases[i].last;
        snprintf(
            line, sizeof line,
            "uptick_domain_failure_info{site=\"s0\",domain=\"d0\",role=\"core\",code=\"%s\"} 1",
            cases[i].code ? cases[i].code : "");
        if (cases[i].code)
            assert_lines(example, (const char *const[]){line, NULL});
        else
            assert_no(example, "\nuptick_domain_failure_info");
    }
    example->domain_views[0].last = NULL;
    assert_no(example, "\nuptick_domain_failure_info");
}

static void metrics_have_the_documented_decimals(void **state)
{
    static const char *const lines[] = {
        "uptick_site_uptime_ratio{site=\"s0\",span=\"24h\"} 0.99583",
        "uptick_site_measured_ratio{site=\"s0\",span=\"24h\"} 0.00001",
        "uptick_domain_latency_seconds{site=\"s0\",domain=\"d0\",role=\"core\"} 12.005",
        NULL,
    };
    struct example *example = *state;

    example->site_views[0].uptime[SPAN_24H] = (struct uptime){true, 99583, 1, true};
    example->checks[0].latency_ms = 12005;
    assert_lines(example, lines);
}

static void metric_labels_are_escaped(void **state)
{
    static const char *const lines[] = {
        "uptick_site_info{site=\"s0\",name=\"a \\\"b\\\" \\\\n c ? {}=,é\"} 1", NULL};
    struct example *example = *state;

    example->sites[0].name = "a \"b\" \\n\nc\x1b\xff {}=,é";
    example->domains[0].role = ROLE_CORE;
    assert_lines(example, lines);
}

static void each_metric_is_declared_once(void **state)
{
    char *text = print(*state);

    for (char *help = strstr(text, "# HELP "); help; help = strstr(help + 1, "# HELP ")) {
        char name[80], type[120];

        sscanf(help, "# HELP %79s", name);
        snprintf(type, sizeof type, "# HELP %s ", name);
        assert_null(strstr(help + 1, type));
    }
    assert_string_equal(text + strlen(text) - 7, "\n# EOF\n");
    free(text);
}

static void only_program_metrics_are_written_if_there_are_no_sites(void **state)
{
    static const char *const lines[] = {"uptick_tick_checks 6", "# EOF", NULL};
    struct example *example = *state;

    example->snapshot.n_sites = 0;
    assert_lines(example, lines);
    assert_no(example, "{site=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_known_value_has_a_metric, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_value_has_no_metric, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(the_code_of_the_current_failure_is_a_label, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(the_up_metric_follows_the_status, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(metrics_have_the_documented_decimals, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(metric_labels_are_escaped, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(each_metric_is_declared_once, example_set_up,
                                        example_tear_down),
        cmocka_unit_test_setup_teardown(only_program_metrics_are_written_if_there_are_no_sites,
                                        example_set_up, example_tear_down),
    };

    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
