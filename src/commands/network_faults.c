/* Records and reports the local faults of the network. */
#include "commands/network_faults.h"

#include "base/clock.h"
#include "base/text.h"
#include "state/conditions.h"

#include <stdio.h>

enum { DETAIL_MAX = 96, MOMENT_MAX = CLOCK_TEXT_MAX };

static const struct condition *find_open(const struct network_faults *faults,
                                         enum network_scope scope)
{
    return conditions_find(faults->storage, EVENT_LOCAL_NETWORK, suspicion_scope_name(scope));
}

/* Whether the end is printed as an alert. */
static bool prints_ends(const struct config *config)
{
    for (size_t i = 0; i < config->n_alerts; i++) {
        if (config->alerts[i].type == ALERT_PRINT && (config->alerts[i].on & ALERT_LOCAL_NETWORK))
            return true;
    }
    return false;
}

void network_faults_load(struct network_faults *faults, const struct config *config,
                         struct storage *storage, const struct log *log, struct fault_log *causes)
{
    struct error error;

    *faults = (struct network_faults){
        .storage = storage, .log = log, .causes = causes, .is_printed = prints_ends(config)};
    if (conditions_load(storage, &error))
        return;
    for (int i = 0; i < NETWORK_SCOPES; i++) {
        const struct condition *open = find_open(faults, (enum network_scope)i);

        faults->is_open[i] = open != NULL;
        faults->is_judged[i] = open && !*open->code;
    }
}

/* Stages the event, changes its condition, and remembers that the pages have to show it. */
static int record_event(struct network_faults *faults, const struct event *event,
                        struct error *error)
{
    int result;

    if (storage_begin(faults->storage, error))
        return -1;
    result = conditions_record(faults->storage, event, error);
    if (result == 0)
        result = storage_set_setting(faults->storage, SETTING_PENDING, 1, error);
    return storage_end(faults->storage, result, error);
}

/* "143 of 150 hosts": those without an answer. */
static void write_hosts(const struct suspicion *suspicion, char text[DETAIL_MAX])
{
    char failed[TEXT_NUMBER_MAX], hosts[TEXT_COUNTED_MAX];

    text_count(suspicion->hosts - suspicion->answered, failed);
    snprintf(text, DETAIL_MAX, "%s of %s", failed, text_counted(suspicion->hosts, "host", hosts));
}

static void print_begin(const struct network_faults *faults, enum network_scope scope,
                        const char *hosts)
{
    if (scope == SCOPE_NAMES)
        log_warn(faults->log,
                 "this machine's network: no name lookup for %s; nothing recorded for them, the "
                 "next tick tries again",
                 hosts);
    else
        log_warn(faults->log,
                 "this machine's network: no answer over %s from %s; nothing recorded for them, "
                 "the next tick tries again",
                 suspicion_scope_title(scope), hosts);
}

int network_faults_begin(struct network_faults *faults, enum network_scope scope, bool is_judged,
                         const struct suspicion *suspicion, int64_t began_ms, struct error *error)
{
    char hosts[DETAIL_MAX], detail[DETAIL_MAX + sizeof " did not answer"];
    struct event event = {.at_ms = began_ms,
                          .scope = suspicion_scope_name(scope),
                          .check = EVENT_LOCAL_NETWORK,
                          .began_ms = began_ms,
                          .change = EVENT_OPENED,
                          .state = EVENT_DOWN,
                          .code = is_judged ? "" : fault_log_code(faults->causes, scope),
                          .detail = detail};

    write_hosts(suspicion, hosts);
    snprintf(detail, sizeof detail, "%zu of %zu host%s did not answer",
             suspicion->hosts - suspicion->answered, suspicion->hosts,
             suspicion->hosts == 1 ? "" : "s");
    if (faults->is_judged[scope] || (is_judged && !faults->is_open[scope]))
        fault_log_hide(faults->causes, scope);
    if (faults->is_open[scope]) {
        fault_log_keep(faults->causes, scope);
        return 0;
    }
    if (record_event(faults, &event, error))
        return -1;
    faults->is_open[scope] = true;
    faults->is_judged[scope] = is_judged;
    if (is_judged)
        print_begin(faults, scope, hosts);
    return 0;
}

/* Writes "03:12", with the date if the other moment is of another day. */
static void write_moment(int64_t ms, int64_t other_ms, char text[MOMENT_MAX])
{
    char iso[CLOCK_TEXT_MAX];
    bool same_day = clock_is_same_day(ms, other_ms);

    clock_write_seconds(ms, iso);
    snprintf(text, MOMENT_MAX, "%.*s%s%.5s", same_day ? 0 : 10, iso, same_day ? "" : " ",
             iso + sizeof "2026-11-23");
}

int network_faults_end(struct network_faults *faults, enum network_scope scope, int64_t ended_ms,
                       struct error *error)
{
    struct event event = {.at_ms = ended_ms,
                          .scope = suspicion_scope_name(scope),
                          .check = EVENT_LOCAL_NETWORK,
                          .change = EVENT_CLOSED,
                          .state = EVENT_UP,
                          .code = "",
                          .detail = EVENT_ENDED};
    char from[MOMENT_MAX], to[MOMENT_MAX];
    const struct condition *open;

    if (!faults->is_open[scope])
        return 0;
    if (conditions_load(faults->storage, error))
        return -1;
    open = find_open(faults, scope);
    if (!open)
        return 0;
    event.began_ms = open->began_ms;
    if (event.at_ms < event.began_ms)
        event.at_ms = event.began_ms;
    if (record_event(faults, &event, error))
        return -1;
    if (faults->is_printed) {
        fault_log_end(faults->causes, scope);
    } else if (faults->is_judged[scope]) {
        write_moment(event.began_ms, event.at_ms, from);
        write_moment(event.at_ms, event.began_ms, to);
        log_warn(faults->log,
                 "this machine's network: local fault of %s over; it lasted from %s to %s UTC",
                 suspicion_scope_title(scope), from, to);
    }
    faults->is_open[scope] = faults->is_judged[scope] = false;
    return 0;
}
