/* Atom feeds of outages. OpenSSL makes their URNs. */
#include "dashboard/feed.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/snapshot.h"

#include <limits.h>
#include <openssl/sha.h>
#include <string.h>

enum { FEED_NAME_MAX = 400 /* bytes; names are cut, so that each fits into the object */ };
enum { URN_TEXT_MAX = 2048, UUID_BYTES = 16, UUID_VERSION = 0x80, UUID_VARIANT = 0x80 };

/* Joins the texts, each followed by a byte that none of them contains. Returns the size. */
static size_t join_parts(const char *const *parts, char into[URN_TEXT_MAX])
{
    size_t size = 0;

    for (; *parts && size < URN_TEXT_MAX; parts++) {
        size_t n = strnlen(*parts, URN_TEXT_MAX - size - 1);

        memcpy(into + size, *parts, n);
        into[size + n] = '\n';
        size += n + 1;
    }
    return size;
}

int feed_urn(const char *const *parts, char urn[FEED_URN_MAX])
{
    static const char prefix[] = "urn:uuid:", digits[] = "0123456789abcdef";
    unsigned char hash[SHA256_DIGEST_LENGTH];
    char text[URN_TEXT_MAX];
    char *at = urn;

    if (!SHA256((const unsigned char *)text, join_parts(parts, text), hash))
        return -1;
    hash[6] = (unsigned char)((hash[6] & 0x0f) | UUID_VERSION);
    hash[8] = (unsigned char)((hash[8] & 0x3f) | UUID_VARIANT);
    memcpy(at, prefix, sizeof prefix - 1);
    at += sizeof prefix - 1;
    for (int i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[hash[i] >> 4];
        *at++ = digits[hash[i] & 0xf];
    }
    *at = '\0';
    return 0;
}

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
    char urn[FEED_URN_MAX];

    if (feed_urn(parts, urn))
        return -1;
    object_bytes(object, "id", urn, strlen(urn));
    return 0;
}

static const struct value *entry_item(void *context, size_t i)
{
    struct feed *feed = context;
    const struct chosen_outage *entry = &feed->entries[i];
    const struct outage *outage = entry->outage;
    struct object *object = &feed->entry;
    char id[EVENT_ID_MAX];
    const char *const parts[] = {id, NULL};

    snapshot_event_id(feed->snapshot, entry->domain, outage, id);
    object_clear(object);
    if (add_urn(object, parts))
        return NULL;
    add_moment(object, "published", outage->from_ms);
    add_moment(object, "updated", entry->order_ms);
    object_join(
        object, "link",
        (const char *const[]){feed->to_root, "site/", entry->site->site->id, ".html#", id, NULL});
    add_name(object, "site", entry->site->site->name);
    add_name(object, "domain", entry->domain->domain->name);
    object_moment(object, "from", outage->from_ms, true);
    object_moment(object, "to", outage->to_ms, true);
    object_flag(object, "ongoing", outage->end == OUTAGE_ONGOING);
    object_flag(object, "ended", outage->end == OUTAGE_ENDED);
    object_flag(object, "unseen", outage->end == OUTAGE_UNSEEN);
    object_flag(object, "bot", outage->status == STATUS_BOT_DETECTED);
    object_span(object, "lasted", outage->from_ms, outage->to_ms, feed->messages);
    object_flag(object, "removed", outage->end == OUTAGE_REMOVED);
    object_xml(object, "failure", outage->reasons[0].failure);
    object_xml(object, "code", outage->reasons[0].code);
    reasons_add(&feed->reasons, outage, object);
    return &object->value;
}

/* When an entry last changed: with an event of its outage, or when the checks stopped. */
static int64_t find_updated(const struct outage *outage)
{
    bool is_later = outage->end == OUTAGE_UNSEEN && outage->to_ms > outage->changed_ms;

    return is_later ? outage->to_ms : outage->changed_ms;
}

/* Fills the values of the feed from its entries. Returns 0, or -1 if out of memory. */
static int fill_object(struct feed *feed, const struct site_view *site, int64_t updated_ms)
{
    const struct config *config = feed->config;
    const char *id = site ? site->site->id : "", *folder = site ? "site/" : "";
    const char *const parts[] = {id, config->public_url ? config->public_url : config->title, NULL};
    struct object *object = &feed->object;

    object_clear(object);
    if (add_urn(object, parts))
        return -1;
    add_moment(object, "updated", updated_ms);
    object_join(object, "alternate",
                (const char *const[]){feed->to_root, folder, site ? id : "index", ".html", NULL});
    if (config->public_url)
        object_join(
            object, "self",
            (const char *const[]){config->public_url, folder, site ? id : "feed", ".xml", NULL});
    object_list(object, "entries", feed->n, entry_item, feed);
    add_name(object, "title", config->title);
    if (site)
        add_name(object, "name", site->site->name);
    return 0;
}

const struct value *feed_fill(struct feed *feed, const struct messages *messages,
                              const struct snapshot *snapshot, const struct site_view *site)
{
    const struct site_view *sites = site ? site : snapshot->sites;
    size_t n_sites = site ? 1 : snapshot->n_sites;
    const struct config *config = snapshot->config;
    int64_t updated_ms = INT64_MAX, from_ms = snapshot->at_ms - (int64_t)WEEK_DAYS * MS_PER_DAY;

    feed->messages = messages;
    feed->snapshot = snapshot;
    feed->config = config;
    feed->to_root = config->public_url ? config->public_url : site ? "../" : "";
    feed->n = outage_choice_latest(sites, n_sites, from_ms, find_updated, feed->entries,
                                   CEILING_FEED_ENTRIES);
    for (size_t i = 0; i < n_sites; i++) {
        if (sites[i].first_ms < updated_ms)
            updated_ms = sites[i].first_ms;
    }

    /* An empty feed is as old as the first check; without any check, as old as the epoch. */
    if (feed->n)
        updated_ms = feed->entries[0].order_ms;
    else if (updated_ms == INT64_MAX)
        updated_ms = 0;
    return fill_object(feed, site, updated_ms) ? NULL : &feed->object.value;
}
