/* Asks the witnesses, by a runner of their own over a configuration that has only them. */
#include "commands/witnesses.h"

#include "base/clock.h"
#include "check/collector.h"

#include <stdlib.h>

enum {
    ASK_MS = 10 * MS_PER_SECOND, /* at most this long, also if in_flight lets few run at once */
    MAX_PER_HOST = 64,           /* all are asked at once */
};

/* How a witness is asked. */
enum way { OVER_IPV4, OVER_IPV6, BY_NAME, WAYS };

static const enum ip_version versions[WAYS] = {
    [OVER_IPV4] = IP_4, [OVER_IPV6] = IP_6, [BY_NAME] = IP_ANY};

static const enum way way_of[NETWORK_SCOPES] = {[SCOPE_IPV4_PUBLIC] = OVER_IPV4,
                                                [SCOPE_IPV4_PRIVATE] = OVER_IPV4,
                                                [SCOPE_IPV6_PUBLIC] = OVER_IPV6,
                                                [SCOPE_IPV6_PRIVATE] = OVER_IPV6,
                                                [SCOPE_NAMES] = BY_NAME};

struct witnesses {
    struct config config; /* of the requests; its texts are those of the real one */
    struct domain *domains;
    enum way *ways; /* of each domain */
    struct collector *collector;
    struct collector_sink sink;
    int64_t end_ms; /* on the monotonic clock */
    bool is_stopped;
    enum suspicion_witness found[WAYS];
    int64_t answered_ms[WAYS];
};

/* What a result shows about the way. A witness without an address of that IP version, or without a
 * name, shows nothing. */
static enum suspicion_witness judge_result(enum way way, const struct sighting *sighting)
{
    bool is_tried = sighting->looked_up, answered = sighting->found;

    if (way != BY_NAME) {
        is_tried = sighting->scope != SCOPE_NONE && way_of[sighting->scope] == way;
        answered = sighting->got_byte;
    }
    if (!is_tried)
        return WITNESS_NONE;
    return answered ? WITNESS_ANSWERED : WITNESS_SILENT;
}

static void take_result(void *context, struct result *result)
{
    struct witnesses *witnesses = context;
    enum way way = witnesses->ways[result->domain];
    enum suspicion_witness shown = judge_result(way, &result->sighting);
    int64_t *first_ms = &witnesses->answered_ms[way];

    if (shown == WITNESS_ANSWERED && (*first_ms == 0 || result->check.start_ms < *first_ms))
        *first_ms = result->check.start_ms;
    if (shown != WITNESS_NONE && witnesses->found[way] != WITNESS_ANSWERED)
        witnesses->found[way] = shown;
}

/* Adds all witnesses for each way that is suspect. */
static void add_domains(struct witnesses *witnesses, const struct local_network *rules,
                        const bool asks[WAYS])
{
    for (int way = 0; way < WAYS; way++) {
        for (size_t i = 0; asks[way] && i < rules->n_witnesses; i++) {
            size_t at = witnesses->config.n_domains++;
            struct domain *domain = &witnesses->domains[at];

            *domain = rules->witnesses[i];
            domain->ip_version = versions[way];
            domain->retries = 0;
            domain->site = 0;
            domain->secrets = witnesses->config.secrets;
            witnesses->ways[at] = (enum way)way;
        }
    }
}

static int start(struct witnesses *witnesses, struct error *error)
{
    size_t n = witnesses->config.n_domains;
    struct job *jobs = calloc(n, sizeof *jobs);
    int64_t now = clock_now();

    if (!jobs)
        return error_set(error, EXIT_IO, "tick: out of memory while asking the witnesses");
    for (size_t i = 0; i < n; i++)
        jobs[i] = (struct job){.domain = i, .start_ms = now};
    witnesses->sink = (struct collector_sink){witnesses, take_result, NULL};
    witnesses->end_ms = clock_monotonic() + ASK_MS;
    witnesses->collector = collector_start(&witnesses->config, jobs, n, &witnesses->sink, error);
    free(jobs);
    return witnesses->collector ? 0 : -1;
}

struct witnesses *witnesses_ask(const struct config *config, const bool suspects[NETWORK_SCOPES],
                                struct error *error)
{
    const struct local_network *rules = &config->local_network;
    struct witnesses *witnesses = calloc(1, sizeof *witnesses);
    bool asks[WAYS] = {false};

    for (int scope = 0; scope < NETWORK_SCOPES; scope++)
        asks[way_of[scope]] |= suspects[scope];
    if (witnesses) {
        witnesses->domains = calloc(rules->n_witnesses * WAYS, sizeof *witnesses->domains);
        witnesses->ways = calloc(rules->n_witnesses * WAYS, sizeof *witnesses->ways);
    }
    if (!witnesses || !witnesses->domains || !witnesses->ways) {
        error_set(error, EXIT_IO, "tick: out of memory while asking the witnesses");
        witnesses_free(witnesses);
        return NULL;
    }
    witnesses->config = *config;
    witnesses->config.domains = witnesses->domains;
    witnesses->config.n_domains = 0;
    witnesses->config.workers = 1;
    witnesses->config.max_per_host = MAX_PER_HOST;
    add_domains(witnesses, rules, asks);
    if (start(witnesses, error)) {
        witnesses_free(witnesses);
        return NULL;
    }
    return witnesses;
}

bool witnesses_step(struct witnesses *witnesses)
{
    struct error error;
    bool finished;

    if (!witnesses->is_stopped && clock_monotonic() >= witnesses->end_ms) {
        witnesses->is_stopped = true;
        collector_stop(witnesses->collector);
    }
    collector_step(witnesses->collector, &finished, &error);
    return finished;
}

enum suspicion_witness witnesses_of(const struct witnesses *witnesses, enum network_scope scope,
                                    int64_t *answered_ms)
{
    enum way way = way_of[scope];

    if (witnesses->found[way] == WITNESS_ANSWERED)
        *answered_ms = witnesses->answered_ms[way];
    return witnesses->found[way];
}

void witnesses_free(struct witnesses *witnesses)
{
    if (!witnesses)
        return;
    collector_free(witnesses->collector);
    free(witnesses->domains);
    free(witnesses->ways);
    free(witnesses);
}
