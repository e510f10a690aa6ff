/* Reads sites, domains and their defaults. */
#include "config/monitor.h"

#include "config/client_certificate.h"
#include "config/confirmation.h"
#include "config/connection.h"
#include "config/expect_check.h"
#include "config/login.h"
#include "config/mapping.h"
#include "config/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void monitor_fill_defaults(struct loader *loader)
{
    mapping_fill(loader, &keys_domain, &loader->defaults);
    mapping_fill(loader, &keys_expect, &loader->defaults);
    mapping_fill(loader, &keys_confirm, &loader->defaults);
    mapping_fill(loader, &keys_certificate, &loader->defaults);
    confirmation_fill(&loader->defaults);
}

/* Each key replaces that of `defaults`; the others stay. */
static void read_expect(struct loader *loader, struct node *node, void *into)
{
    if (mapping_is_given(loader, node))
        mapping_read(loader, &keys_expect, node, into, NULL);
}

/* The key is allowed in two places, but not in both at once. */
static void check_bot_strings(struct loader *loader, const struct mapping_values *values)
{
    const struct node *beside = mapping_value(values, "bot_protection_string");
    struct node *expect = mapping_value(values, "expect"), *below;
    struct mapping_values found;

    if (!beside || !expect || expect->kind != NODE_MAPPING)
        return;
    mapping_find(loader, &keys_expect, expect, &found);
    below = mapping_value(&found, "bot_protection_string");
    if (below)
        mistakes_at(loader->mistakes, below,
                    "bot_protection_string: given twice; also beside 'expect' in line %u",
                    beside->line);
}

/* Checks keys that contradict each other, if this mapping has one of them. */
static void check_body(struct loader *loader, const struct mapping_values *values,
                       struct domain *domain)
{
    struct node *text = mapping_value(values, "body"), *file, *at;
    bool both;

    if (!text && !domain->body.data)
        return;
    file = mapping_value(values, "body_file");
    at = text ? text : file ? file : mapping_value(values, "method");
    both = text && file && !node_is_null(text);

    /* The text was read first. */
    if (both && node_is_null(file) && value_text(loader, text))
        domain->body = *value_text(loader, text);
    if (both && !node_is_null(file))
        mistakes_at(loader->mistakes, file, "body_file: 'body' is set too; remove one of them");
    else if (at && domain->method == METHOD_HEAD && domain->body.data)
        mistakes_at(loader->mistakes, at,
                    "%s: a HEAD request has no body; remove it or use another method",
                    at == file ? "body_file" : "body");
}

/* Reads a domain or `defaults`. Returns whether it has follow_redirects. */
static bool read_domain_keys(struct loader *loader, const struct key_table *table,
                             struct node *mapping, struct domain *domain, struct node **id)
{
    struct mapping_values values;

    mapping_read(loader, table, mapping, domain, &values);
    check_bot_strings(loader, &values);
    check_body(loader, &values, domain);
    expect_check_keys(loader, &values, domain);
    connection_check(loader, &values, domain);
    client_certificate_complete(loader, &values, mapping, domain);
    confirmation_check(loader, &values, domain);
    if (table == &keys_domain)
        login_complete(loader, &values, mapping, domain);
    *id = mapping_value(&values, "id");
    return mapping_value(&values, "follow_redirects") != NULL;
}

static void read_defaults(struct loader *loader, struct node *node, void *into)
{
    struct node *none;

    (void)into;
    if (mapping_is_given(loader, node))
        loader->default_follows =
            read_domain_keys(loader, &keys_defaults, node, &loader->defaults, &none);
}

static bool expects_redirects_only(const struct domain *domain)
{
    for (size_t i = 0; i < domain->expect.n_statuses; i++) {
        if (domain->expect.statuses[i].first < 300 || domain->expect.statuses[i].last > 399)
            return false;
    }
    return true;
}

static void read_domain(struct loader *loader, struct node *mapping, struct domain *domain,
                        struct node **id)
{
    *domain = loader->defaults;
    domain->site = loader->config->n_sites;
    if (!read_domain_keys(loader, &keys_domain, mapping, domain, id) && !loader->default_follows)
        domain->follow_redirects = !expects_redirects_only(domain);
    if (!domain->name)
        domain->name = domain->id;
}

/* An id and its position. */
struct named {
    const char *id;
    struct node *node;
    size_t number;
};

static int compare_ids(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcasecmp(a->id, b->id);

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static void report_id(struct loader *loader, const struct named *named, const struct named *first)
{
    char place[PATH_MAX + 32];

    if (first->node->file == named->node->file)
        snprintf(place, sizeof place, "line %u", first->node->line);
    else
        snprintf(place, sizeof place, "%s:%u", loader_file(loader, first->node), first->node->line);
    mistakes_at(loader->mistakes, named->node,
                "id: '%s' is already used in %s (upper and lower case count as equal)", named->id,
                place);
}

/* Some file systems do not distinguish "A" from "a", so ids must differ in more than case. */
static void check_ids(struct loader *loader, struct named *ids, size_t n)
{
    const struct named *first = ids;

    if (n > 1)
        qsort(ids, n, sizeof *ids, compare_ids);
    for (size_t i = 1; i < n; i++) {
        if (strcasecmp(ids[i].id, first->id) != 0)
            first = &ids[i];
        else
            report_id(loader, &ids[i], first);
    }
}

/* Allocates the ids of a list. NULL after reporting that there is no list, no item or no memory. */
static struct named *begin_list(struct loader *loader, struct node *node)
{
    if (node->kind != NODE_LIST || node->items.n == 0) {
        loader_expected(loader, node);
        return NULL;
    }
    return mistakes_alloc(loader->mistakes, loader->mistakes->arena,
                          node->items.n * sizeof(struct named));
}

/* Whether an item of a list is a mapping. If not, reports it. */
static bool check_item(struct loader *loader, struct node *item, const char *what)
{
    char got[NODE_SHOWN_MAX];

    if (item->kind == NODE_MAPPING || item->kind == NODE_BROKEN)
        return item->kind == NODE_MAPPING;
    node_describe(item, got);
    mistakes_at(loader->mistakes, item, "%s: expected a mapping with the key 'id', got %s", what,
                got);
    return false;
}

static void read_domains(struct loader *loader, struct node *node, void *into)
{
    struct site *site = into;
    struct named *ids = begin_list(loader, node);
    size_t n = 0;

    for (struct item *item = ids ? node->items.first : NULL; item; item = item->next) {
        struct domain *domain = &loader->domains[loader->n_domains];
        struct node *id;

        if (!check_item(loader, item->value, "domain"))
            continue;
        loader->n_domains++;
        read_domain(loader, item->value, domain, &id);
        if (domain->id) {
            ids[n] = (struct named){domain->id, id, n};
            n++;
        }
        site->n_domains++;
    }
    check_ids(loader, ids, n);
}

static void read_site(struct loader *loader, struct node *mapping, struct site *site,
                      struct node **id)
{
    struct mapping_values values;

    *site = (struct site){.first_domain = loader->n_domains};
    mapping_read(loader, &keys_site, mapping, site, &values);
    *id = mapping_value(&values, "id");
    if (!site->name)
        site->name = site->id;
}

/* The number of domains that the sites have, or more if some are mistakes. So their array is made
 * once. Their nodes are not looked at: each would cost a cache miss. */
static size_t count_domains(struct loader *loader, const struct node *sites)
{
    size_t n = 0;

    for (const struct item *site = sites->items.first; site; site = site->next) {
        struct mapping_values values;
        const struct node *domains;

        if (site->value->kind != NODE_MAPPING)
            continue;
        mapping_find(loader, &keys_site, site->value, &values);
        domains = mapping_value(&values, "domains");
        if (domains && domains->kind == NODE_LIST)
            n += domains->items.n;
    }
    return n;
}

static bool is_none(const struct node *node)
{
    return node_is_empty(node) || node_is_null(node) ||
           (node->kind == NODE_LIST && node->items.n == 0);
}

/* Adds the sites of one file to those of the others. */
static void add_sites(struct loader *loader, struct node *node, void *into)
{
    struct node *all = &loader->sites;

    (void)into;
    if (node->kind != NODE_LIST || node->items.n == 0) {
        /* In the main file, that is only a mistake if the included files have no sites either. */
        if (node->file > 0 || !is_none(node))
            loader_expected(loader, node);
        return;
    }
    if (loader->last_site)
        loader->last_site->next = node->items.first;
    else
        all->items.first = node->items.first;
    all->items.n += node->items.n;
    loader->last_site = node->items.first;
    while (loader->last_site->next)
        loader->last_site = loader->last_site->next;
}

/* Whether there is a site. If not, reports why, unless another mistake explains it. */
static bool check_sites(struct loader *loader, struct node *root, struct node *sites,
                        struct node *include)
{
    bool includes = include && !node_is_null(include);

    loader->key = &keys_top.keys[keys_find(&keys_top, "sites", strlen("sites"))];
    if (loader->sites.items.n > 0)
        return true;
    if (!sites && !includes)
        mistakes_at(loader->mistakes, root, "missing key '%s' %s: %s", loader->key->name,
                    keys_top.place, loader->key->help);
    else if (!includes && is_none(sites))
        loader_expected(loader, sites);
    else if (!mistakes_any(loader->mistakes))
        mistakes_at(loader->mistakes, include,
                    "include: no file has a site, and this file has none either; expected at "
                    "least one site");
    return false;
}

/* The event log, and the files beside it, are among the folders of the sites. */
static void check_site_id(struct loader *loader, struct node *node, const char *id)
{
    static const char event_log[] = "events.log";

    if (strncasecmp(id, event_log, sizeof event_log - 1) == 0)
        mistakes_at(loader->mistakes, node,
                    "id: '%s' begins like the name of the event log; choose another id", id);
}

void monitor_read_sites(struct loader *loader, struct node *root, struct node *main_sites,
                        struct node *include)
{
    struct config *config = loader->config;
    struct node *node = &loader->sites;
    struct named *ids =
        check_sites(loader, root, main_sites, include) ? begin_list(loader, node) : NULL;
    struct site *sites = ids ? loader_alloc(loader, node->items.n * sizeof *sites) : NULL;
    size_t n = 0;

    config->sites = sites;
    if (sites)
        loader->domains =
            loader_alloc(loader, count_domains(loader, node) * sizeof *loader->domains);
    for (struct item *item = loader->domains ? node->items.first : NULL; item; item = item->next) {
        struct site *site = &sites[config->n_sites];
        struct node *id;

        if (!check_item(loader, item->value, "site"))
            continue;
        read_site(loader, item->value, site, &id);
        if (site->id) {
            check_site_id(loader, id, site->id);
            ids[n] = (struct named){site->id, id, n};
            n++;
        }
        config->n_sites++;
    }
    check_ids(loader, ids, n);
}

const struct kind monitor_expect = {"a mapping with keys such as http_status or body_contains",
                                    .read = read_expect};
const struct kind monitor_defaults = {"a mapping of keys of a domain", .read = read_defaults};
const struct kind monitor_sites = {"a list of at least one site", .read = add_sites};
const struct kind monitor_domains = {"a list of at least one domain", .read = read_domains};
