/* Finds the monitors that the subjects of alerts belong to, and what these depend on. */
#include "alert/alert_scopes.h"

#include "model/server_scope.h"
#include "state/certificate_table.h"
#include "state/conditions.h"

#include <string.h>

int alert_scopes_open(struct alert_scopes *scopes, const struct config *config,
                      struct storage *storage, struct error *error)
{
    *scopes = (struct alert_scopes){.config = config, .storage = storage, .arena = arena_new()};
    for (size_t i = 0; scopes->arena && i < config->n_domains; i++) {
        char name[CONFIG_MONITOR_MAX];
        const char *key;

        config_monitor_name(config, i, name);
        key = arena_copy(scopes->arena, name, strlen(name));
        if (!key || table_set(&scopes->by_monitor, key, (void *)&config->domains[i]))
            return error_set(error, EXIT_IO, "alerts: out of memory");
        scopes->has_dependencies |= config->domains[i].depends_on != NULL;
    }
    return scopes->arena ? 0 : error_set(error, EXIT_IO, "alerts: out of memory");
}

void alert_scopes_close(struct alert_scopes *scopes)
{
    table_free(&scopes->by_monitor);
    arena_free(scopes->arena);
    scopes->arena = NULL;
}

static bool is_about_monitor(enum event_check check)
{
    return check == EVENT_HTTP || check == EVENT_SLOW || check == EVENT_BOT;
}

size_t alert_scopes_domain(const struct alert_scopes *scopes, enum event_check check,
                           const char *scope)
{
    const struct domain *domain =
        is_about_monitor(check) ? table_find(&scopes->by_monitor, scope) : NULL;

    return domain ? (size_t)(domain - scopes->config->domains) : SIZE_MAX;
}

static bool has_monitor(const struct alert_target *target, const char *monitor)
{
    for (size_t i = 0; i < target->n_scopes; i++) {
        const struct alert_scope *wanted = &target->scopes[i];
        size_t size = strlen(wanted->site);

        if (strncmp(monitor, wanted->site, size) == 0 && monitor[size] == '/' &&
            (!wanted->domain || strcmp(monitor + size + 1, wanted->domain) == 0))
            return true;
    }
    return false;
}

/* Looks for a certificate among those to which redirects of a target's monitors led. */
struct via_search {
    const struct alert_target *target;
    const char *scope;
    bool found;
};

static int compare_via(void *context, const struct certificate_row *row, struct error *error)
{
    struct via_search *search = context;

    (void)error;
    if (strcmp(row->scope, search->scope) == 0 && has_monitor(search->target, row->via))
        search->found = true;
    return 0;
}

static int has_server(const struct alert_scopes *scopes, const struct alert_target *target,
                      const char *scope, bool *has, struct error *error)
{
    struct via_search search = {target, scope, false};

    for (size_t i = 0; i < scopes->config->n_domains && !search.found; i++) {
        char monitor[CONFIG_MONITOR_MAX], server[EVENT_SCOPE_MAX];

        config_monitor_name(scopes->config, i, monitor);
        search.found = has_monitor(target, monitor) &&
                       server_scope_of(&scopes->config->domains[i], server) &&
                       strcmp(server, scope) == 0;
    }
    if (!search.found && certificate_table_each_known(scopes->storage, compare_via, &search, error))
        return -1;
    *has = search.found;
    return 0;
}

int alert_scopes_let_through(const struct alert_scopes *scopes, const struct alert_target *target,
                             enum event_check check, const char *scope, bool *let_through,
                             struct error *error)
{
    *let_through = true;
    if (target->n_scopes == 0)
        return 0;
    if (check == EVENT_CERTIFICATE)
        return has_server(scopes, target, scope, let_through, error);
    if (is_about_monitor(check))
        *let_through = has_monitor(target, scope);
    return 0;
}

bool alert_scopes_is_held(const struct alert_scopes *scopes, size_t domain)
{
    const struct domain *domains = scopes->config->domains;
    const struct condition *open;

    if (domain == SIZE_MAX || !domains[domain].depends_on)
        return false;
    open = conditions_of(scopes->storage, EVENT_HTTP, domain);
    if (open && open->state == EVENT_RECOVERING_STATE)
        return true;
    while (domains[domain].depends_on) {
        domain = domains[domain].dependency;
        if (conditions_of(scopes->storage, EVENT_HTTP, domain))
            return true;
    }
    return false;
}

bool alert_scopes_depends_on(const struct alert_scopes *scopes, size_t domain, const bool *marked)
{
    const struct domain *domains = scopes->config->domains;

    while (domains[domain].depends_on) {
        domain = domains[domain].dependency;
        if (marked[domain])
            return true;
    }
    return false;
}
