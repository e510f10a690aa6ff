/* Sends a test message to targets of alerts, and prints what they answer. */
#include "commands/alert_test.h"

#include "alert/helper.h"
#include "alert/message.h"
#include "alert/sender.h"
#include "base/clock.h"
#include "dashboard/template_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEND_MS = 15 * MS_PER_SECOND, /* an attempt ends within 10 s */
    MESSAGES = 2                  /* the begin and the end */
};

/* No site has this name, so nobody takes it for one of theirs. */
static const char scope[] = "uptick/test";

struct testing {
    const struct config *config;
    struct buffer contents[MESSAGES];
    struct template_set *templates;
    struct helper *helper;
    struct delivery *deliveries[MESSAGES]; /* one list for each message */
    size_t n[MESSAGES];
};

static int report_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "alerts: out of memory");
}

static int write_message(struct testing *testing, int number, int64_t now_ms, struct error *error)
{
    const struct message_head head = {.now_ms = now_ms, .is_test = true};
    bool is_end = number == MESSAGES;
    struct message_item item = {.part = {.change = is_end ? ALERT_ENDED : ALERT_BEGAN,
                                         .check = EVENT_HTTP,
                                         .state = is_end ? EVENT_UP : EVENT_DOWN,
                                         .series_ms = now_ms,
                                         .n = number,
                                         .outage = {.began_ms = now_ms,
                                                    .confirmed_ms = now_ms,
                                                    .ended_ms = is_end ? now_ms : INT64_MIN,
                                                    .series_ms = now_ms,
                                                    .ordinal = 1,
                                                    .state = EVENT_DOWN,
                                                    .detail = "a test of this target"},
                                         .n_missed = is_end ? 0 : 1,
                                         .first_missed_ms = now_ms},
                                .scope = scope,
                                .up_since_ms = INT64_MIN};

    if (is_end)
        snprintf(item.part.outage.end, sizeof item.part.outage.end, EVENT_RECOVERED);
    return message_write(testing->config, &head, &item, 1, &testing->contents[number - 1], error);
}

/* Whether a target keeps the incident until its end comes. */
static bool keeps_incidents(const struct alert_target *target)
{
    return target->type == ALERT_WEBHOOK &&
           (target->format == ALERT_PAGERDUTY || target->format == ALERT_OPSGENIE ||
            target->format == ALERT_ALERTMANAGER);
}

static int add_deliveries(struct testing *testing, const struct alert_target *target,
                          int64_t now_ms, struct error *error)
{
    int n = keeps_incidents(target) ? MESSAGES : 1;

    for (int i = 0; i < n; i++) {
        struct delivery *delivery = &testing->deliveries[i][testing->n[i]++];

        *delivery = (struct delivery){.target = target};
        if (payload_make(target, testing->templates, testing->contents[i].data, now_ms,
                         &delivery->payload, error))
            return -1;
    }
    return 0;
}

static int prepare(struct testing *testing, const bool *wanted, struct error *error)
{
    const struct config *config = testing->config;
    int64_t now_ms = clock_now();

    testing->templates = template_set_new();
    if (!testing->templates)
        return report_no_memory(error);
    for (int i = 0; i < MESSAGES; i++) {
        testing->deliveries[i] = calloc(config->n_alerts + 1, sizeof *testing->deliveries[i]);
        if (!testing->deliveries[i])
            return report_no_memory(error);
        if (write_message(testing, i + 1, now_ms, error))
            return -1;
    }
    if (template_files_load(config, TEMPLATE_FILES_ALERT, testing->templates, error))
        return -1;
    for (size_t i = 0; i < config->n_alerts; i++) {
        const struct alert_target *target = &config->alerts[i];

        if (wanted[i] && target->type != ALERT_PRINT &&
            add_deliveries(testing, target, now_ms, error))
            return -1;
    }
    return 0;
}

static void print_result(const struct delivery *delivery, int width)
{
    static const char *const results[] = {[DELIVERY_NOT_TRIED] = "not sent",
                                          [DELIVERY_ACCEPTED] = "accepted",
                                          [DELIVERY_FAILED] = "failed",
                                          [DELIVERY_REFUSED] = "refused"};

    printf("%-*s  %s%s%s\n", width, delivery->target->id, results[delivery->result],
           *delivery->answer ? ": " : "", delivery->answer);
}

/* The end of an incident that this delivery has begun; NULL: there is none. */
static const struct delivery *find_end(const struct testing *testing, const struct delivery *begin)
{
    for (size_t i = 0; i < testing->n[1]; i++) {
        if (testing->deliveries[1][i].target == begin->target)
            return &testing->deliveries[1][i];
    }
    return NULL;
}

/* Prints one line for each target: that of the message that failed, if one did. */
static void print_results(const struct testing *testing, bool *all_accepted)
{
    int width = 0;

    for (size_t i = 0; i < testing->n[0]; i++) {
        int length = (int)strlen(testing->deliveries[0][i].target->id);

        width = length > width ? length : width;
    }
    for (size_t i = 0; i < testing->n[0]; i++) {
        const struct delivery *shown = &testing->deliveries[0][i];
        const struct delivery *end = find_end(testing, shown);

        if (end && shown->result == DELIVERY_ACCEPTED)
            shown = end;
        print_result(shown, width);
        *all_accepted &= shown->result == DELIVERY_ACCEPTED;
    }
}

/* The ends are sent after the begins: a sender may send messages of a target in any order. */
static int send_all(struct testing *testing, struct error *error)
{
    for (int i = 0; i < MESSAGES; i++) {
        struct sender *sender;

        if (testing->n[i] == 0)
            continue;
        sender = sender_start(testing->config, testing->deliveries[i], testing->n[i], SEND_MS,
                              testing->helper, NULL, error);
        sender_finish(sender);
        if (!sender)
            return -1;
    }
    return 0;
}

static int print_wanted(const struct testing *testing, const bool *wanted, struct error *error)
{
    for (size_t i = 0; i < testing->config->n_alerts; i++) {
        if (wanted[i] && testing->config->alerts[i].type == ALERT_PRINT &&
            message_print(testing->contents[0].data, error))
            return -1;
    }
    return 0;
}

int alert_test_run(const struct config *config, const bool *wanted, bool *all_accepted,
                   struct error *error)
{
    struct testing testing = {.config = config};
    int result = -1;

    *all_accepted = true;
    for (int i = 0; i < MESSAGES; i++)
        testing.contents[i] = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    if (helper_start(config, &testing.helper, error) == 0 &&
        prepare(&testing, wanted, error) == 0 && print_wanted(&testing, wanted, error) == 0)
        result = send_all(&testing, error);
    if (result == 0)
        print_results(&testing, all_accepted);
    helper_stop(testing.helper);
    for (int i = 0; i < MESSAGES; i++) {
        for (size_t k = 0; k < testing.n[i]; k++)
            payload_free(&testing.deliveries[i][k].payload);
        free(testing.deliveries[i]);
        buffer_free(&testing.contents[i]);
    }
    template_set_free(testing.templates);
    return result;
}
