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

enum {
    HOLD_MS = 10 * MS_PER_SECOND,   /* after the timeout of a held result */
    TOGETHER_MS = MS_PER_SECOND / 2 /* in which checks began together */
};

/* What the pass knows about a domain. */
enum view_state { VIEW_NONE, VIEW_PENDING, VIEW_SEEN };

/* Where a check failed before any byte of a response: in up to two scopes, because a host that
 * fails over both IP versions fails in those of both. SCOPE_NONE: in none. */
struct failed_in {
    uint8_t scope, other; /* enum network_scope */
};

struct view {
    struct sighting sighting;
    int64_t start_ms;
    uint8_t state; /* enum view_state */
    struct failed_in failed;
    uint8_t outcome; /* enum suspicion_outcome there */
    bool is_held;    /* an earlier result of the domain is held */
    struct failed_in held;
};

/* What becomes of the failures in a scope. AT_FAULT: others got an answer there, so a host that
 * failed in it is at fault, whatever its other scope shows. */
enum decision { UNDECIDED, LET_THROUGH, DROP, AT_FAULT };

struct held {
    struct result result;
    int64_t until_ms; /* on the monotonic clock */
    struct failed_in failed;
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
    int64_t
        back_ms[NETWORK_SCOPES]; /* the first answer of the pass, if there was a fault; else 0 */
    size_t n_pending;            /* domains whose result may still come in the pass */
    bool is_first;               /* the pass is that of the minute */
    bool is_complete;            /* and has all domains that are due */
    bool has_fault;              /* a known fault was seen in the pass */
    bool is_new;                 /* something came since the last step */
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
    memset(gate->back_ms, 0, sizeof gate->back_ms);
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

static bool is_failed_in(struct failed_in failed, enum network_scope scope)
{
    return failed.scope == scope || failed.other == scope;
}

static struct failed_in find_failed(const struct result *result)
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

/* Keeps what the result shows. */
static void add_view(struct gate *gate, const struct result *result, struct failed_in failed,
                     enum suspicion_outcome outcome)
{
    struct view *view = &gate->views[result->domain];

    gate->n_pending -= view->state == VIEW_PENDING;
    view->sighting = result->sighting;
    view->start_ms = result->check.start_ms;
    view->state = VIEW_SEEN;
    view->failed = failed;
    view->outcome = (uint8_t)outcome;
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
static bool add_held(struct gate *gate, struct result *result, struct failed_in failed,
                     bool is_sure)
{
    struct held *grown =
        memory_grow(gate->held, &gate->capacity, gate->n_held + 1, sizeof *gate->held);
    struct view *view = &gate->views[result->domain];
    struct held *held;

    if (!grown)
        return false;
    gate->held = grown;
    held = &grown[gate->n_held++];
    results_move(&held->result, result);
    held->until_ms = clock_monotonic() + hold_ms(gate, result);
    held->failed = failed;
    held->is_sure = is_sure;
    view->is_held = true;
    view->held = failed;
    return true;
}

/* Whether failures there are dropped until something answers. */
static bool lasts_in(const struct gate *gate, struct failed_in failed)
{
    bool lasts = false;

    for (int i = 0; i < NETWORK_SCOPES; i++)
        lasts |= gate->faults.is_judged[i] && is_failed_in(failed, (enum network_scope)i);
    return lasts;
}

/* Returns false if the result cannot be held, or need not be. */
static bool hold_result(struct gate *gate, struct result *result, struct failed_in failed)
{
    size_t min_hosts = (size_t)gate->parts.config->local_network.min_hosts;

    if (number_hosts(gate) || (!lasts_in(gate, failed) && gate->n_hosts < min_hosts) ||
        !add_held(gate, result, failed, false))
        return false;
    if (result->check.start_ms < gate->began_ms)
        gate->began_ms = result->check.start_ms;
    return true;
}

/* How the check of a domain did in a scope. */
static enum suspicion_outcome outcome_in(const struct view *view, enum network_scope scope)
{
    const struct sighting *sighting = &view->sighting;

    if (view->state != VIEW_SEEN || view->outcome == HOST_UNSEEN)
        return HOST_UNSEEN;
    if (is_failed_in(view->failed, scope))
        return (enum suspicion_outcome)view->outcome;
    if (scope == SCOPE_NAMES)
        return sighting->looked_up && sighting->found ? HOST_ANSWERED : HOST_UNSEEN;
    return sighting->scope == scope && sighting->got_byte ? HOST_ANSWERED : HOST_UNSEEN;
}

/* A fault lasts until something answers. */
static void remember_answer(struct gate *gate, const struct check *check, const struct view *view)
{
    int64_t ms = check->start_ms + (check->latency_ms > 0 ? check->latency_ms : 0);

    for (int i = 0; i < NETWORK_SCOPES; i++) {
        int64_t *back_ms = &gate->back_ms[i];

        if (gate->faults.is_judged[i] && (*back_ms == 0 || ms < *back_ms) &&
            outcome_in(view, (enum network_scope)i) == HOST_ANSWERED)
            *back_ms = ms;
    }
}

void gate_take(struct gate *gate, struct result *result)
{
    struct failed_in failed = find_failed(result);
    const struct view *view = &gate->views[result->domain];
    enum suspicion_outcome outcome = HOST_KNOWN_FAULT;
    bool is_failure = failed.scope != SCOPE_NONE && !result->no_verdict;

    if (is_failure)
        outcome = was_well(gate, result->domain) ? HOST_FAILED : HOST_FAILS_ON;
    if (failed.scope == SCOPE_NONE)
        outcome = result->no_verdict ? HOST_UNSEEN : HOST_ANSWERED;
    add_view(gate, result, failed, outcome);
    remember_answer(gate, &result->check, view);
    if (is_failure && (outcome == HOST_FAILED || gate->is_first || lasts_in(gate, failed)) &&
        hold_result(gate, result, failed))
        return;

    /* The results of a domain keep their order. */
    if (!result->no_verdict && view->is_held && add_held(gate, result, view->held, true))
        return;
    gate->parts.exit.take(gate->parts.exit.context, result);
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
    host->network =
        view->sighting.scope == scope ? view->sighting.network : view->sighting.other_network;
    if (scope == SCOPE_NAMES)
        host->network = suspicion_network_of_name(host_name(&gate->parts.config->domains[domain]));
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

/* The decision about a result that failed in these scopes. */
static enum decision decide(const struct held *held,
                            const enum decision decisions[NETWORK_SCOPES + 1])
{
    static const enum decision order[] = {AT_FAULT, UNDECIDED, DROP};
    enum decision one = decisions[held->failed.scope], other = decisions[held->failed.other];

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (one == order[i] || other == order[i])
            return order[i];
    }
    return LET_THROUGH;
}

/* Whether a check began while its scope still had a fault. The first checks of a minute begin
 * together, and an answer to one of them may come later than the refusal of another one. */
static bool is_in_fault(const struct gate *gate, const struct held *held)
{
    int64_t until_ms = held->result.check.start_ms + (gate->is_first ? TOGETHER_MS : 0);
    bool is_in = false;

    for (int i = 0; i < NETWORK_SCOPES; i++)
        is_in |= until_ms < gate->back_ms[i] && is_failed_in(held->failed, (enum network_scope)i);
    return is_in;
}

/* Removes the results about which it is decided from those that are held: lets them through, or
 * drops them. decisions has a row for SCOPE_NONE. */
static void release(struct gate *gate, const enum decision decisions[NETWORK_SCOPES + 1])
{
    size_t n = gate->n_held;

    gate->n_held = 0;
    for (size_t i = 0; i < n; i++) {
        struct held *held = &gate->held[i];
        enum decision decision = decide(held, decisions);

        if (decision == UNDECIDED) {
            gate->held[gate->n_held++] = *held;
            continue;
        }
        gate->views[held->result.domain].is_held = false;
        if (held->is_sure || (decision != DROP && !is_in_fault(gate, held)))
            gate->parts.exit.take(gate->parts.exit.context, &held->result);
        results_free_result(&held->result);
    }
}

/* Before the end of the pass, lets results through if they cannot become suspect any more. */
static void release_clear(struct gate *gate)
{
    enum decision decisions[NETWORK_SCOPES + 1] = {[SCOPE_NONE] = LET_THROUGH};

    for (int i = 0; i < NETWORK_SCOPES; i++) {
        struct picture picture;

        if (gate->faults.is_judged[i])
            continue;
        picture = look_at(gate, (enum network_scope)i);
        if (!suspicion_is_possible(&picture.suspicion, picture.n_pending,
                                   &gate->parts.config->local_network))
            decisions[i] = picture.suspicion.answered > 0 ? AT_FAULT : LET_THROUGH;
    }
    release(gate, decisions);
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

/* Judges a scope, and records the begin or the end of its fault. */
static int judge_scope(struct gate *gate, enum network_scope scope, enum decision *decision,
                       struct error *error)
{
    struct picture picture = look_at(gate, scope);
    const struct suspicion *suspicion = &picture.suspicion;
    enum suspicion_witness witness =
        gate->witnesses ? witnesses_of(gate->witnesses, scope, &picture.answered_ms) : WITNESS_NONE;
    bool is_empty = is_deserted(gate, &picture, scope);
    bool lasts = gate->faults.is_judged[scope] && !is_empty;
    bool is_fault = suspicion_judge(suspicion, witness, lasts, &gate->parts.config->local_network);
    bool is_known = suspicion_is_known(suspicion);

    *decision = suspicion->answered > 0 || witness == WITNESS_ANSWERED ? AT_FAULT : LET_THROUGH;
    if (is_fault)
        *decision = DROP;
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
    enum decision decisions[NETWORK_SCOPES + 1] = {[SCOPE_NONE] = LET_THROUGH};
    int result = 0;

    for (int i = NETWORK_SCOPES - 1; i >= 0; i--) {
        struct error one;

        if (judge_scope(gate, (enum network_scope)i, &decisions[i], &one) && result == 0) {
            result = -1;
            *error = one;
        }
    }
    release(gate, decisions);
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
