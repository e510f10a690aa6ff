#ifndef COMMANDS_GATE_H
#define COMMANDS_GATE_H

#include "base/log.h"
#include "check/runner.h"
#include "commands/fault_log.h"
#include "state/storage.h"

/*
 * Lets results through to be staged, unless they may show a fault of our own network
 * (suspicion.h). Failures before any byte of a response are doubtful. They are held in memory until
 * the pass ends: until the checks that were due when the minute began have ended, but for at most
 * ten seconds after their timeout. All other results are let through at once, and so are doubtful
 * ones as soon as too few hosts can fail for a suspicion. Then each scope is judged once: its
 * results are let through in their order, or dropped. A dropped result was never recorded, so its
 * domain is due again in the next tick.
 *
 * A failure counts for the suspicion only if its domain was well at its last check: it has no open
 * outage, or it is recovering from one.
 *
 * Results that come after the pass are rechecks, and later checks of domains with short intervals.
 * A failure of a domain that was well is held then too, and begins a pass of its own: the checks
 * that started since then. That pass ends ten seconds after its timeout. Failures of other domains
 * are let through, unless their scope has a local fault.
 *
 * If a fault ends, failures of checks that began before the first answer are dropped too.
 *
 * A host that failed over both IP versions failed in the scopes of both. Its failure is let through
 * if one of them works: others were answered there, and it has no local fault. Otherwise it is
 * dropped if one of them has a local fault.
 *
 * What is held is lost with the gate, like checks in flight. If there is no memory to hold a
 * result, it is let through.
 */
struct gate;

/* Receives a result that is let through. It is valid only during the call. */
struct gate_exit {
    void *context;
    void (*take)(void *context, const struct result *result);
};

struct gate_parts {
    const struct config *config;
    struct storage *storage;
    const struct log *log;
    struct fault_log *causes; /* does not report what the gate reports */
    struct gate_exit exit;
};

/* The parts must outlive the gate. Returns NULL if out of memory. */
struct gate *gate_new(const struct gate_parts *parts);

/* Begins the pass of a minute that began at now_ms with these jobs. all: no domain that is due is
 * missing. gate_end_pass has ended the one before it. */
void gate_begin_pass(struct gate *gate, const struct job *jobs, size_t n_jobs, int64_t now_ms,
                     bool all);

/* Takes a result: lets it through, or moves it to those that are held (results_move). */
void gate_take(struct gate *gate, struct result *result);

/*
 * Judges what can be judged, and lets results through or drops them. finished: no more results
 * will come for now. Returns whether results are still held: witnesses have been asked. The caller
 * then calls this again; it waits for a quarter of a second. Errors are those of recording an
 * event: they are added to *error, and *failed is set.
 */
bool gate_step(struct gate *gate, bool finished, bool *failed, struct error *error);

/* Judges all that is held now, without more results. Returns 0, or -1 with the error. */
int gate_end_pass(struct gate *gate, struct error *error);

/* The number of results that are held. */
size_t gate_held(const struct gate *gate);

/* NULL is allowed. */
void gate_free(struct gate *gate);

#endif
