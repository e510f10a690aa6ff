#ifndef TESTS_ALERT_ITEMS_H
#define TESTS_ALERT_ITEMS_H

/* Subjects of messages and the configuration that they belong to. Include after cmocka.h. */
#include "alert/message.h"
#include "base/clock.h"
#include "base/moment.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int64_t moment(const char *text)
{
    struct moment moment;

    if (moment_read(text, 0, &moment))
        fail_msg("%s is no moment", text);
    return moment.at_ms;
}

/* A moment of the day on which these tests take place, "09:30:00", or another one with its date. */
static inline int64_t at(const char *text)
{
    char whole[64];

    snprintf(whole, sizeof whole, "%s%s", strlen(text) > 8 ? "" : "2026-11-23 ", text);
    return moment(whole);
}

/* A configuration with more lines at its start. */
static inline struct config *alert_config(const char *more)
{
    static const char sites[] = "sites:\n"
                                "  - id: shop\n"
                                "    name: The Shop\n"
                                "    domains: [{id: www, name: Web, url: 'http://shop/'}]\n"
                                "  - id: api\n"
                                "    name: API\n"
                                "    domains: [{id: v2, name: Version 2, url: 'http://api/'}]\n"
                                "  - id: wiki\n"
                                "    name: Wiki\n"
                                "    domains: [{id: www, name: Web, url: 'http://wiki/'}]\n";
    struct buffer yaml = BUFFER_WITH_CEILING(1 << 20), mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config;

    buffer_printf(&yaml, "%s%s", more, sites);
    config = config_parse("uptick.yaml", yaml.data, yaml.size, &mistakes);
    if (!config)
        fail_msg("%s", mistakes.data);
    buffer_free(&yaml);
    buffer_free(&mistakes);
    return config;
}

/* A confirmed outage that lasts. */
static inline struct message_item item_down(const char *scope, const char *since,
                                            const char *confirmed, const char *reason)
{
    struct message_item item = {
        .part = {.change = ALERT_BEGAN,
                 .check = EVENT_HTTP,
                 .state = EVENT_DOWN,
                 .series_ms = at(since),
                 .n = 1,
                 .outage = {.began_ms = at(since),
                            .confirmed_ms = at(confirmed),
                            .ended_ms = INT64_MIN,
                            .series_ms = at(since),
                            .ordinal = 1,
                            .state = EVENT_DOWN,
                            .code = "http.503"},
                 .n_missed = 1,
                 .first_missed_ms = at(since)},
        .scope = scope,
        .up_since_ms = INT64_MIN,
        .failures = 3,
    };

    snprintf(item.part.outage.detail, sizeof item.part.outage.detail, "%s", reason);
    return item;
}

/* The same one when it is over. */
static inline struct message_item item_over(struct message_item item, enum alert_change change,
                                            const char *ended, const char *end)
{
    item.part.change = change;
    item.part.state = EVENT_UP;
    item.part.n++;
    item.part.n_missed = change == ALERT_WAS;
    item.part.outage.ended_ms = at(ended);
    snprintf(item.part.outage.end, sizeof item.part.outage.end, "%s", end);
    return item;
}

static inline struct message_item item_of(enum event_check check, const char *scope,
                                          const char *since, const char *detail)
{
    struct message_item item = item_down(scope, since, since, detail);

    item.part.check = check;
    item.part.outage.confirmed_ms = INT64_MIN;
    item.part.outage.code[0] = '\0';
    item.failures = 0;
    return item;
}

/* The three subjects of the manual's example. */
static inline void items_of_manual(struct message_item items[3])
{
    items[0] = item_down("shop/www", "09:30:00", "09:30:15", "http_status: expected 200, got 503");
    items[0].up_since_ms = at("09:30:00") - (12 * 24 + 4) * (int64_t)MS_PER_HOUR;
    items[1] = item_down("api/v2", "09:30:04", "09:31:19",
                         "timeout: 20 s passed waiting for the first byte");
    items[2] = item_over(item_down("wiki/www", "09:19:40", "09:20:00", "refused"), ALERT_ENDED,
                         "09:30:47", EVENT_RECOVERED);
}

/* The monitor of this name; NULL: there is none. */
static inline const struct domain *find_monitor(const struct config *config, const char *scope)
{
    char name[CONFIG_MONITOR_MAX];

    for (size_t i = 0; i < config->n_domains; i++) {
        if (strcmp(config_monitor_name(config, i, name), scope) == 0)
            return &config->domains[i];
    }
    return NULL;
}

/* The caller frees the content. */
static inline char *write_items(const struct config *config, const struct message_head *head,
                                const struct message_item *items, size_t n)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct message_item *found = calloc(n, sizeof *found);
    struct error error;

    assert_non_null(found);
    for (size_t i = 0; i < n; i++) {
        found[i] = items[i];
        found[i].monitor = find_monitor(config, items[i].scope);
    }
    if (message_write(config, head, found, n, &into, &error))
        fail_msg("%s", error.text);
    free(found);
    return into.data;
}

#endif
