/* Reads how outages are confirmed. */
#include "config/confirmation.h"

#include "config/config.h"
#include "config/mapping.h"
#include "config/value.h"

/* Each key replaces that of `defaults`; the others stay. */
static void read_rules(struct loader *loader, struct node *node, void *into)
{
    if (mapping_is_given(loader, node))
        mapping_read(loader, &keys_confirm, node, into, NULL);
}

static void read_rechecks(struct loader *loader, struct node *node, void *into)
{
    struct confirm *confirm = &((struct domain *)into)->confirm;
    struct confirm read = {.n_rechecks = 0};
    int64_t seconds = 0;

    if (node->kind != NODE_LIST || node->items.n > CONFIRM_RECHECKS_MAX) {
        loader_expected(loader, node);
        return;
    }
    for (const struct item *item = node->items.first; item; item = item->next) {
        int64_t before = seconds;

        if (!value_number(loader, item->value, &seconds))
            return;
        if (read.n_rechecks > 0 && seconds <= before) {
            loader_expected(loader, item->value);
            return;
        }
        read.recheck_seconds[read.n_rechecks++] = (int)seconds;
    }
    read.failures = confirm->failures;
    read.successes = confirm->successes;
    *confirm = read;
}

void confirmation_fill(struct domain *domain)
{
    static const int seconds[] = {5, 15};

    domain->confirm.n_rechecks = 0;
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
        domain->confirm.recheck_seconds[domain->confirm.n_rechecks++] = seconds[i];
    domain->certificate_warn = (struct certificate_limit){CERTIFICATE_PERCENT, 20 * 1000};
    domain->certificate_critical = (struct certificate_limit){CERTIFICATE_PERCENT, 7 * 1000};
}

const struct kind confirmation_rules = {"a mapping with keys such as failures or successes",
                                        .read = read_rules};
const struct kind confirmation_rechecks = {"a list of at most 10 ascending whole numbers",
                                           .read = read_rechecks};
