/* Reads when failures count as those of our own network, and the URLs of the witnesses. */
#include "config/witness_urls.h"

#include "config/http_value.h"
#include "config/mapping.h"

#include <stdio.h>
#include <string.h>

enum { WITNESSES_MAX = 10, TIMEOUT_MS = 5000 };

/* A witness only shows whether the network works, so any response is a good one. */
static const struct status_range any_status = {0, 999};

/* Each witness is read as the URL of a domain. */
static const struct key url_key = {"witnesses", "a witness", .kind = &http_value_url};

static void read_rules(struct loader *loader, struct node *node, void *into)
{
    if (mapping_is_given(loader, node))
        mapping_read(loader, &keys_local_network, node, into, NULL);
}

/* Reads one URL. The domain has the built-in defaults, because `defaults` is read later. */
static void read_witness(struct loader *loader, struct node *node, size_t number,
                         struct domain *domain)
{
    char id[32];

    snprintf(id, sizeof id, "witness-%zu", number);
    *domain = loader->defaults;
    domain->id = domain->name = loader_copy(loader, id, strlen(id));
    domain->timeout_ms = TIMEOUT_MS;
    domain->expect.statuses = &any_status;
    domain->expect.n_statuses = 1;
    domain->follow_redirects = false;
    domain->bot_detection = false;
    domain->max_body_bytes = 0;
    if (node->kind != NODE_BROKEN)
        http_value_url.read(loader, node, domain);
}

static void read_list(struct loader *loader, struct node *node, void *into)
{
    struct local_network *network = &((struct config *)into)->local_network;
    size_t n = node->kind == NODE_LIST ? node->items.n : 1, read = 0;
    struct domain *witnesses;
    struct item alone;

    if (node_is_null(node) || n == 0)
        return;
    if (n > WITNESSES_MAX) {
        loader_report(loader, node, "expected at most %d URLs, got %zu", WITNESSES_MAX, n);
        return;
    }
    witnesses = loader_alloc(loader, n * sizeof *witnesses);
    loader->key = &url_key;
    for (const struct item *item = node_items(node, &alone); witnesses && item; item = item->next) {
        read_witness(loader, item->value, read + 1, &witnesses[read]);
        read++;
    }
    network->witnesses = witnesses;
    network->n_witnesses = read;
}

const struct kind witness_urls_rules = {"a mapping with keys such as min_hosts or witnesses",
                                        .read = read_rules};
const struct kind witness_urls_list = {"a URL, a list of at most 10 of these, or ~ for none",
                                       .read = read_list};
