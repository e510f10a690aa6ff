/* Chooses the sentence that names where to look next. */
#include "dashboard/hint.h"

#include "dashboard/messages.h"
#include "dashboard/snapshot.h"
#include "model/code.h"
#include "model/status.h"

#include <stdbool.h>
#include <string.h>

/*
 * The first row counts whose code is equal, or begins with it before a "*"; whose HTTP status is
 * equal, if it has one; and whose text is in the failure, if it has one.
 */
static const struct {
    const char *code;
    int http_status;
    const char *text, *message;
} rows[] = {
    {"dns.servfail", 0, "dns: the host name is malformed", "hint_url"},
    {"dns.nxdomain", 0, NULL, "hint_name"},
    {"dns.no_address", 0, NULL, "hint_address"},
    {"dns.*", 0, NULL, "hint_name_server"},
    {"timeout.lookup", 0, NULL, "hint_name_server"},

    {"connect.refused", 0, "as the proxy reports", "hint_process"},
    {"connect.*", 0, "the proxy", "hint_proxy"},
    {"connect.refused", 0, NULL, "hint_process"},
    {"connect.reset", 0, NULL, "hint_closed"},
    {"connect.*", 0, "unix socket", "hint_process"},
    {"connect.unreachable", 0, NULL, "hint_machine"},
    {"timeout.connect", 0, NULL, "hint_machine"},

    {"tls.expired", 0, NULL, "hint_renewal"},
    {"certificate.days", 0, NULL, "hint_renewal"},
    {"tls.not_yet", 0, NULL, "hint_clock"},
    {"tls.name", 0, NULL, "hint_certificate_name"},
    {"tls.issuer", 0, NULL, "hint_chain"},
    {"tls.self_signed", 0, NULL, "hint_chain"},
    {"tls.*", 0, NULL, "hint_tls"},
    {"timeout.tls", 0, NULL, "hint_stuck"},

    {"truncated.*", 0, NULL, "hint_truncated"},
    {"protocol.http2", 0, NULL, "hint_http2"},
    {"protocol.*", 0, NULL, "hint_protocol"},
    {"redirect.*", 0, NULL, "hint_redirect"},
    {"header.*", 0, NULL, "hint_header"},
    {"body.*", 0, NULL, "hint_content"},
    {"json.*", 0, NULL, "hint_content"},

    {"timeout.first_byte", 0, NULL, "hint_application"},
    {"timeout.headers", 0, NULL, "hint_application"},
    {"timeout.body", 0, NULL, "hint_transfer"},

    {"bot.*", 0, NULL, "hint_wall"},

    {"status.4xx", 401, NULL, "hint_access"},
    {"status.4xx", 403, NULL, "hint_access"},
    {"status.4xx", 407, NULL, "hint_proxy"},
    {"status.4xx", 404, NULL, "hint_path"},
    {"status.4xx", 410, NULL, "hint_path"},
    {"status.4xx", 429, NULL, "hint_rate"},
    {"status.4xx", 0, NULL, "hint_request"},
    {"status.5xx", 502, NULL, "hint_upstream"},
    {"status.5xx", 504, NULL, "hint_upstream"},
    {"status.5xx", 0, NULL, "hint_error_log"},
    {"status.other", 0, NULL, "hint_status"},
};

/* By the phase that took the longest. */
static const char *const slow_phases[PHASES] = {
    [PHASE_LOOKUP] = "hint_slow_lookup", [PHASE_CONNECT] = "hint_slow_connect",
    [PHASE_TLS] = "hint_slow_tls",       [PHASE_FIRST_BYTE] = "hint_slow_first_byte",
    [PHASE_TOTAL] = "hint_transfer",
};

static const char *hint_of_slow(const struct phases *phases)
{
    int64_t before = 0, longest = -1;
    int slowest = -1;

    for (int i = 0; phases && i < PHASES; i++) {
        if (phases->us[i] < 0)
            continue;
        if (phases->us[i] - before > longest) {
            longest = phases->us[i] - before;
            slowest = i;
        }
        before = phases->us[i];
    }
    return slowest < 0 ? "hint_slow" : slow_phases[slowest];
}

static bool has_code(const char *pattern, const char *code)
{
    size_t size = strcspn(pattern, "*");

    return pattern[size] ? strncmp(pattern, code, size) == 0 : strcmp(pattern, code) == 0;
}

const char *hint_of(const char *code, int http_status, const char *failure,
                    const struct phases *phases)
{
    if (strcmp(code, "latency.limit") == 0)
        return hint_of_slow(phases);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (has_code(rows[i].code, code) &&
            (rows[i].http_status == 0 || rows[i].http_status == http_status) &&
            (!rows[i].text || strstr(failure, rows[i].text)))
            return rows[i].message;
    }
    return NULL;
}

/* Why there is no data. */
static const char *hint_of_unknown(const struct snapshot *snapshot, const struct domain_view *view)
{
    for (int scope = 0; scope < NETWORK_SCOPES; scope++) {
        if (network_views_lasts(&snapshot->network, (enum network_scope)scope))
            return "hint_network";
    }
    return view->last ? "hint_ticks" : "hint_first_tick";
}

const char *hint_of_domain(const struct snapshot *snapshot, const struct domain_view *view)
{
    const struct recorded *last = view->last;
    const char *code;

    if (view->status == STATUS_UP)
        return NULL;
    if (view->status == STATUS_UNKNOWN)
        return hint_of_unknown(snapshot, view);
    /* The page already names what is down there. */
    if (view->down_dependency && view->status != STATUS_DEGRADED)
        return NULL;
    code = last ? code_of(last->status, last->http_status, last->failure) : NULL;
    return code ? hint_of(code, last->http_status, last->failure, view->phases) : NULL;
}

const char *hint_text(const struct snapshot *snapshot, const struct domain_view *view,
                      const struct messages *messages)
{
    const char *message = hint_of_domain(snapshot, view);

    return message ? messages_get(messages, message) : "";
}
