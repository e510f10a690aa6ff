#ifndef E2E_ALERT_TICKS_H
#define E2E_ALERT_TICKS_H

/* Ticks minute by minute, and what the targets of alerts got. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <string.h>

/* Makes a monitor UP or DOWN from now on. */
static inline void set(struct e2e *world, const char *domain, bool up)
{
    e2e_write(world, domain,
              up ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                 : "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno");
}

/* shop/www and shop/api, which are UP, and these targets. */
static inline void config(struct e2e *world, const char *alerts)
{
    e2e_config(world, e2e_format(world,
                                 "defaults:\n  interval_seconds: 60\n"
                                 "alerts:\n%s\n"
                                 "sites:\n  - id: shop\n    domains:\n"
                                 "      - {id: www, url: 'http://@http@/file/www'}\n"
                                 "      - {id: api, url: 'http://@http@/file/api'}\n",
                                 alerts));
}

static inline void begin(struct e2e *world, const char *alerts)
{
    set(world, "www", true);
    set(world, "api", true);
    config(world, alerts);
}

/* This many minutes after 09:00. */
static inline const char *clock_at(struct e2e *world, int minute)
{
    int of_day = 9 * 60 + minute;

    return e2e_format(world, "2026-11-23 %02d:%02d:00", of_day / 60, of_day % 60);
}

static inline void tick_at(struct e2e *world, int minute)
{
    e2e_tick(world, clock_at(world, minute));
}

/* The same for a tick that may print. Returns what it printed. */
static inline const char *printed_at(struct e2e *world, int minute)
{
    world->clock = clock_at(world, minute);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    return world->last.out;
}

/* A tick for each of these minutes, from 09:00 on. */
static inline void ticks(struct e2e *world, int first, int last)
{
    for (int minute = first; minute <= last; minute++)
        tick_at(world, minute);
}

/* The same if messages may fail for the third time, which is printed. */
static inline void failing_ticks(struct e2e *world, int first, int last)
{
    for (int minute = first; minute <= last; minute++) {
        world->clock = clock_at(world, minute);
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
    }
}

/* How many messages a webhook got. */
static inline long posts(struct e2e *world, const char *name)
{
    long n = 0;

    while (e2e_exists(world, e2e_format(world, "posts/%s/%ld", name, n + 1)))
        n++;
    return n;
}

static inline json_t *payload(struct e2e *world, const char *name, long n)
{
    const char *body = strchr(e2e_post(world, name, n), '{');
    json_error_t mistake;
    json_t *json = body ? json_loads(body, 0, &mistake) : NULL;

    e2e_check(json != NULL, "posts/%s/%ld is not JSON", name, n);
    if (!world->documents)
        world->documents = json_array();
    json_array_append_new(world->documents, json);
    return json;
}

/* "began shop/www, ended shop/api": the events of a message. */
static inline const char *events_in(struct e2e *world, const char *name, long n)
{
    json_t *events = json_object_get(payload(world, name, n), "events"), *event;
    char *text = e2e_format(world, "%s", "");
    size_t i;

    json_array_foreach(events, i, event) text =
        e2e_format(world, "%s%s%s %s", text, i ? ", " : "", e2e_text(event, "change"),
                   e2e_text(event, "scope"));
    return text;
}

static inline const char *key_of(struct e2e *world, const char *name, long n)
{
    return e2e_text(payload(world, name, n), "key");
}

/* The number of lines in the event log with this text. */
static inline long logged(struct e2e *world, const char *text)
{
    const char *log = e2e_read_any(world, "data/live/events.log");
    const char *old = e2e_read_any(world, "data/archive/2026-11-23/events.log");
    long n = 0;

    for (const char *at = log; at && (at = strstr(at, text)); at++)
        n++;
    for (const char *at = old; at && (at = strstr(at, text)); at++)
        n++;
    return n;
}

static inline long undelivered(struct e2e *world)
{
    return (long)json_integer_value(
        json_object_get(json_object_get(e2e_status(world), "alerts"), "undelivered"));
}

/* A webhook as the only target, with this query and these keys. */
static inline void own_target(struct e2e *world, const char *query, const char *keys)
{
    begin(world,
          e2e_format(world, "  - {id: own, type: webhook, url: 'http://@http@/hook/own%s'%s}",
                     query, keys));
}

#endif
