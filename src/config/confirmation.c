/* Reads how outages are confirmed. */
#include "config/confirmation.h"

#include "config/value.h"

#include <string.h>

/* Each key replaces that of `defaults`; the others stay. */
static void read_rules(struct loader *loader, struct node *node, void *into)
{
    if (mapping_is_given(loader, node))
        mapping_read(loader, &keys_confirm, node, into, NULL);
}

/* Reads one second of the list. Returns false after reporting a mistake. */
static bool read_second(struct loader *loader, struct node *node, struct confirm *rules)
{
    int before = rules->n_rechecks > 0 ? rules->recheck_seconds[rules->n_rechecks - 1] : -1;
    int64_t second;

    if (node->kind == NODE_BROKEN || !value_number(loader, node, &second))
        return false;
    if (second <= before) {
        loader_report(loader, node,
                      "%lld must be more than %d, the one before it; write them in ascending order",
                      (long long)second, before);
        return false;
    }
    rules->recheck_seconds[rules->n_rechecks++] = (int)second;
    return true;
}

static void read_rechecks(struct loader *loader, struct node *node, void *into)
{
    struct confirm *rules = &((struct domain *)into)->confirm, read = *rules;
    size_t n = node->kind == NODE_LIST ? node->items.n : 1;
    bool is_valid = true;
    struct item alone;

    if (n > CONFIRM_RECHECKS_MAX) {
        loader_report(loader, node, "expected at most %d rechecks, got %zu", CONFIRM_RECHECKS_MAX,
                      n);
        return;
    }
    read.n_rechecks = 0;
    for (const struct item *item = node_items(node, &alone); item; item = item->next)
        is_valid = read_second(loader, item->value, &read) && is_valid;
    if (is_valid)
        *rules = read;
}

void confirmation_fill(struct domain *domain)
{
    static const int seconds[] = {5, 15};

    memcpy(domain->confirm.recheck_seconds, seconds, sizeof seconds);
    domain->confirm.n_rechecks = sizeof seconds / sizeof seconds[0];
}

static bool is_before(const struct node *a, const struct node *b)
{
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void confirmation_check(struct loader *loader, const struct mapping_values *values,
                        const struct domain *domain)
{
    bool is_defaults = domain == &loader->defaults, is_given;
    const struct node *retries, *confirm;

    /* Most domains have no retries, and a large file should not take longer. */
    if (domain->retries == 0 && !is_defaults)
        return;
    retries = mapping_value(values, "retries");
    confirm = mapping_value(values, "confirm");
    is_given = confirm && confirm->kind == NODE_MAPPING && confirm->items.n > 0;
    if (is_defaults)
        loader->default_confirms = is_given;
    if (domain->retries == 0 || !(is_given || (retries && loader->default_confirms)))
        return;
    if (!retries || (is_given && is_before(retries, confirm)))
        retries = NULL;
    loader_warn(loader, retries ? retries : confirm,
                "%s: confirm and retries are both set, so each recheck is repeated too; remove "
                "retries",
                retries ? "retries" : "confirm");
}

const struct kind confirmation_rules = {"a mapping with keys such as failures or successes",
                                        .read = read_rules};
const struct kind confirmation_rechecks = {
    "a list of at most 10 whole numbers in ascending order, each", .read = read_rechecks};
