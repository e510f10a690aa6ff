/* Writes messages as JSON, and reads their text again. */
#include "alert/message.h"

#include "alert/content.h"
#include "alert/wording.h"
#include "base/clock.h"
#include "base/json_put.h"
#include "base/secrets.h"
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The version of the format: it changes if a member is changed or removed. */
enum { FORMAT_VERSION = 1 };

/* A key is the id of a series and the number of the message: "ID.2". */
enum { KEY_MAX = EVENT_ID_MAX + TEXT_NUMBER_MAX };

/* At most this many events are in a message, so that people can read it. The heading counts all. */
enum { SHOWN_MAX = 500 };

enum { NAMES_MAX = 512, PLACE_MAX = 2 * TEXT_ID_MAX + 2 };

/* The monitor that an item is about, if it is about one. */
struct place {
    char site[TEXT_ID_MAX + 1], domain[TEXT_ID_MAX + 1]; /* ids; "": none */
    const struct site *found;                            /* NULL: not in the configuration */
};

/* All that is being written. */
struct writing {
    const struct config *config;
    const struct message_head *head;
    const struct message_item *items;
    size_t n, n_shown;
    size_t *order;  /* of the items: by their groups; the first n_shown are in the message */
    size_t at_once; /* hosts that failed at once; 0: too few to be shown */
    struct buffer *into;
};

/* Splits a scope "shop/www". Other scopes have no place. */
static void find_place(const struct config *config, const struct message_item *item,
                       struct place *place)
{
    const char *slash = strchr(item->scope, '/');

    *place = (struct place){.site = ""};
    if (item->part.check > EVENT_BOT || !slash)
        return;
    snprintf(place->site, sizeof place->site, "%.*s", (int)(slash - item->scope), item->scope);
    snprintf(place->domain, sizeof place->domain, "%s", slash + 1);
    if (item->monitor)
        place->found = &config->sites[item->monitor->site];
}

/* The names of a monitor, or the ids if it is not in the configuration any more. */
static void write_names(const struct place *place, const struct message_item *item,
                        char names[NAMES_MAX])
{
    const char *site = place->found ? place->found->name : place->site;
    const char *domain = place->found ? item->monitor->name : place->domain;
    char text[NAMES_MAX];

    snprintf(text, sizeof text, "%.200s/%.200s", site, domain);
    if (!place->site[0])
        snprintf(text, sizeof text, "%s", item->scope);
    text_one_line(names, NAMES_MAX, text, strlen(text));
}

/* Appends the address of the page that shows a monitor, or of the first page. */
static void put_address(const struct config *config, const struct place *place, struct buffer *into)
{
    if (!config->public_url)
        return;
    buffer_puts(into, config->public_url);
    if (place && place->found)
        buffer_printf(into, "site/%s.html", place->site);
}

static void put_url(const struct writing *writing, const struct place *place)
{
    struct buffer url = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);

    put_address(writing->config, place, &url);
    json_put_text_or_null(writing->into, ", \"url\": ", url.data ? url.data : "");
    writing->into->failed |= url.failed;
    buffer_free(&url);
}

/* What `on` of a target calls it. */
static const char *kind_of(const struct message_item *item)
{
    static const char *const kinds[EVENT_CHECKS] = {
        [EVENT_HTTP] = "down",
        [EVENT_SLOW] = "slow",
        [EVENT_BOT] = "bot",
        [EVENT_CERTIFICATE] = "certificate",
        [EVENT_LOCAL_NETWORK] = "local_network",
        [EVENT_ALERT] = "undelivered",
    };

    if (item->part.check == EVENT_HTTP && item->part.state == EVENT_UP)
        return "up";
    if (item->part.check == EVENT_ALERT && strcmp(item->scope, EVENT_TICKS) == 0)
        return "late_ticks";
    return kinds[item->part.check];
}

/* How urgent it is, in the words of most services. */
static const char *severity_of(const struct message_item *item)
{
    if (item->part.state == EVENT_UP)
        return "info";
    if (item->part.check == EVENT_HTTP || item->part.state == EVENT_CRITICAL)
        return "critical";
    return "warning";
}

static void write_key(const struct message_item *item, char key[KEY_MAX])
{
    char id[EVENT_ID_MAX];

    event_write_id(item->scope, item->part.check, item->part.series_ms, id);
    snprintf(key, KEY_MAX, "%s.%d", id, item->part.n);
}

static void put_moment(struct buffer *into, const char *before, int64_t ms)
{
    json_put_ms_or_null(into, before, ms != INT64_MIN, ms);
}

/* Appends a member that is made by one of the functions of wording.h. */
static void put_worded(const struct writing *writing, const struct message_item *item,
                       const char *before, const char *reason,
                       void (*write)(const struct message_item *item, const char *reason,
                                     int64_t now_ms, struct buffer *into))
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);

    write(item, reason, writing->head->now_ms, &text);
    json_put_text(writing->into, before, text.data ? text.data : "");
    writing->into->failed |= text.failed;
    buffer_free(&text);
}

static void put_id(const struct writing *writing, const struct message_item *item)
{
    char id[EVENT_ID_MAX], key[KEY_MAX];

    write_key(item, key);
    json_put_text(writing->into, "{\"id\": ",
                  event_write_id(item->scope, item->part.check, item->part.series_ms, id));
    json_put_text(writing->into, ", \"key\": ", key);
    json_put_word(writing->into, ", \"kind\": ", kind_of(item));
    json_put_word(writing->into, ", \"change\": ", alert_change_name(item->part.change));
}

static void put_scope(const struct writing *writing, const struct message_item *item,
                      const struct place *place)
{
    char names[NAMES_MAX];

    write_names(place, item, names);
    json_put_text_or_null(writing->into, ", \"site\": ", place->site);
    json_put_text_or_null(writing->into, ", \"domain\": ", place->domain);
    json_put_text(writing->into, ", \"names\": ", names);
    json_put_text(writing->into, ", \"scope\": ", item->scope);
    json_put_word(writing->into, ", \"check\": ", event_check_name(item->part.check));
    json_put_word(writing->into, ", \"state\": ", event_state_name(item->part.state));
    json_put_word(writing->into, ", \"severity\": ", severity_of(item));
}

static void put_times(const struct writing *writing, const struct message_item *item)
{
    const struct alert_outage *outage = &item->part.outage;
    bool is_over = item->part.state == EVENT_UP;
    int64_t to_ms = outage->ended_ms == INT64_MIN ? writing->head->now_ms : outage->ended_ms;
    int64_t seconds = clock_shown_span(outage->began_ms, to_ms) / MS_PER_SECOND;

    put_moment(writing->into, ", \"since\": ", outage->began_ms);
    put_moment(writing->into, ", \"confirmed\": ", outage->confirmed_ms);
    put_moment(writing->into, ", \"ended\": ", is_over ? to_ms : INT64_MIN);
    json_put_text_or_null(writing->into, ", \"end_reason\": ", is_over ? outage->end : "");
    json_put_number(writing->into, ", \"duration_seconds\": ", seconds > 0 ? seconds : 0);
    json_put_number_or_null(writing->into, ", \"checks\": ", item->failures > 0, item->failures);
}

static void put_event(const struct writing *writing, const struct message_item *item)
{
    char reason[WORDING_REASON_MAX];
    struct place place;

    find_place(writing->config, item, &place);
    wording_write_reason(writing->config->secrets, &item->part.outage, reason);
    put_id(writing, item);
    put_scope(writing, item, &place);
    put_times(writing, item);
    json_put_text_or_null(writing->into, ", \"code\": ", item->part.outage.code);
    json_put_text_or_null(writing->into, ", \"reason\": ", reason);
    json_put_number(writing->into, ", \"outages\": ",
                    item->part.outage.ordinal > 0 ? item->part.outage.ordinal : 1);
    json_put_number(writing->into, ", \"unreported\": ", item->part.n_missed);
    put_moment(writing->into, ", \"unreported_since\": ",
               item->part.n_missed > 0 ? item->part.first_missed_ms : INT64_MIN);
    buffer_printf(writing->into, ", \"acknowledged\": %s",
                  item->part.outage.is_acknowledged ? "true" : "false");
    put_url(writing, &place);
    put_worded(writing, item, ", \"line\": ", reason, wording_line);
    buffer_puts(writing->into, "}");
}

/* Sets the order of the lines: by their groups, each in the order of the items. */
static void sort_items(struct writing *writing, size_t counts[WORDING_GROUPS])
{
    size_t next[WORDING_GROUPS], sum = 0;

    memset(counts, 0, WORDING_GROUPS * sizeof *counts);
    for (size_t i = 0; i < writing->n; i++)
        counts[wording_group_of(&writing->items[i])]++;
    for (int group = 0; group < WORDING_GROUPS; group++) {
        next[group] = sum;
        sum += counts[group];
    }
    for (size_t i = 0; i < writing->n; i++)
        writing->order[next[wording_group_of(&writing->items[i])]++] = i;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Counts the hosts of the outages that began, if all began within a minute. So people see that it
 * may be the network and not each host. Fewer than make a local fault are 0. */
static size_t count_hosts(const struct writing *writing, const char **hosts)
{
    int64_t first_ms = INT64_MAX, last_ms = INT64_MIN;
    size_t n = 0, different = 0;

    for (size_t i = 0; i < writing->n; i++) {
        const struct message_item *item = &writing->items[i];

        if (wording_group_of(item) != WORDING_DOWN || !item->monitor)
            continue;
        first_ms = item->part.outage.began_ms < first_ms ? item->part.outage.began_ms : first_ms;
        last_ms = item->part.outage.began_ms > last_ms ? item->part.outage.began_ms : last_ms;
        hosts[n++] = item->monitor->host;
    }
    if (n == 0 || last_ms - first_ms > MS_PER_MINUTE)
        return 0;
    qsort(hosts, n, sizeof *hosts, compare_texts);
    for (size_t i = 0; i < n; i++)
        different += i == 0 || strcmp(hosts[i], hosts[i - 1]) != 0;
    return different < (size_t)writing->config->local_network.min_hosts ? 0 : different;
}

static const struct message_item *item_at(const struct writing *writing, size_t i)
{
    return &writing->items[writing->order[i]];
}

static void put_title(const struct writing *writing, const size_t counts[WORDING_GROUPS],
                      struct buffer *text)
{
    const struct message_item *first = item_at(writing, 0);
    char reason[WORDING_REASON_MAX];

    if (writing->head->is_test)
        buffer_puts(text, "TEST: ");
    if (writing->n > 1) {
        wording_heading(counts, writing->at_once, text);
        return;
    }
    wording_write_reason(writing->config->secrets, &first->part.outage, reason);
    wording_title(first, reason, writing->head->now_ms, text);
}

/* Counts the events that are not in the message. */
static void put_more(size_t n, struct buffer *text)
{
    char number[TEXT_NUMBER_MAX];

    text_count(n, number);
    if (n > 0)
        buffer_printf(text, "and %s more\n", number);
}

/* Writes the summary for people: the heading if there are several events, their lines, and the
 * address. */
static void put_lines(const struct writing *writing, const size_t counts[WORDING_GROUPS],
                      const struct place *place, struct buffer *text)
{
    char reason[WORDING_REASON_MAX];

    if (writing->head->is_test)
        buffer_puts(text, "This is a test message of uptick: what follows did not happen.\n");
    if (writing->n > 1) {
        wording_heading(counts, writing->at_once, text);
        buffer_puts(text, "\n");
    }
    for (size_t i = 0; i < writing->n_shown; i++) {
        const struct message_item *item = item_at(writing, i);

        wording_write_reason(writing->config->secrets, &item->part.outage, reason);
        wording_line(item, reason, writing->head->now_ms, text);
        buffer_puts(text, "\n");
    }
    put_more(writing->n - writing->n_shown, text);
    if (writing->head->late_ms > 0) {
        wording_late(writing->head->late_ms, text);
        buffer_puts(text, "\n");
    }
    put_address(writing->config, place, text);
    buffer_puts(text, writing->config->public_url ? "\n" : "");
}

static void put_texts(const struct writing *writing, const size_t counts[WORDING_GROUPS],
                      const struct place *place)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

    put_title(writing, counts, &text);
    json_put_text(writing->into, ", \"title\": ", text.data ? text.data : "");
    writing->into->failed |= text.failed;
    buffer_reset(&text);
    put_lines(writing, counts, place, &text);
    json_put_text(writing->into, ", \"text\": ", text.data ? text.data : "");
    writing->into->failed |= text.failed;
    buffer_free(&text);
}

static void put_message(struct writing *writing)
{
    struct place first, *place = writing->n == 1 ? &first : NULL;
    const struct message_head *head = writing->head;
    size_t counts[WORDING_GROUPS];
    char key[KEY_MAX];

    sort_items(writing, counts);
    find_place(writing->config, item_at(writing, 0), &first);
    write_key(item_at(writing, 0), key);
    json_put_number(writing->into, "{\"version\": ", FORMAT_VERSION);
    json_put_text(writing->into, ", \"key\": ", key);
    put_texts(writing, counts, place);
    json_put_seconds(writing->into, ", \"time\": ", head->now_ms);
    put_url(writing, place);
    buffer_printf(writing->into, ", \"test\": %s", head->is_test ? "true" : "false");
    json_put_number(writing->into,
                    ", \"late_seconds\": ", head->late_ms > 0 ? head->late_ms / MS_PER_SECOND : 0);
    json_put_number(writing->into,
                    ", \"more_events\": ", (long long)(writing->n - writing->n_shown));
    buffer_puts(writing->into, ", \"events\": [");
    for (size_t i = 0; i < writing->n_shown; i++) {
        buffer_puts(writing->into, i ? ", " : "");
        put_event(writing, item_at(writing, i));
    }
    buffer_puts(writing->into, "]}\n");
}

int message_write(const struct config *config, const struct message_head *head,
                  const struct message_item *items, size_t n, struct buffer *into,
                  struct error *error)
{
    struct writing writing = {.config = config,
                              .head = head,
                              .items = items,
                              .n = n,
                              .n_shown = n < SHOWN_MAX ? n : SHOWN_MAX,
                              .order = calloc(n, sizeof(size_t)),
                              .into = into};
    const char **hosts = calloc(n, sizeof *hosts);
    bool has_memory = writing.order && hosts;

    assert(n > 0);
    if (has_memory) {
        writing.at_once = count_hosts(&writing, hosts);
        put_message(&writing);
    }
    free(hosts);
    free(writing.order);
    if (!has_memory || into->failed)
        return error_set(error, EXIT_IO, "alerts: out of memory");
    return 0;
}

int message_text(const char *content, struct buffer *into, struct error *error)
{
    struct json_text message, text;

    if (!content_parse(content, &message) || !content_find(&message, "text", &text) ||
        json_text_kind(&text) != JSON_TEXT_STRING)
        return error_set(error, EXIT_IO, "alerts: a stored message is damaged");
    if (buffer_reserve(into, text.size + 1))
        return error_set(error, EXIT_IO, "alerts: out of memory");
    into->size += json_text_decode(&text, into->data + into->size);
    into->data[into->size] = '\0';
    return 0;
}

int message_print(const char *content, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result = message_text(content, &text, error);

    if (result == 0 && (fwrite(text.data, 1, text.size, stdout) != text.size || fflush(stdout)))
        result = error_errno(error, "standard output");
    buffer_free(&text);
    return result;
}
