#ifndef ALERT_HELPER_H
#define ALERT_HELPER_H

#include "base/error.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The helper process: it runs the commands of alert targets for a tick that is sandboxed and can
 * start no program. It is forked before that, with the list of commands of the configuration. The
 * tick can only choose one of them by its number and give it input.
 *
 * A command gets its input on standard input, and the environment variables PATH, HOME, USER,
 * LOGNAME, LANG, LC_ALL and TZ; no shell is used. A command ends with the helper, and the helper
 * with the tick, however that ends. What a command leaves in the background, as mail servers do,
 * goes on.
 *
 * Only one thread may use a helper at a time.
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

/* Forks the helper, if the configuration has commands; else *helper becomes NULL. Call it before
 * there are threads, and before sandbox_enter. Returns 0 or -1. */
int helper_start(const struct config *config, struct helper **helper, struct error *error);

/* Asks for a run of the command of the target with this index in config->alerts. The input is
 * copied. Up to 16 commands run at once; others wait. Returns 0; or -1, also if the helper has
 * ended. */
int helper_run(struct helper *helper, size_t target, uint32_t request, const char *input,
               size_t size, struct error *error);

/* A descriptor to poll for reading: helper_take has something to do. */
int helper_descriptor(const struct helper *helper);

/* Sends input that waits, and takes an answer. Answers come in any order. Returns 1, 0 (none yet),
 * or -1: the helper has ended, and no more answers will come. */
int helper_take(struct helper *helper, struct helper_answer *answer, struct error *error);

/* Ends the helper and the commands that still run: they get SIGTERM, and SIGKILL after 200 ms.
 * Returns within half a second. NULL is allowed. */
void helper_stop(struct helper *helper);

#endif
