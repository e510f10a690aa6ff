/* Reports the begin and the end of local faults. */
#include "commands/fault_log.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* A kind is recognised by a part of its reason (check/local_fault.c, lookup/outcomes.c), because
 * the rest may differ between two ticks. state.db has the numbers of the rows: only append. */
static const struct {
    const char *part, *name;
} table[] = {
    {"", "another reason"},
    {"open files", "too many open files"},
    {"out of memory", "out of memory"},
    {"no free port", "no free port or address"},
    {"no route", "no route to the network"},
    {"network is", "the network is down"},
    {"IP version", "no support for the IP version"},
    {"not permitted", "connecting is not permitted"},
    {"cannot watch", "connections cannot be watched"},
    {"OpenSSL", "internal error in OpenSSL"},
    {"name server", "no name server can be reached"},
    {"thread", "no thread for name lookups"},
};

static_assert(sizeof table / sizeof table[0] == FAULT_LOG_KINDS, "a row for each kind");

static size_t kind_of(const char *failure)
{
    for (size_t i = 1; i < FAULT_LOG_KINDS; i++) {
        if (strstr(failure, table[i].part))
            return i;
    }
    return 0;
}

void fault_log_add(struct fault_log *faults, const struct result *result)
{
    size_t kind;

    if (!result->no_verdict)
        return;
    kind = kind_of(result->check.failure);
    if (faults->kinds[kind].n++ > 0)
        return;
    faults->kinds[kind].domain = result->domain;
    memcpy(faults->kinds[kind].failure, result->check.failure, FAILURE_MAX);
}

/* One line for all checks, because one cause usually prevents all. */
static void print_begin(const struct fault_log *faults, size_t kind, const struct config *config,
                        const struct log *log)
{
    char name[CONFIG_MONITOR_MAX], count[TEXT_NUMBER_MAX], more[TEXT_NUMBER_MAX + 16] = "";

    if (faults->kinds[kind].n > 1) {
        text_count(faults->kinds[kind].n - 1, count);
        snprintf(more, sizeof more, " and %s more", count);
    }
    config_monitor_name(config, faults->kinds[kind].domain, name);
    log_warn(log, "%s%s not checked: %s; nothing recorded, the next tick tries again", name, more,
             faults->kinds[kind].failure);
}

void fault_log_report(struct fault_log *faults, struct storage *storage,
                      const struct config *config, bool is_complete, const struct log *log)
{
    int64_t before, lasting;
    struct error error;

    /* If the setting cannot be read or stored, the worst is a repeated line. */
    if (storage_get_setting(storage, SETTING_LOCAL_FAULTS, &before, &error))
        before = 0;
    lasting = before;
    for (size_t i = 0; i < FAULT_LOG_KINDS; i++) {
        int64_t bit = INT64_C(1) << i;

        if (faults->kinds[i].n > 0 && !(before & bit)) {
            print_begin(faults, i, config, log);
            lasting |= bit;
        } else if (faults->kinds[i].n == 0 && (before & bit) && is_complete) {
            log_warn(log, "local fault over: %s; its checks are made again", table[i].name);
            lasting &= ~bit;
        }
    }
    if (lasting != before && storage_set_setting(storage, SETTING_LOCAL_FAULTS, lasting, &error))
        log_detail(log, "%s", error.text);
    *faults = (struct fault_log){.kinds = {{0}}};
}
