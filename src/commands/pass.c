/* Keeps what the checks of a pass have seen, and makes the picture of each scope. */
#include "commands/pass.h"

#include "base/table.h"
#include "commands/fault_log.h"

#include <stdlib.h>
#include <string.h>

enum view_state { VIEW_NONE, VIEW_PENDING, VIEW_SEEN };

/* What the pass knows about a domain. */
struct pass_view {
    struct sighting sighting;
    int64_t start_ms;
    uint8_t state; /* enum view_state */
    struct failed_in failed;
    uint8_t outcome; /* enum suspicion_outcome there */
};

/* How a host did in a scope, while a picture is made. */
struct pass_host {
    uint32_t network;
    uint8_t outcome;
    bool is_pending;
};

int pass_init(struct gate_pass *pass, const struct config *config)
{
    size_t n = config->n_domains;

    *pass = (struct gate_pass){.config = config, .views = calloc(n ? n : 1, sizeof *pass->views)};
    return pass->views ? 0 : -1;
}

void pass_free(struct gate_pass *pass)
{
    free(pass->hosts);
    free(pass->host_of);
    free(pass->views);
}

void pass_clear(struct gate_pass *pass)
{
    memset(pass->views, 0, pass->config->n_domains * sizeof *pass->views);
    pass->began_ms = INT64_MAX;
    pass->n_pending = 0;
    pass->has_fault = false;
}

void pass_expect(struct gate_pass *pass, const struct job *jobs, size_t n_jobs, int64_t now_ms)
{
    for (size_t i = 0; i < n_jobs && jobs[i].start_ms <= now_ms; i++) {
        pass->n_pending += pass->views[jobs[i].domain].state != VIEW_PENDING;
        pass->views[jobs[i].domain].state = VIEW_PENDING;
    }
}

struct failed_in pass_find_failed(const struct result *result)
{
    const struct sighting *sighting = &result->sighting;

    if (result->no_verdict)
        return (struct failed_in){(uint8_t)fault_log_scope_of(result), SCOPE_NONE};
    if (sighting->got_byte)
        return (struct failed_in){SCOPE_NONE, SCOPE_NONE};
    if (sighting->looked_up && !sighting->found)
        return (struct failed_in){SCOPE_NAMES, SCOPE_NONE};
    return (struct failed_in){sighting->scope, sighting->other};
}

bool pass_is_failed_in(struct failed_in failed, enum network_scope scope)
{
    return failed.scope == scope || failed.other == scope;
}

void pass_add(struct gate_pass *pass, const struct result *result, struct failed_in failed,
              enum suspicion_outcome outcome)
{
    struct pass_view *view = &pass->views[result->domain];

    pass->n_pending -= view->state == VIEW_PENDING;
    *view = (struct pass_view){result->sighting, result->check.start_ms, VIEW_SEEN, failed,
                               (uint8_t)outcome};
    pass->has_fault |= outcome == HOST_KNOWN_FAULT;
}

enum suspicion_outcome pass_outcome(const struct gate_pass *pass, size_t domain,
                                    enum network_scope scope)
{
    const struct pass_view *view = &pass->views[domain];
    const struct sighting *sighting = &view->sighting;

    if (view->state != VIEW_SEEN || view->outcome == HOST_UNSEEN)
        return HOST_UNSEEN;
    if (pass_is_failed_in(view->failed, scope))
        return (enum suspicion_outcome)view->outcome;
    if (scope == SCOPE_NAMES)
        return sighting->looked_up && sighting->found ? HOST_ANSWERED : HOST_UNSEEN;
    return sighting->scope == scope && sighting->got_byte ? HOST_ANSWERED : HOST_UNSEEN;
}

/* The server that the checks of a domain connect to. */
static const char *host_name(const struct domain *domain)
{
    if (domain->proxy)
        return domain->proxy->host;
    return domain->address ? domain->address : domain->host;
}

int pass_number_hosts(struct gate_pass *pass)
{
    const struct config *config = pass->config;
    struct table names = {.n = 0};
    int result = 0;

    if (pass->hosts)
        return 0;
    free(pass->host_of);
    pass->host_of = malloc(config->n_domains * sizeof *pass->host_of);
    pass->n_hosts = 0;
    for (size_t i = 0; pass->host_of && i < config->n_domains && result == 0; i++) {
        const char *name = host_name(&config->domains[i]);
        size_t *first = table_find(&names, name);

        pass->host_of[i] = first ? *first : pass->n_hosts++;
        if (!first)
            result = table_set(&names, name, &pass->host_of[i]);
    }
    table_free(&names);
    if (pass->host_of && result == 0)
        pass->hosts = malloc(pass->n_hosts * sizeof *pass->hosts);
    return pass->hosts ? 0 : -1;
}

static void add_to_host(struct gate_pass *pass, size_t domain, enum network_scope scope,
                        struct picture *picture)
{
    const struct pass_view *view = &pass->views[domain];
    struct pass_host *host = &pass->hosts[pass->host_of[domain]];
    enum suspicion_outcome outcome = pass_outcome(pass, domain, scope);
    int64_t *first_ms = outcome == HOST_ANSWERED ? &picture->answered_ms : &picture->failed_ms;

    host->is_pending |= view->state == VIEW_PENDING;
    if (outcome == HOST_UNSEEN || view->start_ms < pass->began_ms)
        return;
    if (view->start_ms < *first_ms)
        *first_ms = view->start_ms;
    if (outcome <= host->outcome)
        return;
    host->outcome = (uint8_t)outcome;
    host->network =
        view->sighting.scope == scope ? view->sighting.network : view->sighting.other_network;
    if (scope == SCOPE_NAMES)
        host->network = suspicion_network_of_name(host_name(&pass->config->domains[domain]));
}

struct picture pass_look_at(struct gate_pass *pass, enum network_scope scope)
{
    struct picture picture = {.failed_ms = INT64_MAX, .answered_ms = INT64_MAX};

    memset(pass->hosts, 0, pass->n_hosts * sizeof *pass->hosts);
    for (size_t i = 0; i < pass->config->n_domains; i++)
        add_to_host(pass, i, scope, &picture);
    for (size_t i = 0; i < pass->n_hosts; i++) {
        const struct pass_host *host = &pass->hosts[i];

        suspicion_add(&picture.suspicion, (enum suspicion_outcome)host->outcome, host->network);
        picture.n_pending += host->is_pending && host->outcome == HOST_UNSEEN;
    }
    return picture;
}
