/* Distinguishes local faults, such as too many open files, from failures of the endpoint. */
#include "check/local_fault.h"

#include "base/clock.h"
#include "check/alloc_hooks.h"
#include "check/lateness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* About as much as all running checks use, in bytes. If it cannot be allocated, a check may just
 * have run out of memory. */
enum { HEADROOM = 16 << 20 };

bool local_fault_was_away(const struct transfer *transfer, CURLcode code, char *into, size_t size)
{
    enum { REQUEST_TIMEOUT = 408 };
    bool completed = code == CURLE_OK || transfer->halt == HALT_BODY;
    long status = 0;

    if (transfer->late_us <= AWAY_US)
        return false;
    if (transfer->easy)
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (completed && transfer->duration_ms <= lateness_limit_ms(transfer) &&
        status != REQUEST_TIMEOUT)
        return false;
    snprintf(into, size,
             "local fault: this machine did not run for %" PRId64
             " s (stopped, suspended or overloaded)",
             transfer->late_us / US_PER_MS / MS_PER_SECOND);
    return true;
}

bool local_fault_has_memory(void)
{
    /* volatile, so that the compiler does not remove an allocation that is never used. */
    void *volatile memory = malloc(HEADROOM);
    bool has = memory;

    free(memory);
    return has;
}

/* A gateway that has not answered yet is given one more attempt. */
static const char *connect_reason(const struct transfer *transfer)
{
    const struct attempts *attempts = &transfer->attempts;

    if (transfer->clock.phase != EXCHANGE_CONNECT || attempts->blamed.size > 0 ||
        !*attempts->reason || (attempts->is_unsure && transfer->retried_local_fault))
        return NULL;
    return attempts->reason;
}

bool local_fault_explain_connect(const struct transfer *transfer, char *into, size_t size)
{
    const char *reason = connect_reason(transfer);

    if (reason)
        snprintf(into, size, "local fault: %s", reason);
    return reason;
}

static const char *handshake_reason(const struct transfer *transfer)
{
    if (strstr(transfer->curl_message, "malloc failure"))
        return "out of memory";

    /* OpenSSL's own error, for example if it has no memory; an alert from the server has another
     * text. If a server can cause it, the next attempt ends in the same
     * way. */
    return strstr(transfer->curl_message, ":internal error") && !transfer->retried_local_fault
               ? "internal error in OpenSSL (out of memory)"
               : NULL;
}

static const char *find_reason(const struct transfer *transfer, CURLcode code)
{
    if (transfer->local_fault)
        return transfer->local_fault;
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        return connect_reason(transfer);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        /* libcurl is given the addresses, so this can only mean that it has no memory for them. */
        return transfer->lookup_failure ? NULL : "out of memory";
    case CURLE_OUT_OF_MEMORY:
        return "out of memory";
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_SETOPT_OPTION_SYNTAX:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_INITFAILED:
        return curl_easy_strerror(code);
    case CURLE_SSL_CONNECT_ERROR:
        return handshake_reason(transfer);
    default:
        return NULL;
    }
}

bool local_fault_explain(const struct transfer *transfer, CURLcode code, char *into, size_t size)
{
    const char *reason = find_reason(transfer, code);

    /* An exchange that runs out of memory may fail in many ways, and few show the reason. */
    if (!reason && (alloc_hooks_failed() > 0 || !local_fault_has_memory()))
        reason = "out of memory";
    if (!reason)
        return false;
    snprintf(into, size, "local fault: %s", reason);
    return true;
}
