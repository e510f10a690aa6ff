/* Takes the messages that are due, and stores what becomes of them. */
#include "alert/alert_deliveries.h"

#include "alert/alert_conditions.h"
#include "alert/message.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "state/alert_table.h"
#include "state/conditions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXPIRES_MS = MS_PER_DAY,
    EXPIRES_FROM = 20,         /* attempts, so that a clock that was set cannot expire a message */
    REFUSED_MINUTES = 15,      /* the first wait after an answer that will hardly change */
    RETRY_MAX_MS = MS_PER_DAY, /* a server may ask to wait for so long */
    DELIVERIES_MAX = 1000,     /* of a target at once; there is no time for more */
    PRINTED_MAX = 20           /* failed messages of a target at once; a mail needs no more */
};

static int report_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "alerts: out of memory");
}

/* Messages are being taken. */
struct taking {
    struct alert_deliveries *due;
    const struct quiet_spans *quiet; /* of each target */
    struct storage *storage;
    enum alert_deliveries_group group;
    int64_t now_ms;
    size_t *taken; /* of each target */
};

static int grow(struct alert_deliveries *due, struct error *error)
{
    struct delivery *deliveries =
        memory_grow(due->deliveries, &due->capacity, due->n + 1, sizeof *due->deliveries);
    struct alert_message *messages =
        memory_grow(due->messages, &due->message_capacity, due->n + 1, sizeof *due->messages);

    if (deliveries)
        due->deliveries = deliveries;
    if (messages)
        due->messages = messages;
    return deliveries && messages ? 0 : report_no_memory(error);
}

static bool is_in_group(const struct alert_target *target, enum alert_deliveries_group group)
{
    if (group == ALERT_DELIVERIES_PROGRAMS)
        return !payload_is_summary(target);
    return (target->type == ALERT_PRINT) == (group == ALERT_DELIVERIES_PRINTED);
}

/* Which kinds the parts of a message are that its target wants. */
struct wanted {
    const struct alert_target *target;
    unsigned kinds;
};

static int add_wanted(void *context, const char *scope, const struct alert_part *part,
                      struct error *error)
{
    struct wanted *wanted = context;

    (void)error;
    wanted->kinds |= alert_wanted(wanted->target, scope, part);
    return 0;
}

/* Whether quiet hours hold a message that was decided before they began. */
static int find_held(const struct taking *taking, const struct alert_target *target, int64_t number,
                     bool *is_held, struct error *error)
{
    struct wanted wanted = {target, 0};
    int64_t from_ms, until_ms;

    *is_held = quiet_is_now(&taking->quiet[target - taking->due->config->alerts], taking->now_ms,
                            &from_ms, &until_ms);
    if (!*is_held)
        return 0;
    if (message_table_each_part(taking->storage, number, add_wanted, &wanted, error))
        return -1;
    *is_held = !(wanted.kinds & target->quiet.except);
    return 0;
}

static int take_message(void *context, const struct alert_message *message, struct error *error)
{
    struct taking *taking = context;
    struct alert_deliveries *due = taking->due;
    const struct alert_target *target = config_find_target(due->config, message->target);
    struct alert_message *copy;
    bool is_held;

    if (!target || !is_in_group(target, taking->group))
        return 0;
    if (find_held(taking, target, message->number, &is_held, error))
        return -1;
    if (is_held || taking->taken[target - due->config->alerts]++ >= DELIVERIES_MAX)
        return 0;
    if (grow(due, error))
        return -1;
    due->deliveries[due->n] = (struct delivery){.target = target, .message = message->number};
    copy = &due->messages[due->n++];
    *copy = *message;
    copy->target = target->id;
    copy->content = arena_copy(due->arena, message->content, strlen(message->content));
    copy->answer = arena_copy(due->arena, message->answer, strlen(message->answer));
    return copy->content && copy->answer ? 0 : report_no_memory(error);
}

int alert_deliveries_take(struct alert_deliveries *due, const struct config *config,
                          const struct quiet_spans *quiet, struct storage *storage,
                          enum alert_deliveries_group group, int64_t now_ms, struct error *error)
{
    struct taking taking = {.due = due,
                            .quiet = quiet,
                            .storage = storage,
                            .group = group,
                            .now_ms = now_ms,
                            .taken = calloc(config->n_alerts + 1, sizeof *taking.taken)};
    int result = -1;

    *due = (struct alert_deliveries){.config = config, .arena = arena_new()};
    if (taking.taken && due->arena)
        result = message_table_each(storage, now_ms, take_message, &taking, error);
    else
        report_no_memory(error);
    free(taking.taken);
    return result;
}

static void set_failed(struct delivery *delivery, const struct error *error)
{
    delivery->result = DELIVERY_FAILED;
    text_one_line(delivery->answer, sizeof delivery->answer, error->text, strlen(error->text));
}

/* Moves the messages that have no payload to the end, and keeps the order of the others. */
static int sort_ready(struct alert_deliveries *due, struct error *error)
{
    size_t n = due->n, next[] = {0, due->n_ready};
    struct delivery *deliveries = malloc((n + 1) * sizeof *deliveries);
    struct alert_message *messages = malloc((n + 1) * sizeof *messages);

    if (!deliveries || !messages) {
        free(deliveries);
        free(messages);
        return report_no_memory(error);
    }
    for (size_t i = 0; i < n; i++) {
        size_t *to = &next[due->deliveries[i].result == DELIVERY_FAILED];

        deliveries[*to] = due->deliveries[i];
        messages[(*to)++] = due->messages[i];
    }
    free(due->deliveries);
    free(due->messages);
    due->deliveries = deliveries;
    due->messages = messages;
    return 0;
}

int alert_deliveries_make_payloads(struct alert_deliveries *due,
                                   const struct template_set *templates, int64_t now_ms,
                                   struct error *error)
{
    due->n_ready = 0;
    for (size_t i = 0; i < due->n; i++) {
        struct delivery *delivery = &due->deliveries[i];

        if (payload_make(delivery->target, templates, due->messages[i].content, now_ms,
                         &delivery->payload, error))
            set_failed(delivery, error);
        else
            due->n_ready++;
    }
    return due->n_ready < due->n ? sort_ready(due, error) : 0;
}

void alert_deliveries_print(struct alert_deliveries *due)
{
    for (size_t i = 0; i < due->n; i++) {
        struct error error;

        if (message_print(due->messages[i].content, &error))
            set_failed(&due->deliveries[i], &error);
        else
            due->deliveries[i].result = DELIVERY_ACCEPTED;
    }
}

/* What became of messages is being stored. */
struct recording {
    const struct alert_deliveries *due;
    struct storage *storage;
    const struct log *log;
    int64_t now_ms;
    size_t i;                 /* of the delivery */
    enum event_change change; /* its event */
    const char *printed;      /* the target whose messages are being printed; NULL: none */
    size_t n_printed;         /* of that target */
};

static int stage_event(const struct recording *recording, const char *scope,
                       const struct alert_part *part, struct error *error)
{
    const struct delivery *delivery = &recording->due->deliveries[recording->i];
    bool is_empty = recording->change == EVENT_SENT && delivery->target->type == ALERT_WEBHOOK;
    const char *answer = is_empty ? "" : delivery->answer;
    char written[ALERT_DETAIL_MAX], detail[FAILURE_MAX];
    struct event event = {.at_ms = recording->now_ms,
                          .scope = scope,
                          .check = part->check,
                          .began_ms = part->outage.began_ms,
                          .change = recording->change,
                          .state = part->state,
                          .code = "",
                          .detail = detail};

    alert_write_detail(delivery->target->id, part, written);
    snprintf(detail, sizeof detail, "%s%s%s%s", written, *answer ? " (" : "", answer,
             *answer ? ")" : "");
    text_clean(detail);

    /* Another program may have changed the rows of the message. */
    if (!event_is_valid(&event))
        return 0;
    return conditions_stage_event(recording->storage, &event, error);
}

/* Changes what was reported to the target about a subject of the message. */
static int record_part(void *context, const char *scope, const struct alert_part *part,
                       struct error *error)
{
    const struct recording *recording = context;
    const char *target = recording->due->messages[recording->i].target;
    struct alert_reported reported;

    if (stage_event(recording, scope, part, error))
        return -1;
    if (recording->change == EVENT_FAILED)
        return 0;
    if (alert_table_get_reported(recording->storage, target, part->check, scope, &reported, error))
        return -1;
    if (recording->change == EVENT_SENT)
        alert_deliver(&reported, part, recording->now_ms);
    else
        alert_give_up(&reported, part, recording->now_ms);

    /* The next tick decides again, and then knows when something is due. */
    return alert_table_put_reported(recording->storage, target, part->check, scope, &reported,
                                    recording->now_ms, error);
}

static int64_t limit_retry(int64_t retry_after_ms)
{
    return retry_after_ms < RETRY_MAX_MS ? retry_after_ms : RETRY_MAX_MS;
}

/* When the next attempt is due. attempts: those that were made. */
static int64_t find_next(const struct delivery *delivery, int attempts, int64_t now_ms)
{
    static const int minutes[] = {1, 2, 5, REFUSED_MINUTES, 30, 60};
    enum { STEPS = sizeof minutes / sizeof minutes[0] };
    int wait = minutes[attempts < STEPS ? attempts - 1 : STEPS - 1];
    int64_t retry_ms = now_ms + limit_retry(delivery->retry_after_ms), next_ms;

    if (delivery->result == DELIVERY_REFUSED && wait < REFUSED_MINUTES)
        wait = REFUSED_MINUTES;
    next_ms = clock_minute_of(now_ms) + wait * (int64_t)MS_PER_MINUTE;
    return retry_ms > next_ms ? retry_ms : next_ms;
}

static void print_lines(const struct log *log, const struct alert_message *message)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    const char *line, *end;
    struct error error;

    if (message_text(message->content, &text, &error) == 0) {
        for (line = text.data; line && *line; line = *end ? end + 1 : end) {
            end = line + strcspn(line, "\n");
            log_warn(log, "%.*s", (int)(end - line), line);
        }
    }
    buffer_free(&text);
}

/* Prints the message to where cron's mail gets it from. The messages of one decision come target by
 * target, so each target is named once. */
static void print_failed(struct recording *recording, const struct alert_message *message)
{
    if (!recording->printed || strcmp(recording->printed, message->target) != 0) {
        recording->printed = message->target;
        recording->n_printed = 0;
        log_warn(recording->log,
                 "alert target %s: %d attempts failed (%s); this was not delivered yet:",
                 message->target, message->attempts, message->answer);
    }
    recording->n_printed++;
    if (recording->n_printed <= PRINTED_MAX)
        print_lines(recording->log, message);
    if (recording->n_printed == PRINTED_MAX + 1)
        log_warn(recording->log, "and more; see 'uptick alert list'");
}

static int record_failed(struct recording *recording, struct error *error)
{
    const struct delivery *delivery = &recording->due->deliveries[recording->i];
    struct alert_message message = recording->due->messages[recording->i];
    bool is_first = message.attempts == 0;
    bool has_answer = *message.answer != '\0';
    bool is_over;

    message.attempts++;
    message.answer = delivery->answer;
    message.next_ms = find_next(delivery, message.attempts, recording->now_ms);
    is_over =
        recording->now_ms - message.created_ms >= EXPIRES_MS && message.attempts >= EXPIRES_FROM;

    /* One that replaced another message has its attempts, but was never printed. */
    if (message.attempts == ALERT_CONDITIONS_ATTEMPTS ||
        (message.attempts > ALERT_CONDITIONS_ATTEMPTS && !has_answer))
        print_failed(recording, &message);
    recording->change = is_over ? EVENT_EXPIRED : EVENT_FAILED;
    if ((is_first || is_over) &&
        message_table_each_part(recording->storage, message.number, record_part, recording, error))
        return -1;
    return is_over ? message_table_delete(recording->storage, message.number, error)
                   : message_table_update(recording->storage, &message, error);
}

/* The target has asked to wait, so this message was not tried. */
static int delay(const struct recording *recording, struct error *error)
{
    const struct delivery *delivery = &recording->due->deliveries[recording->i];
    struct alert_message message = recording->due->messages[recording->i];

    if (delivery->retry_after_ms <= 0)
        return 0;
    message.next_ms = recording->now_ms + limit_retry(delivery->retry_after_ms);
    return message_table_update(recording->storage, &message, error);
}

static int record_delivery(struct recording *recording, struct error *error)
{
    const struct alert_deliveries *due = recording->due;
    int64_t number = due->messages[recording->i].number;

    switch (due->deliveries[recording->i].result) {
    case DELIVERY_NOT_TRIED:
        return delay(recording, error);
    case DELIVERY_ACCEPTED:
        recording->change = EVENT_SENT;
        if (message_table_each_part(recording->storage, number, record_part, recording, error))
            return -1;
        return message_table_delete(recording->storage, number, error);
    case DELIVERY_FAILED:
    case DELIVERY_REFUSED:
        break;
    }
    return record_failed(recording, error);
}

static int record_all(struct recording *recording, struct error *error)
{
    struct storage *storage = recording->storage;
    int64_t undelivered;

    if (message_table_count_undelivered(storage, &undelivered, error))
        return -1;
    for (recording->i = 0; recording->i < recording->due->n; recording->i++) {
        if (record_delivery(recording, error))
            return -1;
    }
    return alert_conditions_settle(storage, recording->due->config, undelivered, recording->now_ms,
                                   error);
}

int alert_deliveries_record(const struct alert_deliveries *due, struct storage *storage,
                            const struct log *log, int64_t now_ms, struct error *error)
{
    struct recording recording = {.due = due, .storage = storage, .log = log, .now_ms = now_ms};

    if (due->n == 0)
        return 0;
    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, record_all(&recording, error), error);
}

void alert_deliveries_free(struct alert_deliveries *due)
{
    for (size_t i = 0; i < due->n; i++)
        payload_free(&due->deliveries[i].payload);
    free(due->deliveries);
    free(due->messages);
    arena_free(due->arena);
    *due = (struct alert_deliveries){0};
}
