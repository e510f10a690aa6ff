/* Atom feeds of outages. */
#include "dashboard/feed.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/snapshot.h"
#include "dashboard/urn.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { FEED_NAME_MAX = 400 /* bytes; names are cut, so that each fits into the object */ };

static void add_name(struct object *object, const char *name, const char *text)
{
    char cut[FEED_NAME_MAX];

    text_one_line(cut, sizeof cut, text, strlen(text));
    text_mend_xml(cut);
    object_bytes(object, name, cut, strlen(cut));
}

static void add_moment(struct object *object, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, text);
    object_bytes(object, name, text, strlen(text));
}

static int add_urn(struct object *object, const char *const *parts)
{
    char urn[URN_MAX];

    if (urn_write(parts, urn))
        return -1;
    object_bytes(object, "id", urn, strlen(urn));
    return 0;
}

/* An outage is identified by its site, domain and start. */
static int add_id(struct object *object, const struct feed_entry *entry)
{
    char start[TEXT_NUMBER_MAX];
    const char *const parts[] = {entry->site->site->id, entry->domain->domain->id, start, NULL};

    text_number(start, entry->outage->from_ms);
    return add_urn(object, parts);
}

static const struct value *entry_item(void *context, size_t i)
{
    struct feed *feed = context;
    const struct feed_entry *entry = &feed->entries[i];
    const struct outage *outage = entry->outage;
    struct object *object = &feed->entry;

    object_moment(&feed->from, outage->from_ms, true);
    object_moment(&feed->to, outage->to_ms, true);
    object_clear(object);
    if (add_id(object, entry))
        return NULL;
    add_moment(object, "published", outage->from_ms);
    add_moment(object, "updated", entry->updated_ms);
    object_print(object, "link", "%ssite/%s.html#%s", feed->to_root, entry->site->site->id,
                 entry->domain->domain->id);
    add_name(object, "site", entry->site->site->name);
    add_name(object, "domain", entry->domain->domain->name);
    object_inner(object, "from", &feed->from);
    object_inner(object, "to", &feed->to);
    object_flag(object, "ongoing", outage->end == OUTAGE_ONGOING);
    object_flag(object, "ended", outage->end == OUTAGE_ENDED);
    object_flag(object, "unseen", outage->end == OUTAGE_UNSEEN);
    object_flag(object, "bot", outage->status == STATUS_BOT_DETECTED);
    object_span(object, "lasted", outage->from_ms, outage->to_ms, feed->messages);
    object_xml(object, "failure", outage->failure);
    return &object->value;
}

/* Inserts an entry in order, the last changed first, unless FEED_ENTRIES changed later. */
static void insert_entry(struct feed *feed, struct feed_entry entry)
{
    size_t at = feed->n;

    assert(at <= FEED_ENTRIES);
    while (at > 0 && feed->entries[at - 1].updated_ms < entry.updated_ms)
        at--;
    if (at == FEED_ENTRIES)
        return;
    if (feed->n < FEED_ENTRIES)
        feed->n++;
    memmove(&feed->entries[at + 1], &feed->entries[at],
            (feed->n - at - 1) * sizeof feed->entries[0]);
    feed->entries[at] = entry;
}

static void collect_outages(struct feed *feed, const struct site_view *site)
{
    for (size_t d = 0; d < site->n_domains; d++) {
        const struct domain_view *domain = &site->domains[d];

        for (size_t i = domain->n_outages; i-- > 0;) {
            const struct outage *outage = &domain->outages[i];
            bool ongoing = outage->end == OUTAGE_ONGOING;

            insert_entry(feed, (struct feed_entry){site, domain, outage,
                                                   ongoing ? outage->from_ms : outage->to_ms});
        }
    }
}

/*
 * Fills what all feeds have. path is the feed's own, from the folder of index.html. An empty feed
 * is as old as the first check of its sites; without any check, as old as the epoch.
 */
static int fill_feed(struct feed *feed, const char *site, const char *page, const char *path,
                     int64_t first_ms)
{
    const struct config *config = feed->config;
    const char *const parts[] = {site, config->public_url ? config->public_url : config->title,
                                 NULL};
    struct value entries = {.kind = VALUE_LIST, .list = {feed->n, entry_item, feed}};
    struct object *object = &feed->object;

    object_clear(object);
    if (add_urn(object, parts))
        return -1;
    if (first_ms == INT64_MAX)
        first_ms = 0;
    add_moment(object, "updated", feed->n ? feed->entries[0].updated_ms : first_ms);
    object_print(object, "alternate", "%s%s", feed->to_root, page);
    if (config->public_url)
        object_print(object, "self", "%s%s", config->public_url, path);
    object_add(object, "entries", entries);
    add_name(object, "title", config->title);
    return 0;
}

static void begin_feed(struct feed *feed, const struct messages *messages,
                       const struct config *config, const char *to_root)
{
    feed->messages = messages;
    feed->config = config;
    feed->to_root = config->public_url ? config->public_url : to_root;
    feed->n = 0;
}

const struct value *feed_of_all(struct feed *feed, const struct messages *messages,
                                const struct snapshot *snapshot)
{
    int64_t first_ms = INT64_MAX;

    begin_feed(feed, messages, snapshot->config, "");
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        collect_outages(feed, &snapshot->sites[i]);
        if (snapshot->sites[i].first_ms < first_ms)
            first_ms = snapshot->sites[i].first_ms;
    }
    if (fill_feed(feed, "", "index.html", "feed.xml", first_ms))
        return NULL;
    return &feed->object.value;
}

const struct value *feed_of_site(struct feed *feed, const struct messages *messages,
                                 const struct snapshot *snapshot, size_t site)
{
    const struct site_view *view = &snapshot->sites[site];
    const char *id = view->site->id;
    char page[NAME_MAX + 1], path[NAME_MAX + 1];

    snprintf(page, sizeof page, "site/%s.html", id);
    snprintf(path, sizeof path, "site/%s.xml", id);
    begin_feed(feed, messages, snapshot->config, "../");
    collect_outages(feed, view);
    if (fill_feed(feed, id, page, path, view->first_ms))
        return NULL;
    add_name(&feed->object, "name", view->site->name);
    return &feed->object.value;
}
