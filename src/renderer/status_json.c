#include "base/clock.h"
#include "base/text.h"
#include "renderer/renderer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/*
 * status.json is put together a domain at a time, so that ten thousand of them need little memory.
 * What may have to be escaped is written by jansson; the rest, which is most of it, as it is: a
 * tree of values for each domain would cost more than all the pages. jansson keeps the order in
 * which members were added.
 */

enum {
    FORMAT = JSON_REAL_PRECISION(6) | JSON_ENCODE_ANY,
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

static void put_pieces(struct buffer *into, const char *before, const char *piece,
                       const char *after)
{
    buffer_puts(into, before);
    buffer_puts(into, piece);
    buffer_puts(into, after);
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

/* Whether a text stands in JSON as it is: ASCII without a quote, a backslash or a control. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~' || *text == '"' || *text == '\\')
            return false;
    }
    return true;
}

static void put_text(struct buffer *into, const char *text)
{
    if (is_plain(text))
        put_pieces(into, "\"", text, "\"");
    else if (put(into, text_json(text)))
        into->failed = 1;
}

static void put_number(struct buffer *into, int number)
{
    char text[TEXT_NUMBER_MAX];

    buffer_append(into, text, text_number(text, number));
}

/* Thousandths of a percent as a number with a fraction. */
static void put_percent(struct buffer *into, int thousandths)
{
    char text[TEXT_NUMBER_MAX];

    buffer_append(into, text, text_decimal(text, thousandths, 1, 3));
}

static void put_uptimes(struct buffer *into, const struct uptime uptime[SPANS])
{
    for (int span = 0; span < SPANS; span++) {
        put_pieces(into, span ? ", \"" : "{\"", snapshot_span_name((enum span)span),
                   "\": {\"uptime_percent\": ");
        if (uptime[span].known)
            put_percent(into, uptime[span].uptime);
        else
            buffer_puts(into, "null");
        buffer_puts(into, ", \"measured_percent\": ");
        put_percent(into, uptime[span].measured);
        buffer_puts(into, "}");
    }
    buffer_puts(into, "}");
}

static void put_timeline(struct buffer *into, const uint8_t *cells, size_t n_cells)
{
    char letters[STATUS_COUNT];

    for (int status = 0; status < STATUS_COUNT; status++)
        letters[status] = status_letter((enum status)status);
    if (buffer_reserve(into, n_cells))
        return;
    for (size_t i = 0; i < n_cells; i++)
        into->data[into->size++] = letters[cells[i]];
    into->data[into->size] = '\0';
}

/* What sites and domains have in common. */
static void put_course(struct buffer *into, enum status status, const uint8_t *cells,
                       size_t n_cells, const struct uptime uptime[SPANS])
{
    put_pieces(into, ", \"status\": \"", status_name(status), "\", \"timeline\": \"");
    put_timeline(into, cells, n_cells);
    buffer_puts(into, "\", \"uptime\": ");
    put_uptimes(into, uptime);
}

static void put_check(struct buffer *into, const struct recorded *check)
{
    char timestamp[CLOCK_TEXT_MAX];

    clock_write_ms(check->start_ms, timestamp);
    put_pieces(into, "{\"timestamp\": \"", timestamp, "\", \"domain_status\": \"");
    put_pieces(into, status_name(check->status),
               "\", \"http_status\": ", check->http_status ? "" : "null");
    if (check->http_status)
        put_number(into, check->http_status);
    put_pieces(into, ", \"latency_ms\": ", check->latency_ms < 0 ? "null" : "", "");
    if (check->latency_ms >= 0)
        put_number(into, check->latency_ms);
    buffer_puts(into, ", \"failure_type\": ");
    if (check->failure[0])
        put_text(into, check->failure);
    else
        buffer_puts(into, "null");
    buffer_puts(into, "}");
}

static void put_domain(struct buffer *into, const struct domain_view *view, size_t n_buckets)
{
    const struct domain *domain = view->domain;

    buffer_puts(into, "{\"id\": ");
    put_text(into, domain->id);
    buffer_puts(into, ", \"name\": ");
    put_text(into, domain->name);
    put_pieces(into, ", \"role\": \"", config_role_name(domain->role), "\", \"url\": ");
    put_text(into, domain->shown_url);
    put_course(into, view->status, view->timeline, n_buckets, view->uptime);
    buffer_puts(into, ", \"last_check\": ");
    if (view->last)
        put_check(into, view->last);
    else
        buffer_puts(into, "null");
    buffer_puts(into, "}");
}

static void put_site(struct buffer *into, const struct site_view *view, size_t n_buckets)
{
    buffer_puts(into, "{\"id\": ");
    put_text(into, view->site->id);
    buffer_puts(into, ", \"name\": ");
    put_text(into, view->site->name);
    put_course(into, view->status, view->timeline, n_buckets, view->uptime);
    buffer_puts(into, ",\n\"domains\": [");
    for (size_t i = 0; i < view->n_domains; i++) {
        buffer_puts(into, i ? ",\n" : "\n");
        put_domain(into, &view->domains[i], n_buckets);
        buffer_relieve(into);
    }
    buffer_puts(into, "]}");
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
        buffer_puts(into, i ? ",\n" : "\n");
        put_site(into, &snapshot->sites[i], snapshot->n_buckets);
    }
    buffer_puts(into, "]}\n");
    return into->failed ? -1 : 0;
}

int renderer_status_json(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    if (put_all(into, snapshot))
        return error_set(error, EXIT_IO, "status.json: out of memory");
    return 0;
}
