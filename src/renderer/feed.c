#include "renderer/feed.h"

#include "base/clock.h"
#include "base/text.h"
#include "renderer/urn.h"
#include "renderer/view.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Of a name so many bytes are told, so that each finds room. */
enum { NAME_ROOM = 400 };

static void add_name(struct form *form, const char *name, const char *text)
{
    char cut[NAME_ROOM];

    text_one_line(cut, sizeof cut, text, strlen(text));
    text_mend_xml(cut);
    form_bytes(form, name, cut, strlen(cut));
}

static void add_moment(struct form *form, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, text);
    form_bytes(form, name, text, strlen(text));
}

static int add_urn(struct form *form, const char *const *parts)
{
    char urn[URN_MAX];

    if (urn_write(parts, urn))
        return -1;
    form_bytes(form, "id", urn, strlen(urn));
    return 0;
}

/* What makes an interruption the one that it is. */
static int add_id(struct form *form, const struct feed_entry *entry)
{
    char start[TEXT_NUMBER_MAX];
    const char *const parts[] = {entry->site->site->id, entry->domain->domain->id, start, NULL};

    text_number(start, entry->interruption->from_ms);
    return add_urn(form, parts);
}

static const struct value *entry_item(void *context, size_t i)
{
    struct feed *feed = context;
    const struct feed_entry *entry = &feed->entries[i];
    const struct interruption *interruption = entry->interruption;
    struct form *form = &feed->entry;

    view_moment(&feed->from, interruption->from_ms, true);
    view_moment(&feed->to, interruption->to_ms, true);
    form_clear(form);
    if (add_id(form, entry))
        return NULL;
    add_moment(form, "published", interruption->from_ms);
    add_moment(form, "updated", entry->updated_ms);
    form_print(form, "link", "%ssite/%s.html#%s", feed->to_root, entry->site->site->id,
               entry->domain->domain->id);
    add_name(form, "site", entry->site->site->name);
    add_name(form, "domain", entry->domain->domain->name);
    form_inner(form, "from", &feed->from);
    form_inner(form, "to", &feed->to);
    form_flag(form, "goes_on", interruption->end == INTERRUPTION_GOES_ON);
    form_flag(form, "ended", interruption->end == INTERRUPTION_ENDED);
    form_flag(form, "unseen", interruption->end == INTERRUPTION_UNSEEN);
    form_flag(form, "bot", interruption->status == STATUS_BOT_DETECTED);
    view_span(form, "lasted", interruption->from_ms, interruption->to_ms, feed->words);
    form_xml(form, "failure", interruption->failure);
    return &form->value;
}

/* Puts an entry where it belongs among those that changed last. */
static void offer(struct feed *feed, struct feed_entry entry)
{
    size_t at = feed->n;

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

static void collect(struct feed *feed, const struct site_view *site)
{
    for (size_t d = 0; d < site->n_domains; d++) {
        const struct domain_view *domain = &site->domains[d];

        for (size_t i = domain->n_interruptions; i-- > 0;) {
            const struct interruption *interruption = &domain->interruptions[i];
            bool goes_on = interruption->end == INTERRUPTION_GOES_ON;

            offer(feed, (struct feed_entry){site, domain, interruption,
                                            goes_on ? interruption->from_ms : interruption->to_ms});
        }
    }
}

/* What the feeds of all sites and of one have in common; path is its own from index.html on. An
 * empty feed is as old as the first check of its sites, or as the epoch. */
static int fill(struct feed *feed, const char *site, const char *page, const char *path,
                int64_t first_ms)
{
    const struct config *config = feed->config;
    const char *const parts[] = {site, config->public_url ? config->public_url : config->title,
                                 NULL};
    struct value entries = {.kind = VALUE_LIST, .list = {feed->n, entry_item, feed}};
    struct form *form = &feed->form;

    form_clear(form);
    if (add_urn(form, parts))
        return -1;
    if (first_ms == INT64_MAX)
        first_ms = 0;
    add_moment(form, "updated", feed->n ? feed->entries[0].updated_ms : first_ms);
    form_print(form, "alternate", "%s%s", feed->to_root, page);
    if (config->public_url)
        form_print(form, "self", "%s%s", config->public_url, path);
    form_add(form, "entries", entries);
    add_name(form, "title", config->title);
    return 0;
}

static void begin(struct feed *feed, const struct words *words, const struct config *config,
                  const char *to_root)
{
    feed->words = words;
    feed->config = config;
    feed->to_root = config->public_url ? config->public_url : to_root;
    feed->n = 0;
}

const struct value *feed_of_all(struct feed *feed, const struct words *words,
                                const struct snapshot *snapshot)
{
    int64_t first_ms = INT64_MAX;

    begin(feed, words, snapshot->config, "");
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        collect(feed, &snapshot->sites[i]);
        if (snapshot->sites[i].first_ms < first_ms)
            first_ms = snapshot->sites[i].first_ms;
    }
    if (fill(feed, "", "index.html", "feed.xml", first_ms))
        return NULL;
    return &feed->form.value;
}

const struct value *feed_of_site(struct feed *feed, const struct words *words,
                                 const struct snapshot *snapshot, size_t site)
{
    const struct site_view *view = &snapshot->sites[site];
    const char *id = view->site->id;
    char page[NAME_MAX + 1], path[NAME_MAX + 1];

    snprintf(page, sizeof page, "site/%s.html", id);
    snprintf(path, sizeof path, "site/%s.xml", id);
    begin(feed, words, snapshot->config, "../");
    collect(feed, view);
    if (fill(feed, id, page, path, view->first_ms))
        return NULL;
    add_name(&feed->form, "name", view->site->name);
    return &feed->form.value;
}
