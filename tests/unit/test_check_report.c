/* check_report.h: what the report in the JUnit format has of each result. */
#include "commands/check_report.h"

#include "base/buffer.h"
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CHECKS = 5 };

static const struct {
    struct check check;
    bool no_verdict;
    const char *expected;
} cases[CHECKS] = {
    {{.status = STATUS_UP, .http_status = 200, .failure = ""},
     false,
     "<testcase classname=\"s\" name=\"d0\" time=\"0.000000\"/>\n"},
    {{.status = STATUS_UP, .http_status = 200, .failure = "slow: 9 ms, expected at most 8 <&\x1b"},
     false,
     "<testcase classname=\"s\" name=\"d1\" time=\"0.000000\">\n"
     "      <system-out>slow: 9 ms, expected at most 8 &lt;&amp;  [latency.limit]</system-out>\n"
     "    </testcase>\n"},
    {{.status = STATUS_DOWN, .http_status = 503, .failure = "http_status: expected 200, got 503"},
     false,
     "<failure type=\"status.5xx\" message=\"http_status: expected 200, got 503\"/>\n"},
    {{.status = STATUS_TIMEOUT, .failure = "timeout: 2 s passed connecting to \"a\""},
     false,
     "<failure type=\"timeout.connect\" message=\"timeout: 2 s passed connecting to "
     "&quot;a&quot;\"/>\n"},
    {{.status = STATUS_UNKNOWN, .failure = "local fault: no route"},
     true,
     "<error type=\"local fault\" message=\"local fault: no route\"/>\n"},
};

static void each_result_is_a_case_with_the_code_as_its_type(void **state)
{
    static const char *const ids[CHECKS] = {"d0", "d1", "d2", "d3", "d4"};
    struct site site = {.id = "s", .name = "s", .n_domains = CHECKS};
    struct domain domains[CHECKS] = {{0}};
    struct config config = {.sites = &site, .n_sites = 1, .domains = domains, .n_domains = CHECKS};
    struct job jobs[CHECKS] = {{0}};
    struct result *results = calloc(CHECKS, sizeof *results);
    struct report report = {
        .config = &config, .jobs = jobs, .results = results, .n_checks = CHECKS};
    struct buffer text = BUFFER_WITH_CEILING(1 << 20);
    char path[] = "/tmp/uptick-junit-XXXXXX";
    struct error error;

    (void)state;
    for (size_t i = 0; i < CHECKS; i++) {
        domains[i] = (struct domain){.id = ids[i], .name = ids[i]};
        jobs[i].domain = i;
        results[i].check = cases[i].check;
        results[i].no_verdict = cases[i].no_verdict;
        results[i].phases = PHASES_NONE;
    }
    close(mkstemp(path));
    assert_int_equal(check_report_junit(&report, path, &error), 0);
    assert_int_equal(file_read(path, &text, &error), 0);
    unlink(path);
    for (size_t i = 0; i < CHECKS; i++) {
        if (!strstr(text.data, cases[i].expected))
            fail_msg("no %s in %s", cases[i].expected, text.data);
    }
    assert_non_null(strstr(text.data, "tests=\"5\" failures=\"2\" errors=\"1\""));
    buffer_free(&text);
    free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_result_is_a_case_with_the_code_as_its_type),
    };

    return cmocka_run_group_tests_name("check_report", tests, NULL, NULL);
}
