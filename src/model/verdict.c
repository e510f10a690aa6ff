#include "model/verdict.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How much of a configured string a failure quotes: enough to know it by. */
enum { QUOTE_MAX = 100 };

static const char *const kinds[] = {
    [FAULT_NONE] = "",           [FAULT_TIMEOUT] = "timeout", [FAULT_DNS] = "dns",
    [FAULT_CONNECT] = "connect", [FAULT_TLS] = "tls",         [FAULT_PROTOCOL] = "protocol",
};

__attribute__((format(printf, 3, 4))) static void fail(struct check *check, enum status status,
                                                       const char *format, ...)
{
    va_list args;

    check->status = status;
    va_start(args, format);
    vsnprintf(check->failure, sizeof check->failure, format, args);
    va_end(args);

    /* What was cut, or came from the network, may end within a character or hold anything. */
    text_clean(check->failure);
}

/* "200", "200-299 or 404", "200, 204 or 301-303"; what does not fit is left out. */
static void write_expected(const struct domain *domain, char *text, size_t room)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < domain->n_expect_status && used < room; i++) {
        const struct status_range *range = &domain->expect_status[i];
        const char *before = i == 0 ? "" : i + 1 == domain->n_expect_status ? " or " : ", ";
        int n =
            range->first == range->last
                ? snprintf(text + used, room - used, "%s%d", before, range->first)
                : snprintf(text + used, room - used, "%s%d-%d", before, range->first, range->last);

        used += (size_t)n;
    }
}

static bool status_expected(const struct domain *domain, int http_status)
{
    for (size_t i = 0; i < domain->n_expect_status; i++) {
        if (http_status >= domain->expect_status[i].first &&
            http_status <= domain->expect_status[i].last)
            return true;
    }
    return false;
}

/* The string in quotes, in one line, cut where it is long. */
static void quote(const struct bytes *bytes, char text[QUOTE_MAX + 8])
{
    char line[QUOTE_MAX];

    text_one_line(line, sizeof line, bytes->data, bytes->size);
    snprintf(text, QUOTE_MAX + 8, "\"%s%s\"", line, bytes->size >= sizeof line ? "..." : "");
}

static void time_out(const struct domain *domain, const struct exchange *exchange,
                     struct check *check)
{
    double allowed = domain->timeout_ms / 1000.0;

    /* An exchange may also end, well or not, only after its time. */
    if (exchange->fault == FAULT_TIMEOUT)
        fail(check, STATUS_TIMEOUT, "timeout: %g s passed %s", allowed, exchange->detail);
    else
        fail(check, STATUS_TIMEOUT, "timeout: took %g s, and %g s are allowed",
             (double)exchange->duration_ms / 1000.0, allowed);
    check->http_status = 0;
}

static void miss_body(const struct domain *domain, const struct exchange *exchange,
                      struct check *check)
{
    char quoted[QUOTE_MAX + 8];

    quote(&domain->body_contains, quoted);
    fail(check, STATUS_DOWN, "body: %s not found in %s%" PRId64 " bytes", quoted,
         exchange->body_cut ? "the first " : "", exchange->body_bytes);
}

static void detect_bot(const struct domain *domain, const struct exchange *exchange,
                       struct check *check)
{
    char quoted[QUOTE_MAX + 8];

    quote(&domain->bot_strings[exchange->bot_string], quoted);
    fail(check, STATUS_BOT_DETECTED, "bot: %s found (status %d)", quoted, exchange->http_status);
}

static void refuse_status(const struct domain *domain, const struct exchange *exchange,
                          struct check *check)
{
    char expected[FAILURE_MAX / 2];

    write_expected(domain, expected, sizeof expected);
    fail(check, STATUS_DOWN, "http_status: expected %s, got %d", expected, exchange->http_status);
}

void verdict_judge(const struct domain *domain, const struct exchange *exchange,
                   struct check *check)
{
    check->http_status = exchange->http_status;
    check->latency_ms = -1;

    if (exchange->fault == FAULT_TIMEOUT || exchange->duration_ms > domain->timeout_ms) {
        time_out(domain, exchange, check);
        return;
    }
    if (exchange->fault != FAULT_NONE) {
        fail(check, STATUS_DOWN, "%s: %s", kinds[exchange->fault], exchange->detail);
        return;
    }
    check->latency_ms = (int)exchange->duration_ms;
    if (exchange->bot_string >= 0)
        detect_bot(domain, exchange, check);
    else if (!status_expected(domain, exchange->http_status))
        refuse_status(domain, exchange, check);
    else if (!exchange->body_found)
        miss_body(domain, exchange, check);
    else
        fail(check, STATUS_UP, "%s", "");
}
