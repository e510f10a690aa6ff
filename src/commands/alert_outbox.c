/* Takes the messages that are due, and stores what becomes of them. */
#include "commands/alert_outbox.h"

#include "alert/message.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/alert_conditions.h"
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
    DELIVERIES_MAX = 1000      /* of a target at once; there is no time for more */
};

static int report_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "alerts: out of memory");
}

/* Messages are being taken. */
struct taking {
    struct alert_outbox *outbox;
    enum alert_outbox_part part;
    size_t *taken; /* of each target */
};

static const struct alert_target *find_target(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->n_alerts; i++) {
        if (strcmp(config->alerts[i].id, id) == 0)
            return &config->alerts[i];
    }
    return NULL;
}

static int grow(struct alert_outbox *outbox, struct error *error)
{
    struct delivery *deliveries = memory_grow(outbox->deliveries, &outbox->capacity, outbox->n + 1,
                                              sizeof *outbox->deliveries);
    struct alert_message *messages = memory_grow(outbox->messages, &outbox->message_capacity,
                                                 outbox->n + 1, sizeof *outbox->messages);

    if (deliveries)
        outbox->deliveries = deliveries;
    if (messages)
        outbox->messages = messages;
    return deliveries && messages ? 0 : report_no_memory(error);
}

static int take_message(void *context, const struct alert_message *message, struct error *error)
{
    struct taking *taking = context;
    struct alert_outbox *outbox = taking->outbox;
    const struct alert_target *target = find_target(outbox->config, message->target);
    struct alert_message *copy;

    if (!target || (target->type == ALERT_PRINT) != (taking->part == ALERT_OUTBOX_PRINTED) ||
        taking->taken[target - outbox->config->alerts]++ >= DELIVERIES_MAX)
        return 0;
    if (grow(outbox, error))
        return -1;
    outbox->deliveries[outbox->n] = (struct delivery){.target = target, .message = message->number};
    copy = &outbox->messages[outbox->n++];
    *copy = *message;
    copy->target = target->id;
    copy->content = arena_copy(outbox->arena, message->content, strlen(message->content));
    copy->answer = arena_copy(outbox->arena, message->answer, strlen(message->answer));
    return copy->content && copy->answer ? 0 : report_no_memory(error);
}

int alert_outbox_take(struct alert_outbox *outbox, const struct config *config,
                      struct storage *storage, enum alert_outbox_part part, int64_t now_ms,
                      struct error *error)
{
    struct taking taking = {outbox, part, calloc(config->n_alerts + 1, sizeof *taking.taken)};
    int result = -1;

    *outbox = (struct alert_outbox){.config = config, .arena = arena_new()};
    if (taking.taken && outbox->arena)
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
static int sort_ready(struct alert_outbox *outbox, struct error *error)
{
    size_t n = outbox->n, next[] = {0, outbox->n_ready};
    struct delivery *deliveries = malloc((n + 1) * sizeof *deliveries);
    struct alert_message *messages = malloc((n + 1) * sizeof *messages);

    if (!deliveries || !messages) {
        free(deliveries);
        free(messages);
        return report_no_memory(error);
    }
    for (size_t i = 0; i < n; i++) {
        size_t *to = &next[outbox->deliveries[i].result == DELIVERY_FAILED];

        deliveries[*to] = outbox->deliveries[i];
        messages[(*to)++] = outbox->messages[i];
    }
    free(outbox->deliveries);
    free(outbox->messages);
    outbox->deliveries = deliveries;
    outbox->messages = messages;
    return 0;
}

int alert_outbox_make_payloads(struct alert_outbox *outbox, const struct template_set *templates,
                               int64_t now_ms, struct error *error)
{
    outbox->n_ready = 0;
    for (size_t i = 0; i < outbox->n; i++) {
        struct delivery *delivery = &outbox->deliveries[i];

        if (payload_make(outbox->config, delivery->target, templates, outbox->messages[i].content,
                         now_ms, &delivery->payload, error))
            set_failed(delivery, error);
        else
            outbox->n_ready++;
    }
    return outbox->n_ready < outbox->n ? sort_ready(outbox, error) : 0;
}

static int print_message(const char *content, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result = message_text(content, &text, error);

    if (result == 0 && (fwrite(text.data, 1, text.size, stdout) != text.size || fflush(stdout)))
        result = error_errno(error, "standard output");
    buffer_free(&text);
    return result;
}

void alert_outbox_print(struct alert_outbox *outbox)
{
    for (size_t i = 0; i < outbox->n; i++) {
        struct error error;

        if (print_message(outbox->messages[i].content, &error))
            set_failed(&outbox->deliveries[i], &error);
        else
            outbox->deliveries[i].result = DELIVERY_ACCEPTED;
    }
}

/* What became of messages is being stored. */
struct recording {
    const struct alert_outbox *outbox;
    struct storage *storage;
    const struct log *log;
    int64_t now_ms;
    size_t i;                 /* of the delivery */
    enum event_change change; /* its event */
};

/* Ticks come once a minute, so minutes are what counts: a wait of a minute must not end a second
 * after the next tick has looked. */
static int64_t find_minute(int64_t ms)
{
    return clock_floor_div(ms, MS_PER_MINUTE) * MS_PER_MINUTE;
}

static int stage_event(const struct recording *recording, const char *scope,
                       const struct alert_part *part, struct error *error)
{
    const struct delivery *delivery = &recording->outbox->deliveries[recording->i];
    const char *answer = recording->change == EVENT_SENT ? "" : delivery->answer;
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
    const char *target = recording->outbox->messages[recording->i].target;
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
    next_ms = find_minute(now_ms) + wait * (int64_t)MS_PER_MINUTE;
    return retry_ms > next_ms ? retry_ms : next_ms;
}

/* Prints the message to where cron's mail gets it from. */
static void print_failed(const struct recording *recording, const struct alert_message *message)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    const char *line, *end;
    struct error error;

    log_warn(recording->log,
             "alert target %s: a message could not be delivered %d times (%s):", message->target,
             message->attempts, message->answer);
    if (message_text(message->content, &text, &error) == 0) {
        for (line = text.data; line && *line; line = *end ? end + 1 : end) {
            end = line + strcspn(line, "\n");
            log_warn(recording->log, "%.*s", (int)(end - line), line);
        }
    }
    buffer_free(&text);
}

static int record_failed(struct recording *recording, struct error *error)
{
    const struct delivery *delivery = &recording->outbox->deliveries[recording->i];
    struct alert_message message = recording->outbox->messages[recording->i];
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
    const struct delivery *delivery = &recording->outbox->deliveries[recording->i];
    struct alert_message message = recording->outbox->messages[recording->i];

    if (delivery->retry_after_ms <= 0)
        return 0;
    message.next_ms = recording->now_ms + limit_retry(delivery->retry_after_ms);
    return message_table_update(recording->storage, &message, error);
}

static int record_delivery(struct recording *recording, struct error *error)
{
    const struct alert_outbox *outbox = recording->outbox;
    int64_t number = outbox->messages[recording->i].number;

    switch (outbox->deliveries[recording->i].result) {
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

/* The pages show how many messages could not be delivered. */
static int mark_pages(struct storage *storage, int64_t before, struct error *error)
{
    int64_t after;

    if (message_table_count_undelivered(storage, &after, error))
        return -1;
    return after == before ? 0 : storage_set_setting(storage, SETTING_PENDING, 1, error);
}

static int record_all(struct recording *recording, struct error *error)
{
    struct storage *storage = recording->storage;
    int64_t before, due_ms;

    if (message_table_count_undelivered(storage, &before, error))
        return -1;
    for (recording->i = 0; recording->i < recording->outbox->n; recording->i++) {
        if (record_delivery(recording, error))
            return -1;
    }
    if (alert_conditions_settle(storage, recording->outbox->config, recording->now_ms, error) ||
        mark_pages(storage, before, error) || alert_table_next(storage, &due_ms, error))
        return -1;
    return storage_set_setting(storage, SETTING_ALERT_DUE_MS, due_ms, error);
}

int alert_outbox_record(const struct alert_outbox *outbox, struct storage *storage,
                        const struct log *log, int64_t now_ms, struct error *error)
{
    struct recording recording = {
        .outbox = outbox, .storage = storage, .log = log, .now_ms = now_ms};

    if (outbox->n == 0)
        return 0;
    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, record_all(&recording, error), error);
}

void alert_outbox_free(struct alert_outbox *outbox)
{
    for (size_t i = 0; i < outbox->n; i++)
        payload_free(&outbox->deliveries[i].payload);
    free(outbox->deliveries);
    free(outbox->messages);
    arena_free(outbox->arena);
    *outbox = (struct alert_outbox){0};
}
