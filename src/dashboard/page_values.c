/* Makes the values of the index page and of the sites' pages for the templates. */
#include "dashboard/page_values.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/certificate_values.h"
#include "dashboard/index_row.h"
#include "dashboard/latest_outages.h"
#include "dashboard/legend.h"
#include "dashboard/sections.h"
#include "dashboard/site_values.h"
#include "dashboard/snapshot.h"
#include "dashboard/span_choice.h"

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNFOLDED_MAX = 10, /* a group that is all up is folded if it has more sites */
    SHORT_TABLE = 100, /* in a longer table, a browser may skip rows that are off screen */
    ROOMY_MAX = 12     /* the rows of fewer sites are higher */
};

/* A moment ahead that is no farther needs no date. */
enum { CLOCK_ALONE_MS = 12 * MS_PER_HOUR };

struct page_values {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct section *section; /* whose sites are being made */
    struct object root, valid_until, link, section_object;
    struct object network_fault;
    struct object tick; /* the same on every page, so filled once */
    struct site_values *site_values;
    struct index_row index_row;
    struct problem_list problem_list;
    struct sections sections;
    struct counts counts, section_counts;
    struct span_choice span_choice;
    struct latest_outages latest;
    struct certificate_values certificates;
    struct legend legend;
};

static const struct value *site_item(void *context, size_t i)
{
    struct page_values *values = context;
    size_t site = values->sections.order[values->section->first + i];

    return index_row_fill(&values->index_row, &values->snapshot->sites[site]);
}

static const struct value *section_item(void *context, size_t i)
{
    struct page_values *values = context;
    const struct section *section = values->section = &values->sections.sections[i];
    bool all_up = section->n_of[STATUS_UP] == section->n;
    struct object *object = &values->section_object;

    object_clear(object);
    object_clean(object, "group", section->group ? section->group : "");
    object_add(object, "status", messages_status(values->messages, section->status));
    object_list(object, "sites", section->n, site_item, values);
    object_grouped(object, "n_sites", section->n);
    object_flag(object, "one_site", section->n == 1);
    counts_add(&values->section_counts, section->n_of, values->messages, object);
    object_flag(object, "all_up", all_up);
    object_flag(object, "folded", all_up && section->n > UNFOLDED_MAX);
    object_flag(object, "many", section->n > SHORT_TABLE);
    return &object->value;
}

static const struct value *link_item(void *context, size_t i)
{
    struct page_values *values = context;
    const struct link *link = &values->snapshot->config->links[i];

    object_clear(&values->link);
    object_clean(&values->link, "text", link->text);
    object_clean(&values->link, "url", link->url);
    object_flag(&values->link, "relative", link->relative);
    return &values->link.value;
}

void page_values_logo_name(const char *path, char name[PAGE_VALUES_LOGO_MAX])
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    size_t size = 0;

    while (dot && isalnum((unsigned char)dot[1 + size]))
        size++;
    if (size == 0 || dot[1 + size] || sizeof "logo." + size > PAGE_VALUES_LOGO_MAX)
        dot = NULL;
    snprintf(name, PAGE_VALUES_LOGO_MAX, "logo%s", dot ? dot : "");
}

/* Adds the values that the configuration sets: title, links, logo, colour and footer. */
static void add_branding(struct page_values *values)
{
    const struct config *config = values->snapshot->config;
    struct object *root = &values->root;
    char logo[PAGE_VALUES_LOGO_MAX];

    object_clean(root, "title", config->title);
    object_list(root, "links", config->n_links, link_item, values);
    object_count(root, "n_links", config->n_links);
    if (config->logo) {
        page_values_logo_name(config->logo, logo);
        object_bytes(root, "logo", logo, strlen(logo));
    }
    object_flag(root, "custom_style", config->style_sheet != NULL);
    if (config->accent_colour)
        object_text(root, "accent", config->accent_colour);
    if (config->footer)
        object_clean(root, "footer", config->footer);
}

static void add_validity(struct page_values *values)
{
    const struct snapshot *snapshot = values->snapshot;

    object_clear(&values->valid_until);
    object_moment_fields(&values->valid_until, snapshot->valid_until_ms, false);
    object_flag(&values->valid_until, "within_hours",
                snapshot->valid_until_ms - snapshot->at_ms <= CLOCK_ALONE_MS);
    object_inner(&values->root, "valid_until", &values->valid_until);
}

/* A local fault of the network: {a flag for each scope, from, lasts, n_hosts, n_failed, one_host};
 * if it is over, also to. */
static const struct value *network_item(void *context, size_t i)
{
    static const char *const flags[NETWORK_SCOPES] = {[SCOPE_IPV4_PUBLIC] = "is_ipv4",
                                                      [SCOPE_IPV4_PRIVATE] = "is_private_ipv4",
                                                      [SCOPE_IPV6_PUBLIC] = "is_ipv6",
                                                      [SCOPE_IPV6_PRIVATE] = "is_private_ipv6",
                                                      [SCOPE_NAMES] = "is_names"};
    struct page_values *values = context;
    const struct network_view *view = &values->snapshot->network.views[i];
    struct object *object = &values->network_fault;
    int64_t at_ms = values->snapshot->at_ms;

    object_clear(object);
    for (int scope = 0; scope < NETWORK_SCOPES; scope++)
        object_flag(object, flags[scope], (enum network_scope)scope == view->scope);
    object_when(object, "from", view->began_ms, at_ms, values->messages);
    object_flag(object, "lasts", view->ended_ms == 0);
    if (view->ended_ms)
        object_when(object, "to", view->ended_ms, at_ms, values->messages);
    object_count(object, "n_hosts", (size_t)view->hosts);
    object_count(object, "n_failed", (size_t)view->failed);
    object_flag(object, "one_host", view->hosts == 1);
    return &object->value;
}

/* Adds the notices above the content: the faults of our own network, and certificates of this site
 * (SIZE_MAX: of all) that end soon. */
static void add_notices(struct page_values *values, size_t site)
{
    size_t n_faults = values->snapshot->network.n;

    object_list(&values->root, "network_faults", n_faults, network_item, values);
    certificate_values_add_notices(&values->certificates, site, &values->root);
    object_count(&values->root, "n_notices", n_faults + values->certificates.n_noticed);
}

/* Adds the start of the latest check of these domains. */
static void add_latest_check(struct page_values *values, const struct domain_view *domains,
                             size_t n)
{
    int64_t latest_ms = INT64_MIN;

    for (size_t i = 0; i < n; i++) {
        if (domains[i].latest_ms > latest_ms)
            latest_ms = domains[i].latest_ms;
    }
    if (latest_ms != INT64_MIN)
        object_moment(&values->root, "checked", latest_ms, true);
}

/* Fills the values that every page has. page is its path from the folder of index.html, to_root the
 * path back to that folder. */
static void fill_root(struct page_values *values, const char *page, const char *to_root,
                      enum status status)
{
    const struct snapshot *snapshot = values->snapshot;
    struct object *root = &values->root;

    object_clear(root);
    object_text(root, "root", to_root);
    if (snapshot->config->public_url)
        object_join(root, "page_url",
                    (const char *const[]){snapshot->config->public_url, page, NULL});
    add_branding(values);
    object_moment(root, "built", snapshot->at_ms, false);
    object_when(root, "at", snapshot->at_ms, snapshot->at_ms, values->messages);
    object_flag(root, "past", snapshot->past);
    if (!snapshot->past)
        add_validity(values);
    object_number(root, "hours", snapshot->config->history_hours);
    object_add(root, "status", messages_status(values->messages, status));
    if (snapshot->ticks.recorded)
        object_inner(root, "tick", &values->tick);
    object_count(root, "n_undelivered", (size_t)snapshot->undelivered);
    object_flag(root, "one_undelivered", snapshot->undelivered == 1);
}

static void add_tick_count(struct object *object, const char *name, int64_t n)
{
    char text[TEXT_NUMBER_MAX];

    text_count((uint64_t)n, text);
    object_bytes(object, name, text, strlen(text));
}

/* The last tick: {time, same_day (as built), checks, one_check, duration, left_over (absent: none),
 * counted, expected, missing}. */
static void fill_tick(struct page_values *values, const struct ticks *ticks)
{
    const struct ticks_record *last = &ticks->last;
    struct object *object = &values->tick;
    char duration[TEXT_NUMBER_MAX];

    text_duration(last->duration_ms, duration);
    object_clear(object);
    object_moment(object, "time", last->start_ms, false);
    object_flag(object, "same_day", clock_is_same_day(last->start_ms, values->snapshot->at_ms));
    add_tick_count(object, "checks", last->checks_done);
    object_flag(object, "one_check", last->checks_done == 1);
    object_bytes(object, "duration", duration, strlen(duration));
    if (last->left_over)
        add_tick_count(object, "left_over", last->left_over);
    add_tick_count(object, "counted", ticks->counted);
    add_tick_count(object, "expected", ticks->expected);
    object_flag(object, "missing", ticks_missing(ticks));
}

struct page_values *page_values_new(const struct snapshot *snapshot,
                                    const struct messages *messages)
{
    struct page_values *values = calloc(1, sizeof *values);

    if (!values)
        return NULL;
    values->site_values = site_values_new(snapshot, messages);
    if (!values->site_values) {
        page_values_free(values);
        return NULL;
    }
    values->snapshot = snapshot;
    values->messages = messages;
    values->certificates.snapshot = values->index_row.snapshot = snapshot;
    values->certificates.messages = values->index_row.messages = messages;
    values->legend.messages = messages;
    if (snapshot->ticks.recorded)
        fill_tick(values, &snapshot->ticks);
    return values;
}

void page_values_free(struct page_values *values)
{
    if (!values)
        return;
    site_values_free(values->site_values);
    sections_free(&values->sections);
    problem_list_free(&values->problem_list);
    free(values);
}

/* The sites by state, for the headline. */
static void add_site_counts(struct page_values *values)
{
    const size_t *n_of = values->sections.n_of;
    size_t n = values->snapshot->n_sites, n_bad = 0;
    struct object *root = &values->root;

    for (int status = 0; status < STATUS_COUNT; status++) {
        if (status_is_bad((enum status)status))
            n_bad += n_of[status];
    }
    object_grouped(root, "n_sites", n);
    object_flag(root, "one_site", n == 1);
    object_grouped(root, "n_with_problems", n_bad);
    object_flag(root, "one_with_problems", n_bad == 1);
    object_grouped(root, "n_unknown", n_of[STATUS_UNKNOWN]);
    object_flag(root, "all_up", n_of[STATUS_UP] == n);
    object_flag(root, "roomy", n <= ROOMY_MAX);
    counts_add(&values->counts, n_of, values->messages, root);
}

const struct value *page_values_index(struct page_values *values)
{
    const struct snapshot *snapshot = values->snapshot;
    const struct sections *sections = &values->sections;
    struct object *root = &values->root;

    /* Orders of the sites and problems: of all threads, only the one that makes the index needs
     * them. */
    if (!sections->order && (sections_make(&values->sections, snapshot) ||
                             problem_list_make(&values->problem_list, snapshot, values->messages)))
        return NULL;
    fill_root(values, "", "", snapshot->status);
    add_site_counts(values);
    problem_list_add(&values->problem_list, root);
    span_choice_add(&values->span_choice, snapshot, values->messages, root);
    object_list(root, "sections", sections->n, section_item, values);
    latest_outages_add(&values->latest, snapshot, values->messages, root);
    add_notices(values, SIZE_MAX);
    add_latest_check(values, snapshot->domains, snapshot->config->n_domains);
    legend_add(&values->legend, snapshot, snapshot->sites, snapshot->n_sites, false, root);
    return &root->value;
}

const struct value *page_values_site(struct page_values *values, size_t site)
{
    const struct site_view *view = &values->snapshot->sites[site];
    char page[NAME_MAX + 1];

    assert(site < values->snapshot->n_sites);
    snprintf(page, sizeof page, "site/%s.html", view->site->id);
    fill_root(values, page, "../", view->status);
    site_values_add(values->site_values, site, &values->root);
    add_notices(values, site);
    add_latest_check(values, view->domains, view->n_domains);
    legend_add(&values->legend, values->snapshot, view, 1, true, &values->root);
    return &values->root.value;
}
