/* Holds doubtful results until it is clear whether our own network is at fault. */
#include "commands/gate.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "check/results.h"
#include "commands/network_faults.h"
#include "commands/pass.h"
#include "commands/witnesses.h"
#include "state/conditions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOLD_MS = 10 * MS_PER_SECOND,   /* after the timeout of a held result */
    TOGETHER_MS = MS_PER_SECOND / 2 /* in which checks began together */
};

/* What becomes of the failures in a scope. AT_FAULT: others got an answer there, so a host that
 * failed in it is at fault, whatever its other scope shows. */
enum decision { UNDECIDED, LET_THROUGH, DROP, AT_FAULT };

/* Whether an earlier result of a domain is held, and where its check failed. */
struct held_in {
    bool is_held;
    struct failed_in failed;
};

struct held {
    struct result result;
    int64_t until_ms; /* on the monotonic clock */
    struct failed_in failed;
    bool is_sure; /* it is held only because an earlier one of its domain is */
};

struct gate {
    struct gate_parts parts;
    struct network_faults faults;
    struct gate_pass pass;
    struct held_in *held_in; /* of each domain */
    struct held *held;
    size_t n_held, capacity;
    int64_t
        back_ms[NETWORK_SCOPES]; /* the first answer of the pass, if there was a fault; else 0 */
    bool is_first;               /* the pass is that of the minute */
    bool is_complete;            /* and has all domains that are due */
    bool is_new;                 /* something came since the last step */
    struct witnesses *witnesses;
};

struct gate *gate_new(const struct gate_parts *parts)
{
    struct gate *gate = calloc(1, sizeof *gate);
    size_t n = parts->config->n_domains;

    if (!gate)
        return NULL;
    gate->parts = *parts;
    gate->held_in = calloc(n ? n : 1, sizeof *gate->held_in);
    if (pass_init(&gate->pass, parts->config) == 0 && gate->held_in)
        return gate;
    gate_free(gate);
    return NULL;
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
    pass_free(&gate->pass);
    free(gate->held_in);
    free(gate->held);
    free(gate);
}

size_t gate_held(const struct gate *gate)
{
    return gate->n_held;
}

static void clear_pass(struct gate *gate)
{
    pass_clear(&gate->pass);
    memset(gate->held_in, 0, gate->parts.config->n_domains * sizeof *gate->held_in);
    memset(gate->back_ms, 0, sizeof gate->back_ms);
    gate->is_first = gate->is_complete = false;
}

void gate_begin_pass(struct gate *gate, const struct job *jobs, size_t n_jobs, int64_t now_ms,
                     bool all)
{
    if (n_jobs > 0 && !gate->faults.storage)
        network_faults_load(&gate->faults, gate->parts.config, gate->parts.storage, gate->parts.log,
                            gate->parts.causes);
    clear_pass(gate);
    pass_expect(&gate->pass, jobs, n_jobs, now_ms);
    gate->is_first = true;
    gate->is_complete = all;
    gate->pass.began_ms = INT64_MIN;
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
    struct held *held;

    if (!grown)
        return false;
    gate->held = grown;
    held = &grown[gate->n_held++];
    results_move(&held->result, result);
    held->until_ms = clock_monotonic() + hold_ms(gate, result);
    held->failed = failed;
    held->is_sure = is_sure;
    gate->held_in[result->domain] = (struct held_in){true, failed};
    return true;
}

/* Whether failures there are dropped until something answers. */
static bool lasts_in(const struct gate *gate, struct failed_in failed)
{
    bool lasts = false;

    for (int i = 0; i < NETWORK_SCOPES; i++)
        lasts |= gate->faults.is_judged[i] && pass_is_failed_in(failed, (enum network_scope)i);
    return lasts;
}

/* Returns false if the result cannot be held, or need not be. */
static bool hold_result(struct gate *gate, struct result *result, struct failed_in failed)
{
    size_t min_hosts = (size_t)gate->parts.config->local_network.min_hosts;

    if (pass_number_hosts(&gate->pass) ||
        (!lasts_in(gate, failed) && gate->pass.n_hosts < min_hosts) ||
        !add_held(gate, result, failed, false))
        return false;
    if (result->check.start_ms < gate->pass.began_ms)
        gate->pass.began_ms = result->check.start_ms;
    return true;
}

/* A fault lasts until something answers. */
static void remember_answer(struct gate *gate, size_t domain, const struct check *check)
{
    int64_t ms = check->start_ms + (check->latency_ms > 0 ? check->latency_ms : 0);

    for (int i = 0; i < NETWORK_SCOPES; i++) {
        int64_t *back_ms = &gate->back_ms[i];

        if (gate->faults.is_judged[i] && (*back_ms == 0 || ms < *back_ms) &&
            pass_outcome(&gate->pass, domain, (enum network_scope)i) == HOST_ANSWERED)
            *back_ms = ms;
    }
}

void gate_take(struct gate *gate, struct result *result)
{
    struct failed_in failed = pass_find_failed(result);
    const struct held_in *earlier = &gate->held_in[result->domain];
    enum suspicion_outcome outcome = HOST_KNOWN_FAULT;
    bool is_failure = failed.scope != SCOPE_NONE && !result->no_verdict;

    if (is_failure)
        outcome = was_well(gate, result->domain) ? HOST_FAILED : HOST_FAILS_ON;
    if (failed.scope == SCOPE_NONE)
        outcome = result->no_verdict ? HOST_UNSEEN : HOST_ANSWERED;
    pass_add(&gate->pass, result, failed, outcome);
    gate->is_new = true;
    remember_answer(gate, result->domain, &result->check);
    if (is_failure && (outcome == HOST_FAILED || gate->is_first || lasts_in(gate, failed)) &&
        hold_result(gate, result, failed))
        return;

    /* The results of a domain keep their order. */
    if (!result->no_verdict && earlier->is_held && add_held(gate, result, earlier->failed, true))
        return;
    gate->parts.exit.take(gate->parts.exit.context, result);
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
        is_in |=
            until_ms < gate->back_ms[i] && pass_is_failed_in(held->failed, (enum network_scope)i);
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
        gate->held_in[held->result.domain].is_held = false;
        if (held->is_sure || (decision != DROP && !is_in_fault(gate, held)))
            gate->parts.exit.take(gate->parts.exit.context, &held->result);
        results_free_result(&held->result);
    }
}

/* Finds the scopes in which a held result has failed. */
static void find_held(const struct gate *gate, bool is_held[NETWORK_SCOPES + 1])
{
    for (size_t i = 0; i < gate->n_held; i++)
        is_held[gate->held[i].failed.scope] = is_held[gate->held[i].failed.other] = true;
}

/* Before the end of the pass, lets results through if they cannot become suspect any more. */
static void release_clear(struct gate *gate)
{
    enum decision decisions[NETWORK_SCOPES + 1] = {[SCOPE_NONE] = LET_THROUGH};
    bool is_held[NETWORK_SCOPES + 1] = {false}, any = false;

    find_held(gate, is_held);
    for (int i = 0; i < NETWORK_SCOPES; i++) {
        struct picture picture;

        if (gate->faults.is_judged[i] || !is_held[i])
            continue;
        picture = pass_look_at(&gate->pass, (enum network_scope)i);
        if (!suspicion_is_possible(&picture.suspicion, picture.n_pending,
                                   &gate->parts.config->local_network))
            decisions[i] = picture.suspicion.answered > 0 ? AT_FAULT : LET_THROUGH;
        any |= decisions[i] != UNDECIDED;
    }
    if (any)
        release(gate, decisions);
}

/* Whether the pass is over. The hold of the first result ends it too. */
static bool is_over(const struct gate *gate, bool finished)
{
    if (finished || (gate->is_first && gate->pass.n_pending == 0))
        return true;
    return gate->n_held > 0 && clock_monotonic() >= gate->held[0].until_ms;
}

/* Whether there is anything to judge. */
static bool is_clear(const struct gate *gate)
{
    bool is_open = false;

    for (int i = 0; i < NETWORK_SCOPES; i++)
        is_open |= gate->faults.is_open[i];
    return gate->n_held == 0 && !is_open && !(gate->is_first && gate->pass.has_fault);
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
        struct picture picture = pass_look_at(&gate->pass, (enum network_scope)i);

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
           gate->pass.n_pending == 0 &&
           (scope == SCOPE_NAMES || !gate->faults.is_open[SCOPE_NAMES]);
}

/* Judges a scope, and records the begin or the end of its fault. */
static int judge_scope(struct gate *gate, enum network_scope scope, enum decision *decision,
                       struct error *error)
{
    struct picture picture = pass_look_at(&gate->pass, scope);
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
    if (is_clear(gate) || pass_number_hosts(&gate->pass)) {
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
