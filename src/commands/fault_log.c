/* Reports the start and the end of local faults. */
#include "commands/fault_log.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT_BIT = 62 /* in the setting: the limit of open files was reported */ };

/* In which scopes of the network a kind is a fault. */
enum fault_reach { OF_MACHINE, OF_ADDRESSES, OF_NAMES };

/* A kind is recognised by a part of its reason (check/local_fault.c, lookup/outcomes.c), because
 * the rest may differ between two ticks. state.db has the numbers of the rows: only append. */
static const struct {
    const char *part, *name;
    enum fault_reach reach;
    const char *code; /* of the event, unless it is a fault of the machine */
} table[] = {
    {"", "another reason", OF_MACHINE, NULL},
    {"open files", "too many open files", OF_MACHINE, NULL},
    {"out of memory", "out of memory", OF_MACHINE, NULL},
    {"no free port", "no free port or address", OF_MACHINE, NULL},
    {"no route", "no route to the network", OF_ADDRESSES, "network.no_route"},
    {"network is", "the network is down", OF_ADDRESSES, "network.down"},
    {"IP version", "no support for the IP version", OF_MACHINE, NULL},
    {"not permitted", "connecting is not permitted", OF_MACHINE, NULL},
    {"cannot watch", "connections cannot be watched", OF_MACHINE, NULL},
    {"OpenSSL", "internal error in OpenSSL", OF_MACHINE, NULL},
    {"name server", "no name server can be reached", OF_NAMES, "network.name_server"},
    {"thread", "no thread for name lookups", OF_MACHINE, NULL},
    {"gateway", "the gateway does not answer", OF_ADDRESSES, "network.gateway"},
    {"network link", "the network link is down", OF_ADDRESSES, "network.link"},
    {"firewall", "the firewall of this machine forbids connecting", OF_MACHINE, NULL},
    {"did not run", "this machine did not run for some seconds", OF_MACHINE, NULL},
    {"resolv.conf", "resolv.conf cannot be read", OF_MACHINE, NULL},
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

enum network_scope fault_log_scope_of(const struct result *result)
{
    switch (result->no_verdict ? table[kind_of(result->check.failure)].reach : OF_MACHINE) {
    case OF_ADDRESSES:
        return (enum network_scope)result->sighting.scope;
    case OF_NAMES:
        return SCOPE_NAMES;
    default:
        return SCOPE_NONE;
    }
}

static enum fault_reach reach_of(enum network_scope scope)
{
    return scope == SCOPE_NAMES ? OF_NAMES : OF_ADDRESSES;
}

void fault_log_hide(struct fault_log *faults, enum network_scope scope)
{
    for (size_t i = 0; i < FAULT_LOG_KINDS; i++)
        faults->kinds[i].is_hidden |= table[i].reach == reach_of(scope);
}

void fault_log_keep(struct fault_log *faults, enum network_scope scope)
{
    for (size_t i = 0; i < FAULT_LOG_KINDS; i++)
        faults->kinds[i].is_hidden |= faults->kinds[i].n == 0 && table[i].reach == reach_of(scope);
}

void fault_log_end(struct fault_log *faults, enum network_scope scope)
{
    for (size_t i = 0; i < FAULT_LOG_KINDS; i++)
        faults->kinds[i].is_end_printed |= table[i].reach == reach_of(scope);
}

const char *fault_log_code(const struct fault_log *faults, enum network_scope scope)
{
    for (size_t i = 0; i < FAULT_LOG_KINDS; i++) {
        if (faults->kinds[i].n > 0 && table[i].reach == reach_of(scope))
            return table[i].code;
    }
    return "network.unknown";
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
    char names[CONFIG_MONITORS_MAX];

    config_monitor_names(config, faults->kinds[kind].domain, faults->kinds[kind].n, names);
    log_warn(log, "%s not checked: %s; nothing recorded, the next tick tries again", names,
             faults->kinds[kind].failure);
}

/* If the setting cannot be read or stored, the worst is a repeated line. */
static int64_t load_lasting(struct storage *storage)
{
    struct error error;
    int64_t lasting;

    return storage_get_setting(storage, SETTING_LOCAL_FAULTS, &lasting, &error) ? 0 : lasting;
}

static void store_lasting(struct storage *storage, int64_t before, int64_t lasting,
                          const struct log *log)
{
    struct error error;

    if (lasting != before && storage_set_setting(storage, SETTING_LOCAL_FAULTS, lasting, &error))
        log_detail(log, "%s", error.text);
}

void fault_log_report(struct fault_log *faults, struct storage *storage,
                      const struct config *config, bool is_complete, const struct log *log)
{
    int64_t before = load_lasting(storage), lasting = before;

    for (size_t i = 0; i < FAULT_LOG_KINDS; i++) {
        int64_t bit = INT64_C(1) << i;

        if (faults->kinds[i].is_hidden)
            continue;
        if (faults->kinds[i].n > 0 && !(before & bit)) {
            print_begin(faults, i, config, log);
            lasting |= bit;
        } else if (faults->kinds[i].n == 0 && (before & bit) && is_complete) {
            if (!faults->kinds[i].is_end_printed)
                log_warn(log, "local fault over: %s; checks are made again", table[i].name);
            lasting &= ~bit;
        }
    }
    store_lasting(storage, before, lasting, log);
    *faults = (struct fault_log){.kinds = {{0}}};
}

void fault_log_report_limit(const struct collector *collector, struct storage *storage,
                            const struct log *log)
{
    const int64_t bit = INT64_C(1) << LIMIT_BIT;
    int64_t before = load_lasting(storage), lasting = before;
    size_t limited_to = collector_limited_to(collector);
    char checks[TEXT_COUNTED_MAX];

    if (limited_to > 0 && !(before & bit)) {
        log_warn(log,
                 "only %s run%s at once because of the limit of open files; raise it (ulimit -n) "
                 "or lower in_flight",
                 text_counted(limited_to, "check", checks), limited_to == 1 ? "s" : "");
        lasting |= bit;
    } else if ((before & bit) && !collector_is_limited(collector)) {
        log_warn(log, "the limit of open files is high enough again");
        lasting &= ~bit;
    }
    store_lasting(storage, before, lasting, log);
}
