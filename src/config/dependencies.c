/* Reads which monitor another one depends on. */
#include "config/dependencies.h"

#include "config/monitor_names.h"
#include "config/value.h"

#include <string.h>

/* A key depends_on. */
struct dependency {
    struct domain *domain; /* that has it */
    struct node *node;
    struct dependency *next;
};

/* All names are known only after the last file. */
static void read_monitor(struct loader *loader, struct node *node, void *into)
{
    struct dependency *dependency =
        mistakes_alloc(loader->mistakes, loader->mistakes->arena, sizeof *dependency);

    if (!dependency || node_is_null(node))
        return;
    *dependency = (struct dependency){into, node, loader->dependencies};
    loader->dependencies = dependency;
}

static void resolve_one(struct loader *loader, const struct dependency *dependency)
{
    const struct monitor_name *name = monitor_names_find(loader, dependency->node);
    struct domain *domain = dependency->domain;

    if (!name)
        return;
    if (!name->domain) {
        loader_expected(loader, dependency->node);
    } else if (name->domain == domain) {
        loader_report(loader, dependency->node, "a domain cannot depend on itself");
    } else {
        domain->depends_on = value_text(loader, dependency->node)->data;
        domain->dependency = (size_t)(name->domain - loader->domains);
    }
}

/* The node that names the monitor that a domain depends on. */
static struct node *find_node(const struct loader *loader, const struct domain *domain)
{
    const struct dependency *dependency = loader->dependencies;

    while (dependency->domain != domain)
        dependency = dependency->next;
    return dependency->node;
}

/* walks[i] is the number of the walk that came to domain i; 0: none did. Each domain depends on
 * one other at most, so a walk that comes to a domain of its own has found a circle. */
static void check_circle(struct loader *loader, const struct domain *domain, size_t walk,
                         size_t *walks)
{
    size_t at = (size_t)(domain - loader->domains), next = at;
    char shown[NODE_SHOWN_MAX];
    struct node *node;

    while (next != SIZE_MAX && walks[next] == 0) {
        at = next;
        walks[at] = walk;
        next = loader->domains[at].dependency;
    }
    if (next == SIZE_MAX || next == at || walks[next] != walk)
        return;
    node = find_node(loader, &loader->domains[at]);
    node_show(node, shown);
    loader_report(loader, node,
                  "'%s' depends on this domain itself, in a circle; remove one of these keys",
                  shown);
}

void dependencies_resolve(struct loader *loader)
{
    size_t *walks, walk = 0;

    if (!loader->dependencies || !loader->domains)
        return;
    loader->key = &keys_domain.keys[keys_find(&keys_domain, "depends_on", strlen("depends_on"))];
    for (const struct dependency *one = loader->dependencies; one; one = one->next)
        resolve_one(loader, one);
    walks = mistakes_alloc(loader->mistakes, loader->mistakes->arena,
                           loader->n_domains * sizeof *walks);
    for (const struct dependency *one = loader->dependencies; walks && one; one = one->next)
        check_circle(loader, one->domain, ++walk, walks);
}

const struct kind dependencies_monitor = {
    "the site and the id of another domain, such as gateway/edge, or ~ for none",
    .read = read_monitor};
