#include "base/clock.h"
#include "base/text.h"
#include "renderer/renderer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/*
 * status.json is put together from pieces of jansson's, a domain at a time, so that ten thousand
 * of them need little memory. jansson keeps the order in which members were added.
 */

enum {
    FORMAT = JSON_REAL_PRECISION(6),
    VERSION = 1 /* of the format */
};

static int append(const char *bytes, size_t size, void *into)
{
    return buffer_append(into, bytes, size);
}

/* Appends the value and frees it; NULL, which jansson gives where memory ends, is a failure. */
static int put(struct buffer *into, json_t *value)
{
    int result = value ? json_dump_callback(value, append, into, FORMAT) : -1;

    json_decref(value);
    return result;
}

/* Appends an object with one member more, an empty list that is left open. */
static int put_open(struct buffer *into, json_t *object, const char *list)
{
    if (put(into, object))
        return -1;
    into->size--; /* the brace */
    return buffer_printf(into, ",\n\"%s\": [", list);
}

/* A text that may hold bytes that are not UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    char *mended;
    size_t size;

    if (value)
        return value;
    size = strlen(text) + 1;
    mended = malloc(size);
    if (!mended)
        return NULL;
    text_one_line(mended, size, text, size - 1);
    value = json_string(mended);
    free(mended);
    return value;
}

static json_t *moment_json(int64_t ms)
{
    char text[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, text);
    return json_string(text);
}

/* Thousandths of a percent as a number with three decimals. */
static json_t *percent_json(int thousandths)
{
    return json_real(thousandths / 1000.0);
}

static json_t *uptime_json(const struct uptime uptime[SPANS])
{
    json_t *spans = json_object();

    for (int span = 0; span < SPANS; span++) {
        json_t *percent = uptime[span].known ? percent_json(uptime[span].uptime) : json_null();

        json_object_set_new(spans, snapshot_span_name((enum span)span),
                            json_pack("{s:o, s:o}", "uptime_percent", percent, "measured_percent",
                                      percent_json(uptime[span].measured)));
    }
    return spans;
}

static json_t *timeline_json(const uint8_t *cells, size_t n_cells)
{
    char *letters = malloc(n_cells);
    json_t *text;

    if (!letters)
        return NULL;
    for (size_t i = 0; i < n_cells; i++)
        letters[i] = status_letter(cells[i]);
    text = json_stringn(letters, n_cells);
    free(letters);
    return text;
}

static json_t *check_json(const struct recorded *check)
{
    char timestamp[CLOCK_TEXT_MAX];

    if (!check)
        return json_null();
    clock_write_ms(check->start_ms, timestamp);
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "timestamp", timestamp, "domain_status",
                     status_name(check->status), "http_status",
                     check->http_status ? json_integer(check->http_status) : json_null(),
                     "latency_ms",
                     check->latency_ms >= 0 ? json_integer(check->latency_ms) : json_null(),
                     "failure_type", check->failure[0] ? text_json(check->failure) : json_null());
}

static int put_domain(struct buffer *into, const struct domain_view *view, size_t n_buckets)
{
    const struct domain *domain = view->domain;

    return put(into,
               json_pack("{s:s, s:o, s:s, s:o, s:s, s:o, s:o, s:o}", "id", domain->id, "name",
                         text_json(domain->name), "role", config_role_name(domain->role), "url",
                         text_json(domain->shown_url), "status", status_name(view->status),
                         "timeline", timeline_json(view->timeline, n_buckets), "uptime",
                         uptime_json(view->uptime), "last_check", check_json(view->last)));
}

static int put_site(struct buffer *into, const struct site_view *view, size_t n_buckets)
{
    json_t *head =
        json_pack("{s:s, s:o, s:s, s:o, s:o}", "id", view->site->id, "name",
                  text_json(view->site->name), "status", status_name(view->status), "timeline",
                  timeline_json(view->timeline, n_buckets), "uptime", uptime_json(view->uptime));

    if (put_open(into, head, "domains"))
        return -1;
    for (size_t i = 0; i < view->n_domains; i++) {
        if (buffer_puts(into, i ? ",\n" : "\n") || put_domain(into, &view->domains[i], n_buckets))
            return -1;
    }
    return buffer_puts(into, "]}");
}

/* null where no tick is known of. */
static json_t *tick_json(const struct ticks *ticks)
{
    if (!ticks->known)
        return json_null();
    return json_pack("{s:o, s:I, s:I, s:I, s:i, s:i}", "start", moment_json(ticks->last.start_ms),
                     "duration_ms", (json_int_t)ticks->last.duration_ms, "checks_done",
                     (json_int_t)ticks->last.checks_done, "left_over",
                     (json_int_t)ticks->last.left_over, "ticks_24h", ticks->counted, "expected_24h",
                     ticks->expected);
}

static int put_all(struct buffer *into, const struct snapshot *snapshot)
{
    json_t *history =
        json_pack("{s:o, s:i, s:I}", "from", moment_json(snapshot->from_ms), "bucket_seconds",
                  (int)SECONDS_PER_MINUTE, "buckets", (json_int_t)snapshot->n_buckets);
    json_t *head = json_pack(
        "{s:i, s:o, s:o, s:o, s:s, s:o, s:o}", "version", VERSION, "generated_at",
        moment_json(snapshot->at_ms), "valid_until", moment_json(snapshot->valid_until_ms), "title",
        text_json(snapshot->config->title), "status", status_name(snapshot->status), "history",
        history, "tick", tick_json(&snapshot->ticks));

    if (put_open(into, head, "sites"))
        return -1;
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        if (buffer_puts(into, i ? ",\n" : "\n") ||
            put_site(into, &snapshot->sites[i], snapshot->n_buckets))
            return -1;
    }
    return buffer_puts(into, "]}\n");
}

int renderer_status_json(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    if (put_all(into, snapshot))
        return error_set(error, EXIT_IO, "status.json: out of memory");
    return 0;
}
