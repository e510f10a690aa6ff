/* Decides the verdict of an exchange, and writes why it failed. */
#include "model/verdict.h"

#include "base/secrets.h"
#include "base/text.h"
#include "model/bot_wall.h"
#include "model/code.h"
#include "model/expectation.h"
#include "model/quote.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const kinds[] = {
    [FAULT_NONE] = "",           [FAULT_TIMEOUT] = "timeout", [FAULT_DNS] = "dns",
    [FAULT_CONNECT] = "connect", [FAULT_TLS] = "tls",         [FAULT_PROTOCOL] = "protocol",
};

/* Hides secrets in the parts of a failure that are not words of uptick. */
static void hide_between_words(const struct secrets *secrets, char failure[FAILURE_MAX])
{
    char part[FAILURE_MAX], hidden[FAILURE_MAX];
    bool fixed[FAILURE_MAX];
    size_t used = 0, size = strlen(failure);

    code_mark_fixed(failure, fixed);
    for (size_t from = 0, to; from < size; from = to) {
        for (to = from; to < size && fixed[to] == fixed[from]; to++)
            part[to - from] = failure[to];
        part[to - from] = '\0';
        if (!fixed[from])
            secrets_hide(secrets, part, sizeof part);
        used += (size_t)snprintf(hidden + used, sizeof hidden - used, "%s", part);
        if (used >= sizeof hidden)
            break;
    }
    memcpy(failure, hidden, sizeof hidden);
}

/* A word of uptick that decides the code is shown, even if it is also the value of a secret. */
static void hide(const struct secrets *secrets, enum status status, char failure[FAILURE_MAX])
{
    const char *code = code_of(status, 0, failure);
    char before[FAILURE_MAX];

    memcpy(before, failure, sizeof before);
    secrets_hide(secrets, failure, FAILURE_MAX);
    if (code_of(status, 0, failure) != code) {
        memcpy(failure, before, sizeof before);
        hide_between_words(secrets, failure);
    }
}

__attribute__((format(printf, 4, 5))) static void verdict_set(struct check *check,
                                                              const struct secrets *secrets,
                                                              enum status status,
                                                              const char *format, ...)
{
    va_list args;

    check->status = status;
    va_start(args, format);
    vsnprintf(check->failure, sizeof check->failure, format, args);
    va_end(args);
    if (secrets)
        hide(secrets, status, check->failure);

    /* A detail from the network can contain any bytes, and a long text may be cut inside a
     * character. */
    text_clean(check->failure);
}

static void judge_timeout(const struct domain *domain, const struct exchange *exchange,
                          struct check *check)
{
    double limit = domain->timeout_ms / 1000.0;

    /* An exchange can also succeed or fail after its time. */
    if (exchange->fault == FAULT_TIMEOUT)
        verdict_set(check, domain->secrets, STATUS_TIMEOUT, "timeout: %g s passed %s", limit,
                    exchange->detail);
    else
        verdict_set(check, NULL, STATUS_TIMEOUT, "timeout: took %g s, the limit is %g s",
                    (double)exchange->duration_ms / 1000.0, limit);
    check->http_status = 0;
}

static void judge_bot(const struct domain *domain, const struct exchange *exchange,
                      struct check *check)
{
    char quoted[QUOTE_MAX];

    quote_text(&domain->bot_strings.list[exchange->bot_string].shown, quoted);
    verdict_set(check, NULL, STATUS_BOT_DETECTED, "bot: %s found (status %d)", quoted,
                exchange->http_status);
}

/* What the owner of a site can allow: the user agent that the check sends. */
static const char *allowed_agent(const struct domain *domain, char text[BOT_WALL_AGENT_MAX + 16])
{
    char agent[BOT_WALL_AGENT_MAX];

    for (size_t i = 0; i < domain->n_headers; i++) {
        if (strcasecmp(domain->headers[i].name, "User-Agent") == 0)
            return "the configured user agent";
    }
    snprintf(text, BOT_WALL_AGENT_MAX + 16, "the user agent %s", bot_wall_agent(agent));
    return text;
}

static void judge_wall(const struct domain *domain, const struct exchange *exchange,
                       struct check *check)
{
    char agent[BOT_WALL_AGENT_MAX + 16];

    verdict_set(check, NULL, STATUS_BOT_DETECTED,
                "bot: %s (status %d); allow %s or this machine's address %s",
                exchange->bot_wall->name, exchange->http_status, allowed_agent(domain, agent),
                exchange->bot_wall->where);
}

static int judge_expectations(const struct domain *domain, const struct exchange *exchange,
                              struct check *check)
{
    char failure[FAILURE_MAX];
    enum expectation_result result = expectation_test(domain, exchange, failure);

    verdict_set(check, NULL, result == EXPECTATION_FAILS ? STATUS_DOWN : STATUS_UP, "%s", failure);
    return result == EXPECTATION_NO_MEMORY ? -1 : 0;
}

int verdict_judge(const struct domain *domain, const struct exchange *exchange, struct check *check)
{
    assert(exchange->fault == FAULT_NONE || exchange->detail);
    assert(exchange->bot_string >= -1 && exchange->bot_string < (int)domain->bot_strings.n);
    check->http_status = exchange->http_status;
    check->latency_ms = -1;

    if (exchange->fault == FAULT_TIMEOUT || exchange->duration_ms > domain->timeout_ms) {
        judge_timeout(domain, exchange, check);
        return 0;
    }
    if (exchange->fault != FAULT_NONE) {
        verdict_set(check, domain->secrets, STATUS_DOWN, "%s: %s", kinds[exchange->fault],
                    exchange->detail);
        return 0;
    }
    check->latency_ms = (int)exchange->duration_ms;
    if (exchange->bot_string >= 0)
        judge_bot(domain, exchange, check);
    else if (exchange->bot_wall)
        judge_wall(domain, exchange, check);
    else
        return judge_expectations(domain, exchange, check);
    return 0;
}
