#ifndef COMMANDS_PASS_H
#define COMMANDS_PASS_H

#include "check/runner.h"
#include "model/suspicion.h"

/*
 * What the checks of a pass (gate.h) have seen of the network: by domain, and then by host and
 * scope. Each domain counts with its last check, each host with the worst outcome of its domains.
 */

/* Where a check failed before any byte of a response: in up to two scopes, because a host that
 * fails over both IP versions fails in those of both. SCOPE_NONE: in none. */
struct failed_in {
    uint8_t scope, other; /* enum network_scope */
};

/* A scope, as the checks so far show it. */
struct picture {
    struct suspicion suspicion;
    size_t n_pending;    /* hosts that may still be added */
    int64_t failed_ms;   /* start of the first check that failed, */
    int64_t answered_ms; /* and of the first one that was answered; INT64_MAX: none */
};

struct gate_pass {
    const struct config *config;
    struct pass_view *views; /* of each domain */
    size_t *host_of;         /* of each domain; NULL: not needed yet */
    struct pass_host *hosts;
    size_t n_hosts;
    int64_t began_ms; /* checks that began earlier do not count */
    size_t n_pending; /* domains whose result may still come */
    bool has_fault;   /* a known fault was seen */
};

/* Begins without checks. config must outlive the pass. Returns 0, or -1 if out of memory. */
int pass_init(struct gate_pass *pass, const struct config *config);
void pass_free(struct gate_pass *pass);

/* Forgets all checks. began_ms is after all of them then. */
void pass_clear(struct gate_pass *pass);

/* The results of the jobs that start until now_ms are expected. */
void pass_expect(struct gate_pass *pass, const struct job *jobs, size_t n_jobs, int64_t now_ms);

/* Where this check failed. */
struct failed_in pass_find_failed(const struct result *result);
bool pass_is_failed_in(struct failed_in failed, enum network_scope scope);

/* Adds a check, which has this outcome where it failed; HOST_ANSWERED if it did not fail. */
void pass_add(struct gate_pass *pass, const struct result *result, struct failed_in failed,
              enum suspicion_outcome outcome);

/* How the last check of a domain did in a scope. */
enum suspicion_outcome pass_outcome(const struct gate_pass *pass, size_t domain,
                                    enum network_scope scope);

/* Numbers the hosts of the configuration, once. Returns 0, or -1 if out of memory. */
int pass_number_hosts(struct gate_pass *pass);

/* Makes the picture of a scope. The hosts are numbered. */
struct picture pass_look_at(struct gate_pass *pass, enum network_scope scope);

#endif
