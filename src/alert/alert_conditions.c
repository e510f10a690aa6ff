/* The conditions that uptick is in itself: undelivered messages, and a time without a tick. */
#include "alert/alert_conditions.h"

#include "base/clock.h"
#include "base/text.h"
#include "records/ticks.h"
#include "state/alert_table.h"
#include "state/conditions.h"
#include "state/message_table.h"

#include <stdio.h>
#include <string.h>

enum {
    LATE_MS = 3 * MS_PER_MINUTE,
    /* If the clock was set back, a delivery may be older than the condition that it ends. */
    SET_BACK_MS = MS_PER_DAY
};

struct settling {
    struct storage *storage;
    const struct config *config;
    int64_t now_ms;
    char removed[EVENT_SCOPE_MAX]; /* a target with a condition that is not configured; "": none */
};

static int record_change(const struct settling *settling, const char *id,
                         const struct condition *open, const char *detail, struct error *error)
{
    struct event event = {.at_ms = settling->now_ms,
                          .scope = id,
                          .check = EVENT_ALERT,
                          .began_ms = open ? open->began_ms : settling->now_ms,
                          .change = open ? EVENT_CLOSED : EVENT_OPENED,
                          .state = open ? EVENT_UP : EVENT_DOWN,
                          .code = "",
                          .detail = detail};

    if (event.at_ms < event.began_ms)
        event.at_ms = event.began_ms;
    return conditions_record(settling->storage, &event, error);
}

/* A target that has only let its messages expire does not work again. */
static int close_delivered(const struct settling *settling, const char *id,
                           const struct condition *open, struct error *error)
{
    int64_t since_ms = settling->now_ms - SET_BACK_MS;
    bool was_sent;

    if (open->began_ms < since_ms)
        since_ms = open->began_ms;
    if (message_table_was_sent(settling->storage, id, open->began_ms, since_ms, &was_sent, error))
        return -1;
    return was_sent ? record_change(settling, id, open, EVENT_RECOVERED, error) : 0;
}

static int settle_target(const struct settling *settling, const char *id, struct error *error)
{
    const struct condition *open = conditions_find(settling->storage, EVENT_ALERT, id);
    char answer[MESSAGE_ANSWER_MAX];
    int attempts;

    if (message_table_get_failed(settling->storage, id, &attempts, answer, error))
        return -1;
    if (open && attempts == 0)
        return close_delivered(settling, id, open, error);
    text_clean(answer);
    if (!open && attempts >= ALERT_CONDITIONS_ATTEMPTS)
        return record_change(settling, id, NULL, answer, error);
    return 0;
}

/* A condition must not be changed while they are listed, so one is found at a time. */
static int find_removed(void *context, enum event_check check, const char *scope,
                        const struct condition *condition, struct error *error)
{
    struct settling *settling = context;

    (void)condition;
    (void)error;
    if (check != EVENT_ALERT || strcmp(scope, EVENT_TICKS) == 0 ||
        config_find_target(settling->config, scope))
        return 0;
    snprintf(settling->removed, sizeof settling->removed, "%s", scope);
    return 1;
}

static int close_removed(struct settling *settling, struct error *error)
{
    for (;;) {
        int found = conditions_each(settling->storage, find_removed, settling, error);

        if (found <= 0)
            return found;
        if (record_change(settling, settling->removed,
                          conditions_find(settling->storage, EVENT_ALERT, settling->removed),
                          EVENT_REMOVED, error))
            return -1;
    }
}

/* The pages show how many messages could not be delivered. */
static int mark_pages(struct storage *storage, int64_t before, struct error *error)
{
    int64_t after;

    if (message_table_count_undelivered(storage, &after, error))
        return -1;
    return after == before ? 0 : storage_set_setting(storage, SETTING_PENDING, 1, error);
}

int alert_conditions_settle(struct storage *storage, const struct config *config,
                            int64_t undelivered, int64_t now_ms, struct error *error)
{
    struct settling settling = {.storage = storage, .config = config, .now_ms = now_ms};
    int64_t due_ms;

    if (conditions_load(storage, error))
        return -1;
    for (size_t i = 0; i < config->n_alerts; i++) {
        if (settle_target(&settling, config->alerts[i].id, error))
            return -1;
    }
    if (close_removed(&settling, error) || mark_pages(storage, undelivered, error) ||
        alert_table_next(storage, &due_ms, error))
        return -1;
    return storage_set_setting(storage, SETTING_ALERT_DUE_MS, due_ms, error);
}

static bool is_wanted(const struct config *config)
{
    for (size_t i = 0; i < config->n_alerts; i++) {
        if (config->alerts[i].on & ALERT_LATE_TICKS)
            return true;
    }
    return false;
}

int alert_conditions_find_late(struct storage *storage, const struct config *config,
                               int64_t began_ms, struct error *error)
{
    struct event event = {.scope = EVENT_TICKS, .check = EVENT_ALERT, .code = ""};
    struct ticks ticks;
    int result;

    if (!is_wanted(config))
        return 0;
    ticks_read(config->data_dir, began_ms, NULL, &ticks);
    if (!ticks.recorded || began_ms - ticks.last.start_ms <= LATE_MS)
        return 0;
    if (storage_begin(storage, error))
        return -1;
    event.at_ms = event.began_ms = ticks.last.start_ms;
    event.change = EVENT_OPENED;
    event.state = EVENT_DOWN;
    event.detail = "";
    result = conditions_record(storage, &event, error);
    event.at_ms = began_ms;
    event.change = EVENT_CLOSED;
    event.state = EVENT_UP;
    event.detail = EVENT_ENDED;
    if (result == 0)
        result = conditions_record(storage, &event, error);
    return storage_end(storage, result, error);
}
