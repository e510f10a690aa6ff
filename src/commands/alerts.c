/* The alerts of a tick: decides, sends, and records what became of it. */
#include "commands/alerts.h"

#include "alert/alert_conditions.h"
#include "alert/alert_decisions.h"
#include "alert/alert_deliveries.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "dashboard/template_files.h"
#include "records/export.h"
#include "state/alert_table.h"
#include "state/conditions.h"

#include <stdlib.h>
#include <string.h>

/* All attempts of a tick end within this time, also if it is more than is left of the minute: the
 * tick then takes over the next one. A target that needs it would be starved otherwise. */
enum { SEND_MS = 10 * MS_PER_SECOND };

/* A moment this far ahead was not set by a clock that shows the present. */
enum { DUE_MAX_MS = 25 * MS_PER_HOUR };

struct alerts {
    struct alerts_parts parts;
    struct template_set *templates;  /* NULL: not needed yet */
    struct sender *sender;           /* NULL: nothing is being sent */
    struct alert_deliveries sending; /* what is being sent */
    char *ping_url;                  /* what is requested meanwhile; NULL: nothing */
    bool targets_changed;            /* those of the configuration are not those of the state */
    bool is_postponed;               /* decisions wait for the end of what is being sent */
    enum alerts_when postponed;
    int64_t n_staged; /* events that were staged when alerts were last decided */
    int64_t seen_ms;  /* the latest reading of the clock; at first, the last build of the pages */
    int64_t decided_event; /* the last event that targets of programs were sent what is due about */
};

static bool is_same_time(const struct quiet_hours *one, const struct quiet_hours *other)
{
    return one->from_minute == other->from_minute && one->to_minute == other->to_minute &&
           strcmp(one->zone ? one->zone : "", other->zone ? other->zone : "") == 0;
}

/* A zone costs more to read than all else that a tick without news does for its targets. */
static int make_quiet(const struct config *config, size_t target, int64_t now_ms,
                      struct quiet_spans *quiet)
{
    for (size_t i = 0; i < target; i++) {
        if (is_same_time(&config->alerts[i].quiet, &config->alerts[target].quiet)) {
            quiet[target] = quiet[i];
            return 0;
        }
    }
    return quiet_spans_make(&config->alerts[target].quiet, now_ms, &quiet[target]);
}

struct quiet_spans *alerts_make_quiet(const struct config *config, int64_t now_ms,
                                      struct error *error)
{
    struct quiet_spans *quiet = calloc(config->n_alerts + 1, sizeof *quiet);

    for (size_t i = 0; quiet && i < config->n_alerts; i++) {
        if (make_quiet(config, i, now_ms, quiet) == 0)
            continue;
        free(quiet);
        quiet = NULL;
    }
    if (!quiet)
        error_set(error, EXIT_IO, "alerts: out of memory");
    return quiet;
}

/* If the clock was set back, moves back what waits for a moment, so that nothing waits longer. */
static int follow_clock(struct alerts *alerts, int64_t now_ms, struct error *error)
{
    struct storage *storage = journal_storage(alerts->parts.journal);
    int64_t back_ms = alerts->seen_ms - now_ms;

    if (back_ms > 0 && (storage_begin(storage, error) ||
                        storage_end(storage, alert_table_set_back(storage, back_ms, error), error)))
        return -1;
    alerts->seen_ms = now_ms;
    return 0;
}

struct alerts *alerts_new(const struct alerts_parts *parts, struct error *error)
{
    struct alerts *alerts = calloc(1, sizeof *alerts);

    if (!alerts) {
        error_set(error, EXIT_IO, "alerts: out of memory");
        return NULL;
    }
    alerts->parts = *parts;
    if (storage_get_setting(journal_storage(parts->journal), SETTING_BUILT_MS, &alerts->seen_ms,
                            error) == 0 &&
        follow_clock(alerts, clock_now(), error) == 0)
        return alerts;
    free(alerts);
    return NULL;
}

static void free_sent(struct alerts *alerts)
{
    alert_deliveries_free(&alerts->sending);
    free(alerts->ping_url);
    alerts->ping_url = NULL;
    alerts->sender = NULL;
}

void alerts_free(struct alerts *alerts)
{
    if (!alerts)
        return;
    sender_finish(alerts->sender);
    free_sent(alerts);
    template_set_free(alerts->templates);
    free(alerts);
}

static bool has_programs(const struct config *config)
{
    for (size_t i = 0; i < config->n_alerts; i++) {
        if (!payload_is_summary(&config->alerts[i]))
            return true;
    }
    return false;
}

/* Whether there is anything to decide or to send. */
static int find_due(struct alerts *alerts, int64_t now_ms, bool *due, struct error *error)
{
    const struct config *config = alerts->parts.config;
    struct storage *storage = journal_storage(alerts->parts.journal);
    int64_t due_ms, targets;

    if (storage_get_setting(storage, SETTING_ALERT_DUE_MS, &due_ms, error) ||
        storage_get_setting(storage, SETTING_ALERT_TARGETS, &targets, error))
        return -1;
    alerts->targets_changed = targets != alert_table_hash(config);
    *due = alerts->targets_changed || due_ms <= now_ms ||
           (due_ms != INT64_MAX && due_ms - now_ms > DUE_MAX_MS);
    return 0;
}

static int decide_all(struct alerts *alerts, bool at_once, int64_t now_ms, struct error *error)
{
    struct storage *storage = journal_storage(alerts->parts.journal);
    struct alert_decisions decisions = {.config = alerts->parts.config,
                                        .storage = storage,
                                        .quiet = alerts->parts.quiet,
                                        .now_ms = now_ms,
                                        .at_once = at_once};
    int64_t undelivered;

    if (message_table_count_undelivered(storage, &undelivered, error) ||
        (alerts->targets_changed && alert_table_set_targets(storage, now_ms, error)) ||
        alert_decisions_make(&decisions, error))
        return -1;
    return alert_conditions_settle(storage, alerts->parts.config, undelivered, now_ms, error);
}

static int decide(struct alerts *alerts, bool at_once, int64_t now_ms, struct error *error)
{
    struct storage *storage = journal_storage(alerts->parts.journal);

    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, decide_all(alerts, at_once, now_ms, error), error);
}

/* The messages of targets of type print need no thread. */
static int print_due(struct alerts *alerts, int64_t now_ms, struct error *error)
{
    struct storage *storage = journal_storage(alerts->parts.journal);
    struct alert_deliveries printed;
    int result = alert_deliveries_take(&printed, alerts->parts.config, alerts->parts.quiet, storage,
                                       ALERT_DELIVERIES_PRINTED, now_ms, error);

    if (result == 0) {
        alert_deliveries_print(&printed);
        result =
            alert_deliveries_record(&printed, storage, alerts->parts.steps->log, now_ms, error);
    }
    alert_deliveries_free(&printed);
    return result;
}

static int load_templates(struct alerts *alerts, struct error *error)
{
    if (alerts->templates)
        return 0;
    alerts->templates = template_set_new();
    if (!alerts->templates)
        return error_set(error, EXIT_IO, "alerts: out of memory");
    return template_files_load(alerts->parts.config, TEMPLATE_FILES_ALERT, alerts->templates,
                               error);
}

static int is_local_fault(void *context, enum event_check check, const char *scope,
                          const struct condition *condition, struct error *error)
{
    (void)context;
    (void)scope;
    (void)condition;
    (void)error;
    return check == EVENT_LOCAL_NETWORK;
}

/* Makes the URL that is requested at the end of a good tick. It ends with "/fail" if messages could
 * not be delivered. During a local fault there is none. */
static int make_ping(struct alerts *alerts, struct error *error)
{
    const char *url = alerts->parts.config->ping_url;
    struct storage *storage = journal_storage(alerts->parts.journal);
    int64_t undelivered;
    size_t size;
    int fault;

    if (!url || alerts->parts.steps->exit_code)
        return 0;
    if (conditions_load(storage, error) ||
        message_table_count_undelivered(storage, &undelivered, error))
        return -1;
    fault = conditions_each(storage, is_local_fault, NULL, error);
    if (fault)
        return fault < 0 ? -1 : 0;
    size = strlen(url);
    size -= undelivered && url[size - 1] == '/';
    alerts->ping_url = malloc(size + sizeof "/fail");
    if (!alerts->ping_url)
        return error_set(error, EXIT_IO, "alerts: out of memory");
    sprintf(alerts->ping_url, "%.*s%s", (int)size, url, undelivered ? "/fail" : "");
    return 0;
}

static int start_sending(struct alerts *alerts, enum alerts_when when, bool due, int64_t now_ms,
                         struct error *error)
{
    struct alert_deliveries *sending = &alerts->sending;

    /* What waits for people may have changed since: it is decided at the end of the minute. */
    enum alert_deliveries_group group =
        when == ALERTS_AT_ONCE ? ALERT_DELIVERIES_PROGRAMS : ALERT_DELIVERIES_SENT;

    if (when == ALERTS_TICK_ENDS && make_ping(alerts, error))
        return -1;
    if (due && alert_deliveries_take(sending, alerts->parts.config, alerts->parts.quiet,
                                     journal_storage(alerts->parts.journal), group, now_ms, error))
        return -1;
    if (sending->n == 0 && !alerts->ping_url) {
        free_sent(alerts);
        return 0;
    }
    if (sending->n > 0 &&
        (load_templates(alerts, error) ||
         alert_deliveries_make_payloads(sending, alerts->templates, now_ms, error)))
        return -1;
    alerts->sender = sender_start(alerts->parts.config, sending->deliveries, sending->n_ready,
                                  SEND_MS, alerts->parts.helper, alerts->ping_url, error);
    return alerts->sender ? 0 : -1;
}

/* Events of messages are a part of the log. */
static int export_events(const struct alerts *alerts, struct error *error)
{
    return export_run(alerts->parts.journal, error);
}

/* Decides, prints, and starts to send. */
static int run(struct alerts *alerts, enum alerts_when when, struct error *error)
{
    int64_t now_ms = clock_now();
    bool at_once = when == ALERTS_AT_ONCE, due;

    if (follow_clock(alerts, now_ms, error) || find_due(alerts, now_ms, &due, error))
        return -1;
    if (due &&
        (decide(alerts, at_once, now_ms, error) || (!at_once && print_due(alerts, now_ms, error)) ||
         (!at_once && export_events(alerts, error))))
        return -1;
    if (start_sending(alerts, when, due, now_ms, error)) {
        free_sent(alerts);
        return -1;
    }
    if (due)
        step_log_done(alerts->parts.steps, "alerts decided");
    return 0;
}

/* In a minute that goes on, only new events are of interest, and only to targets of programs. */
static int has_news(struct alerts *alerts, bool *has, struct error *error)
{
    int64_t last;

    *has = false;
    if (!has_programs(alerts->parts.config))
        return 0;
    if (storage_get_setting(journal_storage(alerts->parts.journal), SETTING_LAST_EVENT, &last,
                            error))
        return -1;
    *has = last != alerts->decided_event;
    alerts->decided_event = last;
    return 0;
}

int alerts_begin(struct alerts *alerts, enum alerts_when when, struct error *error)
{
    bool has = true;

    if (interrupt_came())
        return 0;
    alerts->n_staged = conditions_count_staged(journal_storage(alerts->parts.journal));
    if (alerts->sender) {
        if (!alerts->is_postponed || when > alerts->postponed)
            alerts->postponed = when;
        alerts->is_postponed = true;
        return 0;
    }
    if (when == ALERTS_AT_ONCE && has_news(alerts, &has, error))
        return -1;
    return has ? run(alerts, when, error) : 0;
}

bool alerts_has_staged(const struct alerts *alerts)
{
    return alerts->n_staged != conditions_count_staged(journal_storage(alerts->parts.journal)) &&
           has_programs(alerts->parts.config);
}

/* Records what was sent. */
static int record_sent(struct alerts *alerts, struct error *error)
{
    struct storage *storage = journal_storage(alerts->parts.journal);
    size_t n = alerts->sending.n;
    int result;

    sender_finish(alerts->sender);
    alerts->sender = NULL;
    result = alert_deliveries_record(&alerts->sending, storage, alerts->parts.steps->log,
                                     clock_now(), error);
    free_sent(alerts);
    if (result == 0 && n > 0)
        result = export_events(alerts, error);
    if (n > 0)
        step_log_count(alerts->parts.steps, n, "message", "tried");
    return result;
}

int alerts_finish(struct alerts *alerts, bool wait, struct error *error)
{
    while (alerts->sender && (wait || sender_is_done(alerts->sender))) {
        if (record_sent(alerts, error))
            return -1;
        if (!alerts->is_postponed)
            continue;
        alerts->is_postponed = false;
        if (alerts_begin(alerts, alerts->postponed, error))
            return -1;
    }
    return 0;
}
