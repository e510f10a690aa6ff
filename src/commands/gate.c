/* Holds doubtful results until it is clear whether our own network is at fault. */
#include "commands/gate.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/table.h"
#include "check/results.h"
#include "commands/network_faults.h"
#include "commands/witnesses.h"
#include "state/conditions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HOLD_MS = 10 * MS_PER_SECOND /* after the timeout of a held result */ };

/* What the pass knows about a domain. */
enum view_state { VIEW_NONE, VIEW_PENDING, VIEW_SEEN };

struct view {
    struct sighting sighting;
    int64_t start_ms;
    uint8_t state;   /* enum view_state */
    uint8_t scope;   /* in which it failed; SCOPE_NONE: it did not */
    uint8_t outcome; /* enum suspicion_outcome there */
    uint8_t held_in; /* 1 + the scope for which an earlier result is held; 0: none is */
};

struct held {
    struct result result;
    int64_t until_ms; /* on the monotonic clock */
    enum network_scope scope;
    bool is_sure; /* it is held only because an earlier one of its domain is */
};

/* A scope, as the views show it. */
struct picture {
    struct suspicion suspicion;
    size_t n_pending;    /* hosts that may still be added */
    int64_t failed_ms;   /* start of the first check that failed, */
    int64_t answered_ms; /* and of the first one that was answered; INT64_MAX: none */
};

/* How a host did in a scope, while a picture is made. */
struct host {
    uint32_t network;
    uint8_t outcome;
    bool is_pending;
};

struct gate {
    struct gate_parts parts;
    struct network_faults faults;
    struct view *views; /* of each domain */
    size_t *host_of;    /* of each domain; NULL: not needed yet */
    struct host *hosts;
    size_t n_hosts;
    struct held *held;
    size_t n_held, capacity;
    int64_t began_ms; /* of the pass */
    size_t n_pending; /* domains whose result may still come in the pass */
    bool is_first;    /* the pass is that of the minute */
    bool is_complete; /* and has all domains that are due */
    bool has_fault;   /* a known fault was seen in the pass */
    bool is_new;      /* something came since the last step */
    struct witnesses *witnesses;
};

struct gate *gate_new(const struct gate_parts *parts)
{
    struct gate *gate = calloc(1, sizeof *gate);
    size_t n = parts->config->n_domains;

    if (gate)
        gate->views = calloc(n ? n : 1, sizeof *gate->views);
    if (!gate || !gate->views) {
        gate_free(gate);
        return NULL;
    }
    gate->parts = *parts;
    return gate;
}

/* Forgets all that is held. */
static void drop_held(struct gate *gate)
{
    for (size_t i = 0; i < gate->n_held; i++)
        results_free_result(&gate->held[i].result);
    gate->n_held = 0;
}

void gate_free(struct gate *gate)
{
    if (!gate)
        return;
    drop_held(gate);
    witnesses_free(gate->witnesses);
    free(gate->held);
    free(gate->hosts);
    free(gate->host_of);
    free(gate->views);
    free(gate);
}

size_t gate_held(const struct gate *gate)
{
    return gate->n_held;
}

static void clear_pass(struct gate *gate)
{
    memset(gate->views, 0, gate->parts.config->n_domains * sizeof *gate->views);
    gate->began_ms = INT64_MAX;
    gate->n_pending = 0;
    gate->is_first = gate->is_complete = gate->has_fault = false;
}

void gate_begin_pass(struct gate *gate, const struct job *jobs, size_t n_jobs, int64_t now_ms,
                     bool all)
{
    if (n_jobs > 0 && !gate->faults.storage)
        network_faults_load(&gate->faults, gate->parts.storage, gate->parts.log,
                            gate->parts.causes);
    clear_pass(gate);
    for (size_t i = 0; i < n_jobs && jobs[i].start_ms <= now_ms; i++) {
        gate->n_pending += gate->views[jobs[i].domain].state != VIEW_PENDING;
        gate->views[jobs[i].domain].state = VIEW_PENDING;
    }
    gate->is_first = true;
    gate->is_complete = all;
    gate->began_ms = INT64_MIN;
}

/* The server that the checks of a domain connect to. */
static const char *host_name(const struct domain *domain)
{
    if (domain->proxy)
        return domain->proxy->host;
    return domain->address ? domain->address : domain->host;
}

/* Numbers the hosts. Returns 0, or -1 if out of memory. */
static int number_hosts(struct gate *gate)
{
    const struct config *config = gate->parts.config;
    struct table names = {.n = 0};
    int result = 0;

    if (gate->hosts)
        return 0;
    free(gate->host_of);
    gate->host_of = malloc(config->n_domains * sizeof *gate->host_of);
    gate->n_hosts = 0;
    for (size_t i = 0; gate->host_of && i < config->n_domains && result == 0; i++) {
        const char *name = host_name(&config->domains[i]);
        size_t *first = table_find(&names, name);

        gate->host_of[i] = first ? *first : gate->n_hosts++;
        if (!first)
            result = table_set(&names, name, &gate->host_of[i]);
    }
    table_free(&names);
    if (gate->host_of && result == 0)
        gate->hosts = malloc(gate->n_hosts * sizeof *gate->hosts);
    return gate->hosts ? 0 : -1;
}

/* Whether the last check of a domain was not bad. */
static bool was_well(const struct gate *gate, size_t domain)
{
    const struct condition *outage;
    struct error error;

    if (conditions_load(gate->parts.storage, &error))
        return true;
    outage = conditions_of(gate->parts.storage, EVENT_HTTP, domain);
    return !outage || outage->state == EVENT_RECOVERING_STATE;
}

/* The scope in which a check failed before any byte of a response; SCOPE_NONE: it did not. */
static enum network_scope failed_scope(const struct result *result)
{
    const struct sighting *sighting = &result->sighting;

    if (result->no_verdict)
        return fault_log_scope_of(result);
    if (sighting->got_byte)
        return SCOPE_NONE;
    if (sighting->looked_up && !sighting->found)
        return SCOPE_NAMES;
    return (enum network_scope)sighting->scope;
}

/* Keeps what the result shows. */
static void add_view(struct gate *gate, const struct result *result, enum network_scope scope,
                     enum suspicion_outcome outcome)
{
    struct view *view = &gate->views[result->domain];

    gate->n_pending -= view->state == VIEW_PENDING;
    *view = (struct view){.sighting = result->sighting,
                          .start_ms = result->check.start_ms,
                          .state = VIEW_SEEN,
                          .scope = (uint8_t)scope,
                          .outcome = (uint8_t)outcome,
                          .held_in = view->held_in};
    gate->has_fault |= outcome == HOST_KNOWN_FAULT;
    gate->is_new = true;
}

/* For how long a result may be held, from now on. */
static int64_t hold_ms(const struct gate *gate, const struct result *result)
{
    int64_t timeout_ms = gate->parts.config->domains[result->domain].timeout_ms;
    int64_t age_ms = clock_now() - result->check.start_ms;

    if (age_ms < 0 || age_ms > timeout_ms)
        age_ms = timeout_ms;
    return timeout_ms - age_ms + HOLD_MS;
}

/* Adds a result to those that are held. Returns false if out of memory. */
static bool add_held(struct gate *gate, const struct result *result, enum network_scope scope,
                     bool is_sure)
{
    struct held *grown =
        memory_grow(gate->held, &gate->capacity, gate->n_held + 1, sizeof *gate->held);

    if (!grown)
        return false;
    gate->held = grown;
    gate->held[gate->n_held++] =
        (struct held){*result, clock_monotonic() + hold_ms(gate, result), scope, is_sure};
    gate->views[result->domain].held_in = (uint8_t)(1 + scope);
    return true;
}

/* Returns false if the result cannot be held, or need not be. */
static bool hold_result(struct gate *gate, const struct result *result, enum network_scope scope)
{
    size_t min_hosts = (size_t)gate->parts.config->local_network.min_hosts;

    if (number_hosts(gate) || (!gate->faults.is_judged[scope] && gate->n_hosts < min_hosts) ||
        !add_held(gate, result, scope, false))
        return false;
    if (result->check.start_ms < gate->began_ms)
        gate->began_ms = result->check.start_ms;
    return true;
}

void gate_take(struct gate *gate, const struct result *result)
{
    enum network_scope scope = failed_scope(result);
    enum suspicion_outcome outcome = HOST_KNOWN_FAULT;
    bool is_failure = scope != SCOPE_NONE && !result->no_verdict;

    if (is_failure)
        outcome = was_well(gate, result->domain) ? HOST_FAILED : HOST_FAILS_ON;
    if (scope == SCOPE_NONE)
        outcome = result->no_verdict ? HOST_UNSEEN : HOST_ANSWERED;
    add_view(gate, result, scope, outcome);
    if (is_failure && (outcome == HOST_FAILED || gate->is_first || gate->faults.is_judged[scope]) &&
        hold_result(gate, result, scope))
        return;

    /* The results of a domain keep their order. */
    if (!result->no_verdict && gate->views[result->domain].held_in > 0 &&
        add_held(gate, result, (enum network_scope)(gate->views[result->domain].held_in - 1), true))
        return;
    gate->parts.exit.take(gate->parts.exit.context, result);
}

/* How the check of a domain did in a scope. */
static enum suspicion_outcome outcome_in(const struct view *view, enum network_scope scope)
{
    const struct sighting *sighting = &view->sighting;

    if (view->state != VIEW_SEEN || view->outcome == HOST_UNSEEN)
        return HOST_UNSEEN;
    if (view->scope == scope)
        return (enum suspicion_outcome)view->outcome;
    if (scope == SCOPE_NAMES)
        return sighting->looked_up && sighting->found ? HOST_ANSWERED : HOST_UNSEEN;
    return sighting->scope == scope && sighting->got_byte ? HOST_ANSWERED : HOST_UNSEEN;
}

static void add_to_host(struct gate *gate, size_t domain, enum network_scope scope,
                        struct picture *picture)
{
    const struct view *view = &gate->views[domain];
    struct host *host = &gate->hosts[gate->host_of[domain]];
    enum suspicion_outcome outcome = outcome_in(view, scope);
    int64_t *first_ms = outcome == HOST_ANSWERED ? &picture->answered_ms : &picture->failed_ms;

    host->is_pending |= view->state == VIEW_PENDING;
    if (outcome == HOST_UNSEEN || view->start_ms < gate->began_ms)
        return;
    if (view->start_ms < *first_ms)
        *first_ms = view->start_ms;
    if (outcome <= host->outcome)
        return;
    host->outcome = (uint8_t)outcome;
    host->network = scope == SCOPE_NAMES
                        ? suspicion_network_of_name(host_name(&gate->parts.config->domains[domain]))
                        : view->sighting.network;
}

static struct picture look_at(struct gate *gate, enum network_scope scope)
{
    struct picture picture = {.failed_ms = INT64_MAX, .answered_ms = INT64_MAX};

    memset(gate->hosts, 0, gate->n_hosts * sizeof *gate->hosts);
    for (size_t i = 0; i < gate->parts.config->n_domains; i++)
        add_to_host(gate, i, scope, &picture);
    for (size_t i = 0; i < gate->n_hosts; i++) {
        const struct host *host = &gate->hosts[i];

        suspicion_add(&picture.suspicion, (enum suspicion_outcome)host->outcome, host->network);
        picture.n_pending += host->is_pending && host->outcome == HOST_UNSEEN;
    }
    return picture;
}

/* Removes the results of a scope from those that are held: lets them through, or drops them. */
static void release(struct gate *gate, enum network_scope scope, bool let_through)
{
    size_t n = gate->n_held;

    gate->n_held = 0;
    for (size_t i = 0; i < n; i++) {
        struct held *held = &gate->held[i];

        if (held->scope != scope) {
            gate->held[gate->n_held++] = *held;
            continue;
        }
        gate->views[held->result.domain].held_in = 0;
        if (let_through || held->is_sure)
            gate->parts.exit.take(gate->parts.exit.context, &held->result);
        else
            results_free_result(&held->result);
    }
}

/* Before the end of the pass, lets results through if they cannot become suspect any more. */
static void release_clear(struct gate *gate)
{
    for (int i = 0; i < NETWORK_SCOPES; i++) {
        enum network_scope scope = (enum network_scope)i;
        struct picture picture;

        if (gate->faults.is_judged[scope])
            continue;
        picture = look_at(gate, scope);
        if (!suspicion_is_possible(&picture.suspicion, picture.n_pending,
                                   &gate->parts.config->local_network))
            release(gate, scope, true);
    }
}

/* Whether the pass is over. The hold of the first result ends it too. */
static bool is_over(const struct gate *gate, bool finished)
{
    if (finished || (gate->is_first && gate->n_pending == 0))
        return true;
    return gate->n_held > 0 && clock_monotonic() >= gate->held[0].until_ms;
}

/* Whether there is anything to judge. */
static bool is_clear(const struct gate *gate)
{
    bool is_open = false;

    for (int i = 0; i < NETWORK_SCOPES; i++)
        is_open |= gate->faults.is_open[i];
    return gate->n_held == 0 && !is_open && !(gate->is_first && gate->has_fault);
}

/* Asks the witnesses if a scope is suspect. Returns whether they are asked. */
static bool ask_witnesses(struct gate *gate)
{
    const struct local_network *rules = &gate->parts.config->local_network;
    bool suspects[NETWORK_SCOPES] = {false}, any = false;
    struct error error;

    if (rules->n_witnesses == 0 || interrupt_came())
        return false;
    for (int i = 0; i < NETWORK_SCOPES; i++) {
        struct picture picture = look_at(gate, (enum network_scope)i);

        suspects[i] = suspicion_is_founded(&picture.suspicion, rules);
        any |= suspects[i];
    }
    if (!any)
        return false;
    gate->witnesses = witnesses_ask(gate->parts.config, suspects, &error);
    if (!gate->witnesses)
        log_warn(gate->parts.log, "%s", error.text);
    return gate->witnesses != NULL;
}

/* A scope in which nothing was checked, although all that was due was: no domain is left whose
 * failures were dropped. */
static bool is_deserted(const struct gate *gate, const struct picture *picture,
                        enum network_scope scope)
{
    return picture->suspicion.hosts == 0 && gate->is_first && gate->is_complete &&
           gate->n_pending == 0 && (scope == SCOPE_NAMES || !gate->faults.is_open[SCOPE_NAMES]);
}

static int judge_scope(struct gate *gate, enum network_scope scope, struct error *error)
{
    struct picture picture = look_at(gate, scope);
    const struct suspicion *suspicion = &picture.suspicion;
    enum suspicion_witness witness =
        gate->witnesses ? witnesses_of(gate->witnesses, scope, &picture.answered_ms) : WITNESS_NONE;
    bool is_empty = is_deserted(gate, &picture, scope);
    bool lasts = gate->faults.is_judged[scope] && !is_empty;
    bool is_fault = suspicion_judge(suspicion, witness, lasts, &gate->parts.config->local_network);
    bool is_known = suspicion_is_known(suspicion);

    release(gate, scope, !is_fault);
    if ((suspicion->hosts == 0 && !is_empty) || (is_known && !gate->is_first))
        return 0;
    if (is_fault || is_known)
        return network_faults_begin(&gate->faults, scope, is_fault && !is_known, suspicion,
                                    picture.failed_ms, error);
    if (picture.answered_ms == INT64_MAX)
        picture.answered_ms = clock_now();
    return network_faults_end(&gate->faults, scope, picture.answered_ms, error);
}

/* Names come first: they show why a scope of addresses is deserted. */
static int judge_all(struct gate *gate, struct error *error)
{
    int result = 0;

    for (int i = NETWORK_SCOPES - 1; i >= 0; i--) {
        struct error one;

        if (judge_scope(gate, (enum network_scope)i, &one) && result == 0) {
            result = -1;
            *error = one;
        }
    }
    witnesses_free(gate->witnesses);
    gate->witnesses = NULL;
    assert(gate->n_held == 0);
    clear_pass(gate);
    return result;
}

bool gate_step(struct gate *gate, bool finished, bool *failed, struct error *error)
{
    *failed = false;
    if (gate->witnesses && !witnesses_step(gate->witnesses))
        return true;
    if (!gate->witnesses && !is_over(gate, finished)) {
        if (gate->n_held > 0 && gate->is_first && gate->is_new)
            release_clear(gate);
        gate->is_new = false;
        return gate->n_held > 0;
    }
    if (is_clear(gate) || number_hosts(gate)) {
        if (gate->is_first)
            clear_pass(gate);
        return false;
    }
    if (interrupt_came()) {
        drop_held(gate);
        return false;
    }
    if (!gate->witnesses && ask_witnesses(gate))
        return true;
    *failed = judge_all(gate, error) != 0;
    return false;
}

int gate_end_pass(struct gate *gate, struct error *error)
{
    bool failed = false;

    while (gate_step(gate, true, &failed, error))
        ;
    return failed ? -1 : 0;
}
