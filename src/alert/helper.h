#ifndef ALERT_HELPER_H
#define ALERT_HELPER_H

#include "base/error.h"
#include "config/config.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * The helper process: it runs the commands of alert targets for a tick that is sandboxed and can
 * start no program. It is forked before that, with the list of commands of the configuration. The
 * tick can only choose one of them by its number and give it input.
 */
struct helper;

enum { HELPER_OUTPUT_MAX = 1024, HELPER_INPUT_MAX = 1 << 20, HELPER_SECONDS = 10 };

/* What became of a command. */
struct helper_answer {
    uint32_t request; /* the number that the caller gave */
    int status;       /* exit status; 128 + the signal that ended it; -1: it could not be started */
    bool is_late;     /* it was killed after HELPER_SECONDS */
    char output[HELPER_OUTPUT_MAX]; /* standard output and standard error, cut */
};

/* Forks the helper, if the configuration has commands. *helper NULL: it has none. Call it before
 * there are threads. Returns 0 or -1. */
int helper_start(const struct config *config, struct helper **helper, struct error *error);

/* Asks for a run of the command of the target with this index in config->alerts. Returns 0 or -1.
 * The input is copied. */
int helper_run(struct helper *helper, size_t target, uint32_t request, const char *input,
               size_t size, struct error *error);

/* A descriptor that is readable when an answer is there; and takes one: 1, 0 (none yet), or -1. */
int helper_descriptor(const struct helper *helper);
int helper_take(struct helper *helper, struct helper_answer *answer, struct error *error);

/* Ends the helper, with the commands that still run. NULL is allowed. */
void helper_stop(struct helper *helper);

#endif
