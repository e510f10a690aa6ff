/* Computes outages from events. */
#include "model/outage.h"

#include "model/reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int outage_http_status(const char *failure)
{
    static const char start[] = "http_status: ", got[] = ", got ";
    const char *at = NULL;
    long status;

    if (strncmp(failure, start, sizeof start - 1) == 0)
        at = strstr(failure, got);
    status = at ? strtol(at + sizeof got - 1, NULL, 10) : 0;
    return status >= 1 && status <= 999 ? (int)status : 0;
}

/* Whether the event has the same reason as the one before it. */
static bool is_same_reason(const struct outage_reading *reading, const struct event *event)
{
    size_t n = reading->outage.n_reasons;
    const char *code = n ? reading->kept[n - 1].code : "";

    if (n == 0)
        return false;
    return *code || *event->code ? strncmp(code, event->code, EVENT_CODE_MAX - 1) == 0
                                 : strcmp(reading->kept[n - 1].failure, event->detail) == 0;
}

/* Keeps the reason of an event. If there are too many, the second one is dropped. */
static void add_reason(struct outage_reading *reading, int64_t since_ms, const char *code,
                       const char *failure)
{
    size_t n = reading->outage.n_reasons;

    if (n == OUTAGE_REASONS_MAX) {
        n--;
        memmove(&reading->kept[1], &reading->kept[2], (n - 1) * sizeof reading->kept[0]);
        reading->outage.n_omitted++;
    }
    reading->kept[n].since_ms =
        n ? later_of(since_ms, reading->kept[n - 1].since_ms) : reading->outage.from_ms;
    snprintf(reading->kept[n].code, sizeof reading->kept[n].code, "%s", code);
    snprintf(reading->kept[n].failure, sizeof reading->kept[n].failure, "%s", failure);
    reading->outage.n_reasons = n + 1;
}

void outage_begin(struct outage_reading *reading, int64_t now_ms)
{
    reading->outage = (struct outage){.n_reasons = 0};
    reading->now_ms = now_ms;
    reading->began = false;
}

static void add_first(struct outage_reading *reading, const struct event *event)
{
    reading->began = true;
    reading->newest_ms = event->at_ms;
    reading->outage.check = event->check;
    reading->outage.began_ms = event->began_ms;
    reading->outage.from_ms = event->began_ms < event->at_ms ? event->began_ms : event->at_ms;
    reading->outage.changed_ms = event->at_ms;
}

/* Why a condition was closed. If the log has another word, it is the usual one. */
static const char *read_end_reason(const struct event *event, bool confirmed)
{
    static const char *const words[] = {EVENT_RECOVERED, EVENT_BLIP, EVENT_UNSEEN, EVENT_REMOVED};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], event->detail) == 0)
            return words[i];
    }
    return confirmed ? EVENT_RECOVERED : EVENT_BLIP;
}

void outage_add(struct outage_reading *reading, const struct event *event)
{
    struct outage *outage = &reading->outage;
    bool is_ahead = event->at_ms > reading->now_ms, closes = event->change == EVENT_CLOSED;

    if (event_is_of_message(event->change))
        return;

    /* What closes it is not enough: it began ahead of now, and then the clock was set back. */
    if (!reading->began && (is_ahead || closes))
        return;
    if (!reading->began)
        add_first(reading, event);
    outage->state = event->state;
    outage->end_reason = NULL;
    if (event->change == EVENT_CONFIRMED || event->state == EVENT_DOWN ||
        event->state == EVENT_RECOVERING_STATE)
        outage->confirmed = true;
    if (event->change != EVENT_RECOVERING && !is_ahead)
        outage->changed_ms = later_of(outage->changed_ms, event->at_ms);
    reading->is_closed_ahead = is_ahead && closes;
    if (closes) {
        reading->closed_ms = event->at_ms;
        outage->end_reason = read_end_reason(event, outage->confirmed);
        return;
    }
    if (is_ahead) {
        reading->recovering_ms = INT64_MIN;
        return;
    }
    reading->newest_ms = later_of(reading->newest_ms, event->at_ms);
    reading->recovering_ms = event->change == EVENT_RECOVERING ? event->at_ms : INT64_MIN;
    if (event->change != EVENT_RECOVERING && !is_same_reason(reading, event))
        add_reason(reading, event->at_ms, event->code, event->detail);
}

/* Ends an outage that is closed. */
static void end_closed(const struct outage_reading *reading, struct outage *outage)
{
    bool recovers = reading->recovering_ms != INT64_MIN;

    outage->to_ms = recovers ? reading->recovering_ms : reading->closed_ms;
    outage->end = OUTAGE_ENDED;
    if (strcmp(outage->end_reason, EVENT_UNSEEN) == 0 || (reading->is_closed_ahead && !recovers)) {
        outage->end = OUTAGE_UNSEEN;
        outage->to_ms = reading->newest_ms;
    } else if (strcmp(outage->end_reason, EVENT_REMOVED) == 0) {
        outage->end = OUTAGE_REMOVED;
    }
}

/* Ends an outage that is not closed. It is ongoing if the latest check of its domain still counts,
 * by the rule of the newest bucket (aggregator.h). */
static void end_open(const struct outage_reading *reading, const struct outage_scope *scope,
                     struct outage *outage)
{
    outage->to_ms = later_of(scope->latest_ms, reading->newest_ms);
    outage->end = reach_covers(outage->to_ms, scope->reach_ms, scope->now_ms) ? OUTAGE_ONGOING
                                                                              : OUTAGE_UNSEEN;
}

/* Sets what no event has, but the code or the failure text of the first one shows. */
static void set_status(struct outage *outage)
{
    static const char timeout[] = "timeout.";
    static const enum status statuses[EVENT_CHECKS] = {[EVENT_HTTP] = STATUS_DOWN,
                                                       [EVENT_SLOW] = STATUS_DEGRADED,
                                                       [EVENT_BOT] = STATUS_BOT_DETECTED};

    outage->http_status = outage_http_status(outage->reasons[0].failure);
    outage->status = statuses[outage->check];
    if (outage->check == EVENT_HTTP &&
        strncmp(outage->reasons[0].code, timeout, sizeof timeout - 1) == 0)
        outage->status = STATUS_TIMEOUT;
}

bool outage_finish(struct outage_reading *reading, const struct outage_scope *scope,
                   struct outage *outage, struct outage_reason reasons[OUTAGE_REASONS_MAX])
{
    if (!reading->began)
        return false;
    if (reading->outage.n_reasons == 0)
        add_reason(reading, reading->outage.from_ms, "", "");
    *outage = reading->outage;
    for (size_t i = 0; i < outage->n_reasons; i++)
        reasons[i] = (struct outage_reason){reading->kept[i].since_ms, reading->kept[i].code,
                                            reading->kept[i].failure};
    outage->reasons = reasons;
    if (outage->end_reason)
        end_closed(reading, outage);
    else
        end_open(reading, scope, outage);
    outage->to_ms = later_of(outage->to_ms, outage->from_ms);
    set_status(outage);
    return true;
}

bool outage_touches(const struct outage *outage, int64_t from_ms)
{
    return outage->to_ms >= from_ms || outage->end == OUTAGE_ONGOING;
}
