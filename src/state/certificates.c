/* Keeps the certificates that servers use: in memory while checks run, then in state.db. */
#include "state/certificates.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/table.h"
#include "model/expiry_notice.h"
#include "model/server_scope.h"
#include "state/certificate_events.h"
#include "state/column.h"
#include "state/conditions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    VIA_MAX = 4,    /* servers that the redirects of one domain can add */
    KEPT_DAYS = 8,  /* what is not used is forgotten after this; an interval is a week at most */
    UNUSED_MAX = 8, /* certificates of a server that are kept although none is in use */
    STORE_AGAIN_MINUTES = 60 /* seen_ms is stored again after this, or up to twice of it */
};

/* Columns of list_certificates and list_chains. */
enum { SCOPE, ID, FROM_MS, UNTIL_MS, SEEN_MS, UNSEEN, LONGEST, VIA, CHAIN };

struct certificates {
    struct arena *arena;
    struct table by_scope, by_monitor; /* servers; domains, made when a row needs it */
    struct certificate_server *first;
    struct certificate_server **servers; /* of each domain; NULL: its URL is not https */
    unsigned char *n_via;                /* of each domain: servers that its redirects added */
    struct error why;                    /* if has_failed */
    bool has_failed;                     /* the rows cannot be read */
};

/* What settles a round. */
struct round {
    struct storage *storage;
    struct certificates *certificates;
    int64_t now_ms;
    bool has_begun; /* the transaction */
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

static int read_row(struct storage *storage, sqlite3_stmt *row, struct certificate_row *into,
                    struct error *error)
{
    const struct {
        char *text;
        size_t size;
        int column;
    } texts[] = {{into->scope, sizeof into->scope, SCOPE},
                 {into->id, sizeof into->id, ID},
                 {into->via, sizeof into->via, VIA},
                 {into->chain, sizeof into->chain, CHAIN}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (column_read_text(storage, row, texts[i].column, texts[i].text, texts[i].size, error))
            return -1;
    }
    if (column_read_number(storage, row, FROM_MS, COLUMN_TIME, &into->from_ms, error) ||
        column_read_number(storage, row, UNTIL_MS, COLUMN_TIME, &into->until_ms, error) ||
        column_read_number(storage, row, SEEN_MS, COLUMN_TIME, &into->seen_ms, error) ||
        column_read_number(storage, row, UNSEEN, COLUMN_LENGTH, &into->unseen, error))
        return -1;
    return column_read_number(storage, row, LONGEST, COLUMN_LENGTH, &into->longest, error);
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

static int load_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct storage *storage = context;
    struct certificate_server *server;
    struct certificate_row read;
    struct certificate_leaf *leaf;

    if (read_row(storage, row, &read, error))
        return -1;
    if (!chain_is_hash(read.id, strlen(read.id)) || !chain_is_hash(read.chain, strlen(read.chain)))
        return database_damaged(storage, error);
    server = find_or_add(storage->certificates, read.scope);
    leaf = server ? add_leaf(storage->certificates, server) : NULL;
    if (!leaf || find_via(storage, server, read.via))
        return database_no_memory(storage, error);
    leaf->from_ms = read.from_ms;
    leaf->until_ms = read.until_ms;
    leaf->seen_ms = read.seen_ms;
    leaf->unseen = read.unseen;
    leaf->longest = read.longest;
    memcpy(leaf->id, read.id, sizeof leaf->id);
    memcpy(leaf->fingerprint, read.chain, sizeof leaf->fingerprint);
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
    else if (database_each(storage, database_statement(storage, SQL_LIST_CERTIFICATES), load_row,
                           storage, error))
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

static int begin_writing(struct round *round, struct error *error)
{
    if (round->has_begun)
        return 0;
    if (storage_begin(round->storage, error))
        return -1;
    round->has_begun = true;
    return 0;
}

static int store_leaf(struct round *round, const struct certificate_server *server,
                      struct certificate_leaf *leaf, struct error *error)
{
    struct storage *storage = round->storage;
    sqlite3_stmt *store;

    if (begin_writing(round, error))
        return -1;
    if (leaf->chain) {
        store = database_bind(storage, SQL_PUT_CERTIFICATE, leaf->from_ms, leaf->until_ms,
                              leaf->seen_ms, leaf->unseen, leaf->longest);
        sqlite3_bind_text(store, 6, server->scope, -1, SQLITE_STATIC);
        sqlite3_bind_text(store, 7, leaf->id, -1, SQLITE_STATIC);
        sqlite3_bind_text(store, 8, server->via_name, -1, SQLITE_STATIC);
        sqlite3_bind_text(store, 9, leaf->chain->text, -1, SQLITE_STATIC);
    } else {
        store = database_bind(storage, SQL_UPDATE_CERTIFICATE, leaf->seen_ms, leaf->unseen,
                              leaf->longest);
        sqlite3_bind_text(store, 4, server->scope, -1, SQLITE_STATIC);
        sqlite3_bind_text(store, 5, leaf->id, -1, SQLITE_STATIC);
        sqlite3_bind_text(store, 6, server->via_name, -1, SQLITE_STATIC);
    }
    return database_run(storage, store, error);
}

static int delete_leaf(struct round *round, const struct certificate_server *server,
                       const struct certificate_leaf *leaf, struct error *error)
{
    sqlite3_stmt *delete;

    if (leaf->chain)
        return 0; /* not stored yet */
    if (begin_writing(round, error))
        return -1;
    delete = database_statement(round->storage, SQL_DELETE_CERTIFICATE);
    sqlite3_bind_text(delete, 1, server->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(delete, 2, leaf->id, -1, SQLITE_STATIC);
    return database_run(round->storage, delete, error);
}

/* Whether the stored moment is too far from the last check. The exact age depends on the
 * certificate, so that those of many servers are not stored in the same tick. */
static bool is_moment_old(const struct certificate_leaf *leaf, int64_t checked_ms)
{
    int64_t age_ms = checked_ms - leaf->seen_ms;
    int64_t minutes = STORE_AGAIN_MINUTES +
                      (int64_t)(table_hash(leaf->id, sizeof leaf->id) % STORE_AGAIN_MINUTES);

    return age_ms < 0 || age_ms >= minutes * MS_PER_MINUTE;
}

/* Counts the round for a certificate that was seen in it. */
static int count_seen(struct round *round, const struct certificate_server *server,
                      struct certificate_leaf *leaf, struct error *error)
{
    leaf->is_seen = false;
    if (!leaf->chain && leaf->unseen == 0 && !server->is_via_new &&
        !is_moment_old(leaf, server->checked_ms))
        return 0;
    if (leaf->unseen > leaf->longest)
        leaf->longest = leaf->unseen;
    leaf->unseen = 0;
    leaf->seen_ms = server->checked_ms;
    return store_leaf(round, server, leaf, error);
}

/* Whether a certificate that is not in use is to be forgotten. It is kept for some days, because it
 * may come back, unless there are too many. */
static bool is_forgotten(const struct certificate_server *server,
                         const struct certificate_leaf *leaf)
{
    int64_t kept_ms = KEPT_DAYS * (int64_t)MS_PER_DAY;

    return server->n_leaves > UNUSED_MAX || server->checked_ms - leaf->seen_ms >= kept_ms ||
           leaf->seen_ms - server->checked_ms >= kept_ms;
}

/* Counts the round for all certificates of a server, and drops those that are not used any more. */
static int count_round(struct round *round, struct certificate_server *server, struct error *error)
{
    struct certificate_leaf **at = &server->leaves, *leaf;

    while ((leaf = *at)) {
        int result = 0;

        if (leaf->is_seen) {
            result = count_seen(round, server, leaf, error);
        } else if (expiry_notice_is_in_use(leaf->unseen, leaf->longest)) {
            leaf->unseen =
                expiry_notice_miss(leaf->unseen, leaf->longest, server->checked_ms - leaf->seen_ms);
            server->has_changed |= !expiry_notice_is_in_use(leaf->unseen, leaf->longest);
            result = store_leaf(round, server, leaf, error);
        } else if (is_forgotten(server, leaf)) {
            if (delete_leaf(round, server, leaf, error))
                return -1;
            *at = leaf->next;
            server->n_leaves--;
            chain_release(leaf->chain);
            continue;
        }
        if (result)
            return -1;
        at = &leaf->next;
    }
    return 0;
}

/* The chains are stored: their texts need no memory any more. */
static void release_chains(struct certificate_server *server)
{
    for (struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next) {
        chain_release(leaf->chain);
        leaf->chain = NULL;
    }
}

static int record_events(struct round *round, const struct certificate_server *server,
                         struct error *error)
{
    struct certificate_event found;
    bool has_event;

    do {
        if (certificate_events_find(round->storage, server, &found, &has_event, error))
            return -1;
        if (has_event && (begin_writing(round, error) ||
                          certificate_events_record(round->storage, server, &found, error)))
            return -1;
    } while (has_event && found.change == EVENT_CLOSED);
    return 0;
}

static int settle_server(struct round *round, struct certificate_server *server,
                         struct error *error)
{
    if (count_round(round, server, error) || record_events(round, server, error))
        return -1;
    release_chains(server);
    server->is_checked = server->is_via_new = server->has_changed = false;
    return 0;
}

/* Whether any domain still leads to this server. */
static bool is_used(const struct certificate_server *server, int64_t now_ms)
{
    int64_t seen_ms = INT64_MIN;

    if (server->users)
        return true;
    for (const struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next) {
        if (leaf->seen_ms > seen_ms)
            seen_ms = leaf->seen_ms;
    }
    return server->via && server->leaves && now_ms - seen_ms <= KEPT_DAYS * (int64_t)MS_PER_DAY;
}

static int drop_leaves(struct round *round, struct certificate_server *server, struct error *error)
{
    for (struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next) {
        if (delete_leaf(round, server, leaf, error))
            return -1;
    }
    release_chains(server);
    server->leaves = NULL;
    server->n_leaves = 0;
    server->via = NULL;
    *server->via_name = '\0';
    return 0;
}

/* Closes the open conditions of servers that are not used. */
static int close_removed(struct round *round, struct error *error)
{
    struct certificates *certificates = round->certificates;
    struct certificate_server *server;
    char scope[EVENT_SCOPE_MAX];
    int found;

    for (;;) {
        found = certificate_events_next(round->storage, &certificates->by_scope, scope, error);
        if (found <= 0)
            return found;
        server = table_find(&certificates->by_scope, scope);
        if (begin_writing(round, error) ||
            certificate_events_remove(round->storage, scope, round->now_ms, error))
            return -1;
        assert(!server || !server->leaves);
    }
}

static int settle_round(struct round *round, struct error *error)
{
    struct certificate_server *server;

    for (server = round->certificates->first; server; server = server->next) {
        if (server->is_checked && settle_server(round, server, error))
            return -1;
        if (server->leaves && !is_used(server, round->now_ms) && drop_leaves(round, server, error))
            return -1;
    }
    return close_removed(round, error);
}

int certificates_settle(struct storage *storage, int64_t now_ms, struct error *error)
{
    struct round round = {.storage = storage, .now_ms = now_ms};
    int result;

    if (!storage->certificates && !certificate_events_are_open(storage))
        return 0;
    result = load_rows(storage, error) || conditions_load(storage, error) ? -1 : 0;
    round.certificates = storage->certificates;
    if (result == 0)
        result = settle_round(&round, error);
    if (round.has_begun)
        result = storage_end(storage, result, error);
    if (result)
        certificates_forget(storage);
    return result;
}

int certificates_go_back(struct storage *storage, int64_t at_ms, struct error *error)
{
    if (database_run(storage, database_bind(storage, SQL_DELETE_LATER_CERTIFICATES, at_ms), error))
        return -1;
    return database_run(storage, database_bind(storage, SQL_REVIVE_CERTIFICATES, at_ms), error);
}

bool certificates_is_in_use(const struct certificate_row *row)
{
    return expiry_notice_is_in_use(row->unseen, row->longest);
}

/* What certificates_each reads. */
struct certificates_reading {
    struct storage *storage;
    certificates_each_one *each;
    void *context;
};

static int pass_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct certificates_reading *reading = context;
    struct certificate_row read;
    struct chain_facts facts;

    if (read_row(reading->storage, row, &read, error))
        return -1;
    if (chain_read(read.chain, strlen(read.chain), &facts))
        return database_damaged(reading->storage, error);
    return reading->each(reading->context, &read, error);
}

int certificates_each(struct storage *storage, certificates_each_one *each, void *context,
                      struct error *error)
{
    struct certificates_reading reading = {storage, each, context};

    return database_each(storage, database_statement(storage, SQL_LIST_CHAINS), pass_row, &reading,
                         error);
}
