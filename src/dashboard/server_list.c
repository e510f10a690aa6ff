/* Finds the certificates that the dashboard shows: one for each server. */
#include "dashboard/server_list.h"

#include "base/table.h"
#include "model/server_scope.h"
#include "state/certificate_table.h"

#include <stdlib.h>
#include <string.h>

/* A certificate that a server uses. */
struct certificate_choice {
    struct certificate_choice *next;
    int64_t from_ms, until_ms;
    const char *chain;
};

/* What is being read. */
struct server_reading {
    struct server_list *list;
    struct arena *arena;
    const struct config *config;
    struct table by_scope;
    struct table vias; /* servers to which redirects led, by the name of the monitor; linked */
    struct listed_server *first; /* the last one that was read */
    size_t n;
};

static int set_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "uptick: out of memory while preparing the dashboard");
}

static int add_via(struct server_reading *reading, struct listed_server *server, const char *via)
{
    server->next_via = table_find(&reading->vias, via);
    return table_set(&reading->vias, via, server);
}

/* Rows of a server come together. */
static struct listed_server *find_server(struct server_reading *reading,
                                         const struct certificate_row *row)
{
    struct listed_server *server = reading->first;
    const char *via;

    if (server && strcmp(server->scope, row->scope) == 0)
        return server;
    server = arena_alloc(reading->arena, sizeof *server);
    if (!server)
        return NULL;
    server->scope = arena_copy(reading->arena, row->scope, strlen(row->scope));
    via = arena_copy(reading->arena, row->via, strlen(row->via));
    if (!server->scope || !via || table_set(&reading->by_scope, server->scope, server) ||
        (*via && add_via(reading, server, via)))
        return NULL;
    server->next = reading->first;
    reading->first = server;
    reading->n++;
    return server;
}

static int add_row(void *context, const struct certificate_row *row, struct error *error)
{
    struct server_reading *reading = context;
    struct certificate_choice *choice;
    struct listed_server *server;

    if (!expiry_notice_is_in_use(row->unseen, row->longest))
        return 0;
    server = find_server(reading, row);
    choice = server ? arena_alloc(reading->arena, sizeof *choice) : NULL;
    if (!choice)
        return set_no_memory(error);
    choice->chain = arena_copy(reading->arena, row->chain, strlen(row->chain));
    if (!choice->chain)
        return set_no_memory(error);
    choice->from_ms = row->from_ms;
    choice->until_ms = row->until_ms;
    choice->next = server->choices;
    server->choices = choice;
    return 0;
}

static int add_user(struct server_reading *reading, struct listed_server *server, size_t domain)
{
    struct server_user *user = arena_alloc(reading->arena, sizeof *user);

    if (!user)
        return -1;
    user->domain = domain;
    user->next = server->users;
    server->users = user;
    reading->list->of_domain[domain] = server;
    return 0;
}

/* Finds the server of each domain: that of its URL or, if that is not https, the one to which it
 * is redirected. From the last domain to the first, since users are added at the front. */
static int add_users(struct server_reading *reading)
{
    char scope[EVENT_SCOPE_MAX], name[CONFIG_MONITOR_MAX];

    for (size_t i = reading->config->n_domains; i-- > 0;) {
        struct listed_server *server = NULL, *target;

        if (server_scope_of(&reading->config->domains[i], scope))
            server = table_find(&reading->by_scope, scope);
        config_monitor_name(reading->config, i, name);
        for (target = table_find(&reading->vias, name); target; target = target->next_via) {
            if (target != server && add_user(reading, target, i))
                return -1;
        }
        if (server && add_user(reading, server, i))
            return -1;
    }
    return 0;
}

static enum expiry_level find_level(const struct server_reading *reading,
                                    const struct listed_server *server,
                                    const struct certificate_choice *choice, int64_t at_ms)
{
    enum expiry_level worst = EXPIRY_NONE, level;

    for (const struct server_user *user = server->users; user; user = user->next) {
        const struct domain *domain = &reading->config->domains[user->domain];

        level = expiry_notice_level(choice->from_ms, choice->until_ms, &domain->certificate_warn,
                                    &domain->certificate_critical, at_ms);
        worst = level > worst ? level : worst;
    }
    return worst;
}

static struct expiry_rank rank_of(const struct listed_server *server)
{
    return (struct expiry_rank){server->level, server->until_ms};
}

/* Sets the certificate that is shown. */
static void choose_certificate(const struct server_reading *reading, struct listed_server *server,
                               int64_t at_ms)
{
    server->chain = NULL;
    for (const struct certificate_choice *choice = server->choices; choice; choice = choice->next) {
        enum expiry_level level = find_level(reading, server, choice, at_ms);
        struct expiry_rank rank = {level, choice->until_ms};

        if (server->chain && expiry_notice_compare(rank, rank_of(server)) >= 0)
            continue;
        server->level = level;
        server->from_ms = choice->from_ms;
        server->until_ms = choice->until_ms;
        server->chain = choice->chain;
    }
}

static int compare_servers(const void *left, const void *right)
{
    const struct listed_server *a = *(struct listed_server *const *)left;
    const struct listed_server *b = *(struct listed_server *const *)right;

    int order = expiry_notice_compare(rank_of(a), rank_of(b));

    return order ? order : strcmp(a->scope, b->scope);
}

/* Lists the servers that a domain leads to. */
static int fill_list(struct server_reading *reading, int64_t at_ms)
{
    struct server_list *list = reading->list;

    list->of_domain =
        arena_alloc(reading->arena, (reading->config->n_domains + 1) * sizeof(void *));
    list->all = arena_alloc(reading->arena, (reading->n + 1) * sizeof(void *));
    if (!list->of_domain || !list->all || add_users(reading))
        return -1;
    for (struct listed_server *server = reading->first; server; server = server->next) {
        if (!server->users)
            continue;
        choose_certificate(reading, server, at_ms);
        list->all[list->n++] = server;
        list->n_warned += server->level != EXPIRY_NONE;
    }
    qsort(list->all, list->n, sizeof(void *), compare_servers);
    return 0;
}

int server_list_read(struct server_list *list, struct arena *arena, struct storage *storage,
                     const struct config *config, int64_t at_ms, struct error *error)
{
    struct server_reading reading = {.list = list, .arena = arena, .config = config};
    int result = certificate_table_each(storage, add_row, &reading, error);

    *list = (struct server_list){.n = 0};
    if (result == 0 && reading.n > 0 && fill_list(&reading, at_ms))
        result = set_no_memory(error);
    table_free(&reading.by_scope);
    table_free(&reading.vias);
    return result ? -1 : 0;
}

const struct listed_server *server_list_of(const struct server_list *list, size_t domain)
{
    return list->of_domain ? list->of_domain[domain] : NULL;
}
