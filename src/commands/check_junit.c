/* The report of the command check, for CI servers. */
#include "commands/check_junit.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* The sums of a suite, or of all suites. */
struct junit_sums {
    size_t tests, failures, errors;
    int64_t us;
};

static void add_checks(const struct report *report, size_t first, size_t end,
                       struct junit_sums *sums)
{
    *sums = (struct junit_sums){.tests = end - first};
    for (size_t i = first; i < end; i++) {
        const struct result *result = &report->checks[i].result;

        sums->errors += result->no_verdict;
        sums->failures += !result->no_verdict && result->check.status != STATUS_UP;
        sums->us += result->phases.us[PHASE_TOTAL] > 0 ? result->phases.us[PHASE_TOTAL] : 0;
    }
}

/* Bytes that XML forbids are replaced. */
static void put_attribute(struct buffer *into, const char *name, const char *value)
{
    char line[FAILURE_MAX];

    text_one_line(line, sizeof line, value, strlen(value));
    text_mend_xml(line);
    buffer_printf(into, " %s=\"", name);
    text_escape_html(into, line, strlen(line));
    buffer_putc(into, '"');
}

static void put_sums(struct buffer *into, const struct junit_sums *sums)
{
    buffer_printf(into, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.6f\"", sums->tests,
                  sums->failures, sums->errors, (double)sums->us / 1e6);
}

/* The type is the KIND at the start of the failure text. */
static void put_kind(struct buffer *into, const char *failure)
{
    char kind[FAILURE_MAX];

    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(failure, ":"), failure);
    put_attribute(into, "type", kind);
}

static void put_case(struct buffer *into, const struct report *report, size_t i)
{
    const struct domain *domain = &report->config->domains[report->checks[i].domain];
    const struct result *result = &report->checks[i].result;
    int64_t total = result->phases.us[PHASE_TOTAL];

    buffer_puts(into, "    <testcase");
    put_attribute(into, "classname", report->config->sites[domain->site].id);
    put_attribute(into, "name", domain->id);
    buffer_printf(into, " time=\"%.6f\"", total > 0 ? (double)total / 1e6 : 0.0);
    if (result->check.status == STATUS_UP) {
        buffer_puts(into, "/>\n");
        return;
    }
    buffer_puts(into, ">\n      ");
    buffer_puts(into, result->no_verdict ? "<error" : "<failure");
    put_kind(into, result->check.failure);
    put_attribute(into, "message", result->check.failure);
    buffer_puts(into, "/>\n    </testcase>\n");
}

static void put_suite(struct buffer *into, const struct report *report, size_t first, size_t end)
{
    const struct domain *domain = &report->config->domains[report->checks[first].domain];
    char timestamp[CLOCK_TEXT_MAX];
    struct junit_sums sums;

    add_checks(report, first, end, &sums);
    clock_write_seconds(report->checks[first].result.check.start_ms, timestamp);
    buffer_puts(into, "  <testsuite");
    put_attribute(into, "name", report->config->sites[domain->site].id);
    put_sums(into, &sums);
    put_attribute(into, "timestamp", timestamp);
    buffer_puts(into, ">\n");
    for (size_t i = first; i < end; i++)
        put_case(into, report, i);
    buffer_puts(into, "  </testsuite>\n");
}

static void put_report(struct buffer *into, const struct report *report)
{
    struct junit_sums sums;

    add_checks(report, 0, report->n_checks, &sums);
    buffer_puts(into, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"uptick\"");
    put_sums(into, &sums);
    buffer_puts(into, ">\n");
    for (size_t i = 0, end; i < report->n_checks; i = end) {
        end = check_report_site_end(report, i);
        put_suite(into, report, i, end);
    }
    buffer_puts(into, "</testsuites>\n");
}

int check_junit_write(const struct report *report, const char *path, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result;

    put_report(&text, report);
    result = text.failed ? error_set(error, EXIT_IO, "%s: out of memory", path)
                         : file_replace(path, text.data, text.size, 0644, error);
    buffer_free(&text);
    return result;
}
