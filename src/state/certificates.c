/* Keeps the certificates that servers use in memory while checks run. */
#include "state/certificates.h"

#include "base/arena.h"
#include "base/table.h"
#include "model/server_scope.h"
#include "state/certificate_events.h"
#include "state/certificate_round.h"
#include "state/certificate_table.h"
#include "state/conditions.h"
#include "state/database.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { VIA_MAX = 4 /* servers that the redirects of one domain can add */ };

struct certificates {
    struct arena *arena;
    struct table by_scope, by_monitor; /* servers; domains, made when a row needs it */
    struct certificate_server *first;
    struct certificate_server **servers; /* of each domain; NULL: its URL is not https */
    unsigned char *n_via;                /* of each domain: servers that its redirects added */
    struct error why;                    /* if has_failed */
    bool has_failed;                     /* the rows cannot be read */
};

static struct certificate_server *add_server(struct certificates *certificates, const char *scope)
{
    struct certificate_server *server = arena_alloc(certificates->arena, sizeof *server);

    if (!server)
        return NULL;
    server->scope = arena_copy(certificates->arena, scope, strlen(scope));
    if (!server->scope || table_set(&certificates->by_scope, server->scope, server))
        return NULL;
    server->next = certificates->first;
    certificates->first = server;
    return server;
}

static struct certificate_server *find_or_add(struct certificates *certificates, const char *scope)
{
    struct certificate_server *server = table_find(&certificates->by_scope, scope);

    return server ? server : add_server(certificates, scope);
}

/* Finds the server of each domain, and the domains of each server. */
static int add_domains(struct storage *storage, struct certificates *certificates)
{
    const struct config *config = storage->config;
    struct arena *arena = certificates->arena;
    char scope[EVENT_SCOPE_MAX];

    certificates->servers = arena_alloc(arena, (config->n_domains + 1) * sizeof(void *));
    certificates->n_via = arena_alloc(arena, config->n_domains + 1);
    if (!certificates->servers || !certificates->n_via)
        return -1;
    for (size_t i = 0; i < config->n_domains; i++) {
        struct certificate_user *user;

        if (!server_scope_of(&config->domains[i], scope))
            continue;
        user = arena_alloc(arena, sizeof *user);
        certificates->servers[i] = find_or_add(certificates, scope);
        if (!user || !certificates->servers[i])
            return -1;
        user->domain = &config->domains[i];
        user->next = certificates->servers[i]->users;
        certificates->servers[i]->users = user;
    }
    return 0;
}

/* Makes the table of monitors. Its values are pointers into the domains of the configuration. */
static int add_monitors(struct storage *storage, struct certificates *certificates)
{
    char name[CONFIG_MONITOR_MAX];

    for (size_t i = 0; i < storage->config->n_domains; i++) {
        const char *key;

        config_monitor_name(storage->config, i, name);
        key = arena_copy(certificates->arena, name, strlen(name));
        if (!key || table_set(&certificates->by_monitor, key,
                              (void *)(uintptr_t)&storage->config->domains[i]))
            return -1;
    }
    return 0;
}

/* Sets the domain that was redirected to a server. */
static void set_via(struct storage *storage, struct certificate_server *server,
                    const struct domain *domain)
{
    size_t index = (size_t)(domain - storage->config->domains);

    config_monitor_name(storage->config, index, server->via_name);
    server->via = domain;
    storage->certificates->n_via[index]++;
}

static int find_via(struct storage *storage, struct certificate_server *server, const char *via)
{
    struct certificates *certificates = storage->certificates;
    const struct domain *domain;

    if (server->via || server->users || !*via)
        return 0;
    if (certificates->by_monitor.n == 0 && add_monitors(storage, certificates))
        return -1;
    domain = table_find(&certificates->by_monitor, via);
    if (domain)
        set_via(storage, server, domain);
    return 0;
}

static struct certificate_leaf *add_leaf(struct certificates *certificates,
                                         struct certificate_server *server)
{
    struct certificate_leaf *leaf = arena_alloc(certificates->arena, sizeof *leaf);

    if (!leaf)
        return NULL;
    leaf->next = server->leaves;
    server->leaves = leaf;
    server->n_leaves++;
    return leaf;
}

static int load_row(void *context, const struct certificate_row *row, struct error *error)
{
    struct storage *storage = context;
    struct certificate_server *server = find_or_add(storage->certificates, row->scope);
    struct certificate_leaf *leaf = server ? add_leaf(storage->certificates, server) : NULL;

    if (!leaf || find_via(storage, server, row->via))
        return database_no_memory(storage, error);
    leaf->from_ms = row->from_ms;
    leaf->until_ms = row->until_ms;
    leaf->seen_ms = row->seen_ms;
    leaf->unseen = row->unseen;
    leaf->longest = row->longest;
    memcpy(leaf->id, row->id, sizeof leaf->id);
    memcpy(leaf->fingerprint, row->chain, sizeof leaf->fingerprint);
    return 0;
}

/* Reads the rows, if they were not read yet. */
static int load_rows(struct storage *storage, struct error *error)
{
    struct certificates *certificates = storage->certificates;

    if (certificates) {
        if (certificates->has_failed)
            *error = certificates->why;
        return certificates->has_failed ? -1 : 0;
    }
    certificates = storage->certificates = calloc(1, sizeof *certificates);
    if (!certificates)
        return database_no_memory(storage, error);
    storage->forget_certificates = certificates_forget;
    certificates->arena = arena_new();
    if (!certificates->arena || add_domains(storage, certificates))
        certificates->has_failed = database_no_memory(storage, error) != 0;
    else if (certificate_table_each_known(storage, load_row, storage, error))
        certificates->has_failed = true;
    if (certificates->has_failed)
        certificates->why = *error;
    return certificates->has_failed ? -1 : 0;
}

void certificates_forget(struct storage *storage)
{
    struct certificates *certificates = storage->certificates;

    if (!certificates)
        return;
    for (struct certificate_server *server = certificates->first; server; server = server->next) {
        for (struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next)
            chain_release(leaf->chain);
    }
    table_free(&certificates->by_scope);
    table_free(&certificates->by_monitor);
    arena_free(certificates->arena);
    free(certificates);
    storage->certificates = NULL;
    storage->forget_certificates = NULL;
}

/* The server to which a redirect led; NULL: this one is not kept, or out of memory. */
static struct certificate_server *find_target(struct storage *storage, size_t domain,
                                              const char *scope)
{
    struct certificates *certificates = storage->certificates;
    struct certificate_server *server = table_find(&certificates->by_scope, scope);

    if (server && (server->users || server->via))
        return server;
    if (certificates->n_via[domain] >= VIA_MAX)
        return NULL;
    server = find_or_add(certificates, scope);
    if (server) {
        set_via(storage, server, &storage->config->domains[domain]);
        server->is_via_new = true;
    }
    return server;
}

static void see_one(struct certificates *certificates, struct certificate_server *server,
                    int64_t start_ms, struct chain *chain)
{
    struct certificate_leaf *leaf = server->leaves;

    while (leaf && memcmp(leaf->id, chain->id, sizeof leaf->id) != 0)
        leaf = leaf->next;
    if (!leaf) {
        leaf = add_leaf(certificates, server);
        if (!leaf)
            return;
        leaf->from_ms = chain->from_ms;
        leaf->until_ms = chain->until_ms;
        memcpy(leaf->id, chain->id, sizeof leaf->id);
        memcpy(leaf->fingerprint, chain->text, sizeof leaf->fingerprint - 1);
        leaf->chain = chain_hold(chain);
        server->has_changed = true;
    }
    leaf->is_seen = true;
    if (!server->is_checked || start_ms > server->checked_ms)
        server->checked_ms = start_ms;
    server->is_checked = true;
}

void certificates_see(struct storage *storage, size_t domain, int64_t start_ms,
                      struct chain *const chains[CHAIN_SEEN_MAX])
{
    struct error error;

    assert(domain < storage->config->n_domains);
    for (int i = 0; i < CHAIN_SEEN_MAX; i++) {
        struct certificate_server *server;

        if (!chains[i] || load_rows(storage, &error))
            continue;
        server = chains[i]->server ? find_target(storage, domain, chains[i]->server)
                                   : storage->certificates->servers[domain];
        if (server)
            see_one(storage->certificates, server, start_ms, chains[i]);
    }
}

int certificates_settle(struct storage *storage, int64_t now_ms, struct error *error)
{
    int result;

    if (!storage->certificates && !certificate_events_are_open(storage))
        return 0;
    result = load_rows(storage, error) || conditions_load(storage, error) ||
                     certificate_round_settle(storage, storage->certificates->first,
                                              &storage->certificates->by_scope, now_ms, error)
                 ? -1
                 : 0;
    if (result)
        certificates_forget(storage);
    return result;
}
