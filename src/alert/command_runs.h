#ifndef ALERT_COMMAND_RUNS_H
#define ALERT_COMMAND_RUNS_H

#include "alert/helper.h"
#include "alert/outbox.h"

/* The deliveries to commands: the helper process runs them, one at a time for each target. */
struct command_runs {
    const struct config *config;
    struct helper *helper;
    struct outbox *outboxes; /* of all targets */
    size_t n_outboxes;
    struct delivery *deliveries;
    struct running *runs; /* one for each outbox */
    size_t n_running;
    int64_t begun_ms; /* on the monotonic clock */
};

/* The caller has set the members above runs. Returns 0, or -1 if out of memory. command_runs_close
 * frees it in any case. */
int command_runs_open(struct command_runs *runs);
void command_runs_close(struct command_runs *runs);

/* Begins what may begin, and takes the answers that are there. Does not wait. */
void command_runs_step(struct command_runs *runs);

/* Gives up the commands that still run. Those that had enough time have failed; the others count as
 * not tried. */
void command_runs_end(struct command_runs *runs);

#endif
