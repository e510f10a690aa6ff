/* Finds sites and monitors by the names that other keys give them. */
#include "config/monitor_names.h"

#include "config/value.h"

#include <stdio.h>
#include <string.h>

static void add_name(struct loader *loader, const struct site *site, const struct domain *domain)
{
    size_t size = strlen(site->id) + (domain ? strlen(domain->id) : 0) + 2;
    struct arena *work = loader->mistakes->arena;
    struct monitor_name *found = mistakes_alloc(loader->mistakes, work, sizeof *found);
    char *name = found ? mistakes_alloc(loader->mistakes, work, size) : NULL;

    if (!name)
        return;
    *found = (struct monitor_name){site, domain};
    snprintf(name, size, "%s%s%s", site->id, domain ? "/" : "", domain ? domain->id : "");
    if (table_set(&loader->monitors, name, found))
        mistakes_no_memory(loader->mistakes);
}

/* Most files name no monitor, so the table is made when the first name is looked for. */
static void make_table(struct loader *loader)
{
    for (size_t i = 0; i < loader->config->n_sites; i++) {
        const struct site *site = &loader->config->sites[i];

        if (!site->id)
            continue;
        add_name(loader, site, NULL);
        for (size_t j = site->first_domain; j < site->first_domain + site->n_domains; j++) {
            if (loader->domains[j].id)
                add_name(loader, site, &loader->domains[j]);
        }
    }
}

/* Whether a name may be missing only because of a mistake in an id. */
static bool lacks_id(const struct loader *loader)
{
    bool lacks = loader->config->n_sites == 0;

    for (size_t i = 0; i < loader->config->n_sites; i++)
        lacks = lacks || !loader->config->sites[i].id;
    for (size_t i = 0; i < loader->n_domains; i++)
        lacks = lacks || !loader->domains[i].id;
    return lacks;
}

/* The site that a name begins with; NULL: there is none. */
static const struct site *find_site(const struct loader *loader, const char *name, size_t size)
{
    for (size_t i = 0; i < loader->config->n_sites; i++) {
        const struct site *site = &loader->config->sites[i];

        if (strlen(site->id) == size && memcmp(site->id, name, size) == 0)
            return site;
    }
    return NULL;
}

/* The id that was probably meant: of a site, or of a domain of the site that is named. NULL: none
 * is similar. All sites and domains have ids. */
static const char *find_meant(struct loader *loader, const char *name, const struct site **site)
{
    const char *slash = strchr(name, '/'), **ids;
    size_t n = loader->config->n_sites;

    *site = slash ? find_site(loader, name, (size_t)(slash - name)) : NULL;
    if (*site)
        n = (*site)->n_domains;
    ids = mistakes_alloc(loader->mistakes, loader->mistakes->arena, (n + 1) * sizeof *ids);
    for (size_t i = 0; ids && i < n; i++)
        ids[i] =
            *site ? loader->domains[(*site)->first_domain + i].id : loader->config->sites[i].id;
    return !ids ? NULL : loader_nearest(*site ? slash + 1 : name, ids);
}

static void report_missing(struct loader *loader, struct node *node)
{
    char shown[NODE_SHOWN_MAX];
    const struct site *site = NULL;
    const char *what, *meant = NULL;

    node_show(node, shown);
    what = strchr(shown, '/') ? "domain" : "site";
    if (!mistakes_are_many(loader->mistakes))
        meant = find_meant(loader, shown, &site);
    if (meant)
        loader_report(loader, node, "there is no %s '%s'; did you mean '%s%s%s'?", what, shown,
                      site ? site->id : "", site ? "/" : "", meant);
    else
        loader_report(loader, node, "there is no %s '%s'", what, shown);
}

const struct monitor_name *monitor_names_find(struct loader *loader, struct node *node)
{
    const struct bytes *text = value_text(loader, node);
    const struct monitor_name *found = NULL;

    if (!text)
        return NULL;
    if (loader->monitors.n == 0)
        make_table(loader);
    if (strlen(text->data) == text->size)
        found = table_find(&loader->monitors, text->data);
    if (found || loader->mistakes->no_memory || lacks_id(loader))
        return found;
    report_missing(loader, node);
    return NULL;
}
