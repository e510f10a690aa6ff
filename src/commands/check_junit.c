/* The report of the command check as CI servers read it. */
#include "commands/check_report.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a suite, or all of them, add up to. */
struct sums {
    size_t tests, failures, errors;
    int64_t us;
};

static void add_up(const struct report *report, size_t first, size_t end, struct sums *sums)
{
    *sums = (struct sums){.tests = end - first};
    for (size_t i = first; i < end; i++) {
        const struct result *result = &report->checks[i].result;

        sums->errors += result->no_verdict;
        sums->failures += !result->no_verdict && result->check.status != STATUS_UP;
        sums->us += result->phases.us[PHASE_TOTAL] > 0 ? result->phases.us[PHASE_TOTAL] : 0;
    }
}

/* An attribute; what XML cannot hold at all is not in it. */
static void put_attribute(struct buffer *into, const char *name, const char *value)
{
    char line[FAILURE_MAX];
    char *at;

    text_one_line(line, sizeof line, value, strlen(value));
    while ((at = strstr(line, "\xef\xbf\xbe")) || (at = strstr(line, "\xef\xbf\xbf")))
        memcpy(at, "???", 3);
    buffer_printf(into, " %s=\"", name);
    text_escape_html(into, line, strlen(line));
    buffer_putc(into, '"');
}

static void put_sums(struct buffer *into, const struct sums *sums)
{
    buffer_printf(into, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.6f\"", sums->tests,
                  sums->failures, sums->errors, (double)sums->us / 1e6);
}

/* The KIND that a failure begins with. */
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
    struct sums sums;

    add_up(report, first, end, &sums);
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
    struct sums sums;

    add_up(report, 0, report->n_checks, &sums);
    buffer_puts(into, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"uptick\"");
    put_sums(into, &sums);
    buffer_puts(into, ">\n");
    for (size_t i = 0, end; i < report->n_checks; i = end) {
        end = check_report_site_end(report, i);
        put_suite(into, report, i, end);
    }
    buffer_puts(into, "</testsuites>\n");
}

/* Writes all of it to a new file beside the one that it is to become, or straight to what is no
 * plain file, a pipe say. */
static int write_file(const char *path, const struct buffer *text, struct error *error)
{
    char aside[FILENAME_MAX];
    struct stat there;
    bool plain = lstat(path, &there) || S_ISREG(there.st_mode);
    const char *target = plain ? aside : path;
    int fd;

    snprintf(aside, sizeof aside, "%s.%ld.tmp", path, (long)getpid());
    fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | (plain ? O_EXCL : O_TRUNC), 0644);
    if (fd < 0)
        return error_errno(error, "%s", target);
    for (size_t at = 0; at < text->size;) {
        ssize_t n = write(fd, text->data + at, text->size - at);

        if (n < 0 && errno != EINTR) {
            error_errno(error, "%s", target);
            close(fd);
            goto fail;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    if (close(fd) || (plain && rename(aside, path))) {
        error_errno(error, "%s", path);
        goto fail;
    }
    return 0;
fail:
    if (plain)
        unlink(aside);
    return -1;
}

int check_report_junit(const struct report *report, const char *path, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result;

    put_report(&text, report);
    result = text.failed ? error_set(error, EXIT_IO, "%s: out of memory", path)
                         : write_file(path, &text, error);
    buffer_free(&text);
    return result;
}
