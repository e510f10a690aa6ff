/* The words of messages for people. */
#include "alert/wording.h"

#include "base/clock.h"
#include "base/secrets.h"
#include "base/text.h"
#include "model/suspicion.h"

#include <stdio.h>
#include <string.h>

/* How a group is counted. */
static const struct {
    const char *one, *several;
} group_names[WORDING_GROUPS] = {
    [WORDING_DOWN] = {"down", "down"},
    [WORDING_STILL_DOWN] = {"still down", "still down"},
    [WORDING_UP] = {"up again", "up again"},
    [WORDING_WAS_DOWN] = {"was down", "were down"},
    [WORDING_REMOVED] = {"removed", "removed"},
    [WORDING_BOT] = {"bot wall", "bot walls"},
    [WORDING_SLOW] = {"slow", "slow"},
    [WORDING_WELL] = {"well again", "well again"},
    [WORDING_CERTIFICATE] = {"certificate ends soon", "certificates end soon"},
    [WORDING_RENEWED] = {"certificate renewed", "certificates renewed"},
    [WORDING_NETWORK] = {"local fault of the network", "local faults of the network"},
    [WORDING_UNDELIVERED] = {"target without messages", "targets without messages"},
    [WORDING_DELIVERED] = {"target with messages again", "targets with messages again"},
    [WORDING_LATE_TICKS] = {"time without a tick", "times without a tick"},
};

/* The words for the subjects of a kind of check. */
static const struct words {
    const char *open, *over; /* first word of a line */
    const char *before;      /* what the scope is */
    const char *was;         /* of what is over */
    const char *ended;       /* before its duration, if it has one */
    const char *again;       /* of what is not the first of its series */
    const char *removed;     /* in place of `ended`: of what left the configuration */
} all_words[EVENT_CHECKS] = {
    [EVENT_HTTP] = {"DOWN", "UP", "", "was down", " after", "down again",
                    " is no longer in the configuration; it was down for"},
    [EVENT_SLOW] = {"SLOW", "OK", "", "was slow", " is no longer slow after", "slow again",
                    " is no longer in the configuration; it was slow for"},
    [EVENT_BOT] = {"BOT", "OK", "", "met a bot wall", " meets no bot wall any more after",
                   "bot wall again", " is no longer in the configuration; it met a bot wall for"},
    [EVENT_CERTIFICATE] = {"WARN", "OK", "certificate of ", "was to end soon", " was renewed",
                           "again", " is no longer checked"},
    [EVENT_LOCAL_NETWORK] = {"LOCAL", "LOCAL", "", "", "", "", ""},
    [EVENT_ALERT] = {"WARN", "OK", "messages to ", "could not be delivered",
                     " are delivered again after", "again",
                     " are no longer configured; they could not be delivered for"},
};

static bool is_ticks(const struct message_item *item)
{
    return item->part.check == EVENT_ALERT && strcmp(item->scope, EVENT_TICKS) == 0;
}

static bool is_over(const struct message_item *item)
{
    return item->part.state == EVENT_UP;
}

static bool is_removed(const struct message_item *item)
{
    return is_over(item) && strcmp(item->part.outage.end, EVENT_REMOVED) == 0;
}

enum wording_group wording_group_of(const struct message_item *item)
{
    static const enum wording_group open[EVENT_CHECKS] = {
        [EVENT_HTTP] = WORDING_DOWN,
        [EVENT_SLOW] = WORDING_SLOW,
        [EVENT_BOT] = WORDING_BOT,
        [EVENT_CERTIFICATE] = WORDING_CERTIFICATE,
        [EVENT_LOCAL_NETWORK] = WORDING_NETWORK,
        [EVENT_ALERT] = WORDING_UNDELIVERED,
    };
    static const enum wording_group over[EVENT_CHECKS] = {
        [EVENT_HTTP] = WORDING_UP,
        [EVENT_SLOW] = WORDING_WELL,
        [EVENT_BOT] = WORDING_WELL,
        [EVENT_CERTIFICATE] = WORDING_RENEWED,
        [EVENT_LOCAL_NETWORK] = WORDING_NETWORK,
        [EVENT_ALERT] = WORDING_DELIVERED,
    };
    bool is_http = item->part.check == EVENT_HTTP;

    if (is_ticks(item))
        return WORDING_LATE_TICKS;
    if (is_removed(item))
        return WORDING_REMOVED;
    if (is_http && is_over(item) && item->part.change == ALERT_WAS)
        return WORDING_WAS_DOWN;
    if (is_http && !is_over(item) && item->part.change != ALERT_BEGAN)
        return WORDING_STILL_DOWN;
    return is_over(item) ? over[item->part.check] : open[item->part.check];
}

void wording_heading(const size_t counts[WORDING_GROUPS], size_t at_once, struct buffer *into)
{
    const char *before = "";

    for (int i = 0; i < WORDING_GROUPS; i++) {
        char n[TEXT_NUMBER_MAX], hosts[TEXT_COUNTED_MAX];

        if (counts[i] == 0)
            continue;
        text_count(counts[i], n);
        buffer_printf(into, "%s%s %s", before, n,
                      counts[i] == 1 ? group_names[i].one : group_names[i].several);
        if (i == WORDING_DOWN && at_once > 0)
            buffer_printf(into, " (%s failed at once)", text_counted(at_once, "host", hosts));
        before = ", ";
    }
}

void wording_write_reason(const struct secrets *secrets, const struct alert_outage *outage,
                          char reason[WORDING_REASON_MAX])
{
    const char *text = outage->detail[0] ? outage->detail : outage->code;

    text_one_line(reason, WORDING_REASON_MAX, text, strlen(text));
    secrets_hide(secrets, reason, WORDING_REASON_MAX);
}

/* Appends a duration in its two largest units, rounded down: "11 min 7 s". */
static void put_span(struct buffer *into, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {
        {MS_PER_DAY, "d"}, {MS_PER_HOUR, "h"}, {MS_PER_MINUTE, "min"}, {MS_PER_SECOND, "s"}};
    enum { UNITS = sizeof units / sizeof units[0] };
    size_t i = 0;
    int64_t rest;

    if (ms < 0)
        ms = 0;
    while (i < UNITS - 1 && ms < units[i].ms)
        i++;
    buffer_printf(into, "%lld %s", (long long)(ms / units[i].ms), units[i].name);
    rest = i + 1 < UNITS ? ms % units[i].ms / units[i + 1].ms : 0;
    if (rest)
        buffer_printf(into, " %lld %s", (long long)rest, units[i + 1].name);
}

/* The same without seconds, from one minute on. */
static void put_rough_span(struct buffer *into, int64_t ms)
{
    put_span(into, ms < MS_PER_MINUTE ? ms : ms - ms % MS_PER_MINUTE);
}

/* Appends the time of a moment, with its date if that is not the one of another moment. */
static void put_time(struct buffer *into, int64_t ms, int64_t other_ms, bool seconds)
{
    char iso[CLOCK_TEXT_MAX], *time;

    clock_write_seconds(ms, iso);
    time = strchr(iso, 'T');
    *time++ = '\0';
    if (!clock_is_same_day(ms, other_ms))
        buffer_printf(into, "%s ", iso);
    buffer_append(into, time, seconds ? strlen("09:30:00") : strlen("09:30"));
}

static void put_ordinal(struct buffer *into, int n)
{
    static const char *const ends[] = {"th", "st", "nd", "rd"};
    int last = n % 10;

    buffer_printf(into, "%d%s", n, n % 100 / 10 == 1 || last > 3 ? ends[0] : ends[last]);
}

static int64_t end_of(const struct message_item *item, int64_t now_ms)
{
    return item->part.outage.ended_ms == INT64_MIN ? now_ms : item->part.outage.ended_ms;
}

/* How long the series lasts until the newest outage. */
static int64_t series_span(const struct message_item *item)
{
    const struct alert_outage *outage = &item->part.outage;

    return clock_shown_span(outage->series_ms, outage->began_ms);
}

static void put_reason(struct buffer *into, const char *reason)
{
    if (reason[0])
        buffer_printf(into, ": %s", reason);
}

/* A certificate's reason begins with its fingerprint, which is not for people. */
static const char *skip_fingerprint(const char *reason)
{
    const char *ends = strstr(reason, " ends ");

    return ends ? ends + 1 : reason;
}

static const char *label_of(const struct message_item *item)
{
    const struct words *words = &all_words[item->part.check];

    if (is_removed(item))
        return "GONE";
    if (is_ticks(item))
        return "LATE";
    if (item->part.state == EVENT_CRITICAL)
        return "CRITICAL";
    return is_over(item) ? words->over : words->open;
}

static void put_subject(struct buffer *into, const struct message_item *item)
{
    buffer_printf(into, "%s%s", all_words[item->part.check].before, item->scope);
}

/* "09:19:40 to 09:30:47 UTC" */
static void put_times(struct buffer *into, const struct message_item *item, int64_t now_ms)
{
    int64_t from_ms = item->part.outage.began_ms, to_ms = end_of(item, now_ms);

    put_time(into, from_ms, now_ms, true);
    buffer_puts(into, " to ");
    put_time(into, to_ms, from_ms, true);
    buffer_puts(into, " UTC");
}

/* "02:10–02:14 (4 min)" */
static void put_short_times(struct buffer *into, const struct message_item *item, int64_t now_ms)
{
    int64_t from_ms = item->part.outage.began_ms, to_ms = end_of(item, now_ms);

    put_time(into, from_ms, now_ms, false);
    buffer_puts(into, "–");
    put_time(into, to_ms, from_ms, false);
    buffer_puts(into, " (");
    put_span(into, clock_shown_span(from_ms, to_ms));
    buffer_puts(into, ")");
}

/* "; down again, 3rd time in 40 min" */
static void put_again(struct buffer *into, const struct message_item *item, const char *before)
{
    if (item->part.outage.ordinal < 2)
        return;
    buffer_puts(into, before);
    if (!is_over(item))
        buffer_printf(into, "%s, ", all_words[item->part.check].again);
    put_ordinal(into, item->part.outage.ordinal);
    buffer_puts(into, " time in ");
    put_rough_span(into, series_span(item));
}

/* " (confirmed 09:30:15, 3 checks; down again, 3rd time in 40 min)" */
static void put_confirmation(struct buffer *into, const struct message_item *item)
{
    const struct alert_outage *outage = &item->part.outage;
    char checks[TEXT_COUNTED_MAX];

    if (outage->confirmed_ms == INT64_MIN) {
        put_again(into, item, " (");
        buffer_puts(into, outage->ordinal < 2 ? "" : ")");
        return;
    }
    buffer_puts(into, " (confirmed ");
    put_time(into, outage->confirmed_ms, outage->began_ms, true);
    if (item->failures > 0)
        buffer_printf(into, ", %s", text_counted((uint64_t)item->failures, "check", checks));
    put_again(into, item, "; ");
    buffer_puts(into, ")");
}

static void put_how_often(struct buffer *into, int n)
{
    if (n == 1)
        buffer_puts(into, "once");
    else
        buffer_printf(into, "%d times", n);
}

/* What follows the reason, as sentences. */
static void put_sentences(struct buffer *into, const struct message_item *item, int64_t now_ms)
{
    const struct alert_part *part = &item->part;
    const char *before = ". ";

    if (part->change == ALERT_BEGAN && item->up_since_ms != INT64_MIN &&
        part->check == EVENT_HTTP && item->up_since_ms < part->outage.began_ms) {
        buffer_printf(into, "%sWas up ", before);
        put_span(into, clock_shown_span(item->up_since_ms, part->outage.began_ms));
        buffer_puts(into, ".");
        before = " ";
    }
    if (part->n_missed > 1) {
        buffer_printf(into, "%sIt %s ", before, all_words[part->check].was);
        put_how_often(into, part->n_missed - 1);
        buffer_puts(into, " more since ");
        put_time(into, part->first_missed_ms, now_ms, true);
        buffer_puts(into, " UTC.");
        before = " ";
    }
    if (part->outage.is_acknowledged && !is_over(item)) {
        buffer_printf(into, "%sAcknowledged.", before);
        before = " ";
    }
    if (part->is_flapping && part->change != ALERT_SETTLED)
        buffer_printf(into, "%sIt changes often: the next message comes in 30 min or later.",
                      before);
}

/* " since 09:30:00 UTC (confirmed ...): reason" */
static void put_open(struct buffer *into, const struct message_item *item, const char *reason,
                     int64_t now_ms)
{
    const struct alert_part *part = &item->part;

    put_subject(into, item);
    if (part->check == EVENT_CERTIFICATE) {
        buffer_printf(into, " %s", skip_fingerprint(reason));
        return;
    }
    if (part->change == ALERT_REMINDER || part->change == ALERT_SETTLED) {
        buffer_printf(into, " is still %s after ", label_of(item));
        put_span(into, clock_shown_span(part->outage.began_ms, now_ms));
        buffer_puts(into, ",");
    }
    buffer_puts(into, part->check == EVENT_ALERT ? " not delivered since " : " since ");
    put_time(into, part->outage.began_ms, now_ms, true);
    buffer_puts(into, " UTC");
    if (part->check != EVENT_ALERT)
        put_confirmation(into, item);
    put_reason(into, reason);
}

/* Of what is over and was not reported before. */
static void put_was(struct buffer *into, const struct message_item *item, const char *reason,
                    int64_t now_ms)
{
    const struct alert_part *part = &item->part;

    put_subject(into, item);
    buffer_printf(into, " %s ", all_words[part->check].was);
    if (part->n_missed > 1) {
        buffer_printf(into, "%d times since ", part->n_missed);
        put_time(into, part->first_missed_ms, now_ms, false);
        buffer_puts(into, ", last ");
    }
    put_short_times(into, item, now_ms);
    put_reason(into, part->check == EVENT_CERTIFICATE ? skip_fingerprint(reason) : reason);
}

/* "; 3 outages since 08:00:00 UTC were not reported": they began after the reported one. If there
 * is one, its times are those that are shown. */
static void put_more(struct buffer *into, const struct message_item *item, int64_t now_ms)
{
    int n = item->part.n_missed;

    if (n == 1) {
        buffer_puts(into, "; 1 outage was not reported");
    } else if (n > 1) {
        buffer_printf(into, "; %d outages since ", n);
        put_time(into, item->part.first_missed_ms, now_ms, true);
        buffer_puts(into, " UTC were not reported");
    }
}

/* Of what was reported and is over. */
static void put_over(struct buffer *into, const struct message_item *item, int64_t now_ms)
{
    const struct words *words = &all_words[item->part.check];

    put_subject(into, item);
    buffer_puts(into, is_removed(item) ? words->removed : words->ended);
    if (item->part.check == EVENT_CERTIFICATE)
        return;
    buffer_puts(into, " ");
    put_span(into, clock_shown_span(item->part.outage.began_ms, end_of(item, now_ms)));
    buffer_puts(into, " (");
    put_times(into, item, now_ms);
    if (strcmp(item->part.outage.end, EVENT_UNSEEN) == 0)
        buffer_puts(into, "; its end was not seen");
    buffer_puts(into, ")");
    put_again(into, item, "; ");
    put_more(into, item, now_ms);
    if (item->part.change == ALERT_SETTLED)
        buffer_puts(into, "; no change for 30 min");
}

/* "This monitor had no IPv4 from 03:12 to 03:19: 143 of 150 hosts did not answer" */
static void put_network(struct buffer *into, const struct message_item *item, const char *reason,
                        int64_t now_ms)
{
    enum network_scope scope = suspicion_find_scope(item->scope);
    int64_t from_ms = item->part.outage.began_ms;

    buffer_printf(into, "This monitor %s no %s %s ", is_over(item) ? "had" : "has had",
                  scope == SCOPE_NONE ? "network" : suspicion_scope_title(scope),
                  is_over(item) ? "from" : "since");
    put_time(into, from_ms, now_ms, false);
    if (is_over(item)) {
        buffer_puts(into, " to ");
        put_time(into, end_of(item, now_ms), from_ms, false);
    }
    put_reason(into, reason);
}

/* "no tick from 03:12 to 03:30 UTC (18 min)" */
static void put_ticks(struct buffer *into, const struct message_item *item, const char *reason,
                      int64_t now_ms)
{
    buffer_puts(into, "no tick ");
    put_short_times(into, item, now_ms);
    put_reason(into, reason);
}

/* The line without its first word; `brief` is a title, which has no times of what lasts. */
static void put_body(struct buffer *into, const struct message_item *item, const char *reason,
                     int64_t now_ms, bool brief)
{
    const struct alert_part *part = &item->part;

    if (part->check == EVENT_LOCAL_NETWORK) {
        put_network(into, item, reason, now_ms);
    } else if (is_ticks(item)) {
        put_ticks(into, item, reason, now_ms);
    } else if (is_over(item) && part->change == ALERT_WAS) {
        put_was(into, item, reason, now_ms);
    } else if (is_over(item)) {
        put_over(into, item, now_ms);
    } else if (brief && part->check != EVENT_CERTIFICATE) {
        put_subject(into, item);
        if (part->change == ALERT_REMINDER || part->change == ALERT_SETTLED) {
            buffer_puts(into, " for ");
            put_span(into, clock_shown_span(part->outage.began_ms, now_ms));
        }
        put_reason(into, reason);
    } else {
        put_open(into, item, reason, now_ms);
        if (!brief)
            put_sentences(into, item, now_ms);
    }
}

void wording_title(const struct message_item *item, const char *reason, int64_t now_ms,
                   struct buffer *into)
{
    buffer_printf(into, "%s ", label_of(item));
    put_body(into, item, reason, now_ms, true);
}

void wording_line(const struct message_item *item, const char *reason, int64_t now_ms,
                  struct buffer *into)
{
    buffer_printf(into, "%-5s ", label_of(item));
    put_body(into, item, reason, now_ms, false);
}

void wording_late(int64_t late_ms, struct buffer *into)
{
    buffer_puts(into, "This message is ");
    put_rough_span(into, late_ms);
    buffer_puts(into, " late: it could not be delivered earlier.");
}
