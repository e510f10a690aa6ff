/* The report of the command check: as a table, as JSON, and in the JUnit format of CI servers. */
#include "commands/check_report.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "commands/check_certificates.h"
#include "model/code.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct domain *domain_of(const struct report *report, size_t i)
{
    return &report->config->domains[report->jobs[i].domain];
}

size_t check_report_site_end(const struct report *report, size_t first)
{
    size_t end = first;

    assert(first < report->n_checks);
    while (end < report->n_checks && domain_of(report, end)->site == domain_of(report, first)->site)
        end++;
    return end;
}

static void print_time(int64_t us)
{
    if (us < 0)
        printf("%11s", "-");
    else
        printf("%11.1f", (double)us / 1000.0);
}

static const char *code_of_result(const struct result *result)
{
    const struct check *check = &result->check;

    return result->no_verdict ? NULL : code_of(check->status, check->http_status, check->failure);
}

/* The lines that explain a failure; "": there are none. */
static const char *explanation_of(const struct result *result)
{
    return result->explanation ? result->explanation : "";
}

/* The size of the first line, with its end. */
static size_t line_size(const char *text)
{
    size_t size = strcspn(text, "\n");

    return size + (text[size] == '\n');
}

static void print_failure(const struct report *report, const struct result *result)
{
    const char *code = report->verbose ? code_of_result(result) : NULL;

    printf("    %s", result->check.failure);
    if (code)
        printf(" [%s]", code);
    putchar('\n');
    for (const char *line = explanation_of(result); *line; line += line_size(line))
        printf("      %.*s\n", (int)strcspn(line, "\n"), line);
}

static void print_check(const struct report *report, size_t i, int width)
{
    const struct result *result = &report->results[i];
    char name[CONFIG_MONITOR_MAX];

    printf("%-*s  %-12s ", width, config_monitor_name(report->config, report->jobs[i].domain, name),
           status_name(result->check.status));
    if (result->check.http_status)
        printf("%4d", result->check.http_status);
    else
        printf("%4s", "-");
    for (int phase = 0; phase < PHASES; phase++)
        print_time(result->phases.us[phase]);
    putchar('\n');
    if (*result->check.failure)
        print_failure(report, result);
    if (report->verbose)
        check_certificates_print(domain_of(report, i), result);
}

void check_report_table(const struct report *report)
{
    char name[CONFIG_MONITOR_MAX];
    int width = (int)strlen("MONITOR");

    for (size_t i = 0; i < report->n_checks; i++) {
        int n = (int)strlen(config_monitor_name(report->config, report->jobs[i].domain, name));

        width = n > width ? n : width;
    }
    printf("%-*s  %-12s %4s%11s%11s%11s%11s%11s\n", width, "MONITOR", "STATUS", "HTTP", "LOOKUP ms",
           "CONNECT", "TLS", "FIRST BYTE", "TOTAL");
    for (size_t i = 0; i < report->n_checks; i++)
        print_check(report, i, width);
}

/* null: the value is missing. */

static json_t *json_time(int64_t us)
{
    return us < 0 ? json_null() : json_real((double)us / 1000.0);
}

static json_t *json_number(int value, int missing)
{
    return value == missing ? json_null() : json_integer(value);
}

static json_t *json_text(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static json_t *json_explanation(const struct result *result)
{
    json_t *lines = json_array();

    for (const char *line = explanation_of(result); *line; line += line_size(line))
        json_array_append_new(lines, json_stringn(line, strcspn(line, "\n")));
    return lines;
}

static json_t *json_check(const struct domain *domain, const struct result *result)
{
    const struct check *check = &result->check;
    const char *code = code_of_result(result);
    char timestamp[CLOCK_TEXT_MAX];

    clock_write_ms(check->start_ms, timestamp);
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:{s:o, s:o, s:o, s:o, s:o}}", "timestamp",
        timestamp, "domain_status", status_name(check->status), "http_status",
        json_number(check->http_status, 0), "latency_ms", json_number(check->latency_ms, -1),
        "failure_type", json_text(check->failure), "code", json_text(code ? code : ""),
        "explanation", json_explanation(result), "attempts", result->attempts, "certificates",
        check_certificates_json(domain, result), "phases_ms", "lookup",
        json_time(result->phases.us[PHASE_LOOKUP]), "connect",
        json_time(result->phases.us[PHASE_CONNECT]), "tls", json_time(result->phases.us[PHASE_TLS]),
        "first_byte", json_time(result->phases.us[PHASE_FIRST_BYTE]), "total",
        json_time(result->phases.us[PHASE_TOTAL]));
}

static json_t *json_domain(const struct report *report, size_t i)
{
    const struct domain *domain = domain_of(report, i);

    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", domain->id, "name", domain->name, "role",
                     config_role_names[domain->role], "url", domain->shown_url, "check",
                     json_check(domain, &report->results[i]));
}

static json_t *json_site(const struct report *report, size_t first, size_t end)
{
    size_t index = domain_of(report, first)->site;
    const struct site *site = &report->config->sites[index];
    json_t *domains = json_array();

    for (size_t i = first; i < end; i++) {
        if (json_array_append_new(domains, json_domain(report, i))) {
            json_decref(domains);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "id", site->id, "name", site->name, "status",
                     status_name(report->sites[index]), "domains", domains);
}

int check_report_json(const struct report *report, struct error *error)
{
    json_t *sites = json_array();
    json_t *root = NULL;
    char *text = NULL;

    for (size_t i = 0, end; i < report->n_checks; i = end) {
        end = check_report_site_end(report, i);
        if (json_array_append_new(sites, json_site(report, i, end)))
            goto out;
    }
    root = json_pack("{s:i, s:O}", "version", 1, "sites", sites);
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    if (text)
        puts(text);
out:
    json_decref(sites);
    json_decref(root);
    if (!text)
        return error_set(error, EXIT_IO, "check: out of memory while writing the report");
    free(text);
    return 0;
}

/* The sums of a suite, or of all suites. */
struct junit_sums {
    size_t tests, failures, errors;
    int64_t us;
};

static struct junit_sums add_checks(const struct report *report, size_t first, size_t end)
{
    struct junit_sums sums = {.tests = end - first};

    for (size_t i = first; i < end; i++) {
        const struct result *result = &report->results[i];

        sums.errors += result->no_verdict;
        sums.failures += !result->no_verdict && result->check.status != STATUS_UP;
        sums.us += result->phases.us[PHASE_TOTAL] > 0 ? result->phases.us[PHASE_TOTAL] : 0;
    }
    return sums;
}

/* Bytes that XML forbids are replaced. */
static void put_text(struct buffer *into, const char *text, size_t size)
{
    char line[FAILURE_MAX];

    text_one_line(line, sizeof line, text, size);
    text_mend_xml(line);
    text_escape_html(into, line, strlen(line));
}

static void put_attribute(struct buffer *into, const char *name, const char *value)
{
    buffer_printf(into, " %s=\"", name);
    put_text(into, value, strlen(value));
    buffer_putc(into, '"');
}

static void put_sums(struct buffer *into, const struct junit_sums *sums)
{
    buffer_printf(into, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.6f\"", sums->tests,
                  sums->failures, sums->errors, (double)sums->us / 1e6);
}

/* The type is the code. A local fault has none: its type is the KIND at the start of its text. */
static void put_type(struct buffer *into, const struct result *result)
{
    const char *failure = result->check.failure, *code = code_of_result(result);
    char kind[FAILURE_MAX];

    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(failure, ":"), failure);
    put_attribute(into, "type", code ? code : kind);
}

/* A slow check passes. Its output shows by how much it was too slow. */
static void put_passed(struct buffer *into, const struct result *result)
{
    const char *code = code_of_result(result);

    if (!code) {
        buffer_puts(into, "/>\n");
        return;
    }
    buffer_puts(into, ">\n      <system-out>");
    put_text(into, result->check.failure, strlen(result->check.failure));
    buffer_printf(into, " [%s]</system-out>\n    </testcase>\n", code);
}

/* Ends the element of a failure, which contains its explanation. */
static void put_explanation(struct buffer *into, const struct result *result)
{
    const char *name = result->no_verdict ? "error" : "failure";
    const char *line = explanation_of(result);

    if (!*line) {
        buffer_puts(into, "/>\n");
        return;
    }
    buffer_putc(into, '>');
    for (; *line; line += line_size(line)) {
        buffer_putc(into, '\n');
        put_text(into, line, strcspn(line, "\n"));
    }
    buffer_printf(into, "\n      </%s>\n", name);
}

static void put_case(struct buffer *into, const struct report *report, size_t i)
{
    const struct domain *domain = domain_of(report, i);
    const struct result *result = &report->results[i];
    int64_t total = result->phases.us[PHASE_TOTAL];

    buffer_puts(into, "    <testcase");
    put_attribute(into, "classname", report->config->sites[domain->site].id);
    put_attribute(into, "name", domain->id);
    buffer_printf(into, " time=\"%.6f\"", total > 0 ? (double)total / 1e6 : 0.0);
    if (result->check.status == STATUS_UP) {
        put_passed(into, result);
        return;
    }
    buffer_puts(into, ">\n      ");
    buffer_puts(into, result->no_verdict ? "<error" : "<failure");
    put_type(into, result);
    put_attribute(into, "message", result->check.failure);
    put_explanation(into, result);
    buffer_puts(into, "    </testcase>\n");
}

static void put_suite(struct buffer *into, const struct report *report, size_t first, size_t end)
{
    const struct domain *domain = domain_of(report, first);
    char timestamp[CLOCK_TEXT_MAX];
    struct junit_sums sums = add_checks(report, first, end);

    clock_write_seconds(report->results[first].check.start_ms, timestamp);
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
    struct junit_sums sums = add_checks(report, 0, report->n_checks);

    buffer_puts(into, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"uptick\"");
    put_sums(into, &sums);
    buffer_puts(into, ">\n");
    for (size_t i = 0, end; i < report->n_checks; i = end) {
        end = check_report_site_end(report, i);
        put_suite(into, report, i, end);
    }
    buffer_puts(into, "</testsuites>\n");
}

int check_report_junit(const struct report *report, const char *path, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result;

    put_report(&text, report);
    result = text.failed ? error_set(error, EXIT_IO, "%s: out of memory", path)
                         : file_replace(path, text.data, text.size, 0644, error);
    buffer_free(&text);
    return result;
}
