#ifndef COMMANDS_BUILDS_H
#define COMMANDS_BUILDS_H

#include "commands/minute.h"
#include "commands/step_log.h"
#include "records/journal.h"

/* The builds of the dashboard in a tick. */
struct builds {
    const struct config *config;
    struct step_log *steps;
    bool is_due_at_end;         /* the last results are shown, however soon after others */
    bool no_public;             /* public_dir could not be created */
    struct error why_no_public; /* if no_public: why */
};

/* Creates public_dir. If that fails, the build reports it: checks are made without it too. */
void builds_make_folder(struct builds *builds);

/*
 * Counts the days that are over, and builds the dashboard if a build is due. At its end, a tick
 * that has built it before, or that has made rechecks (is_due_at_end), builds it however soon that
 * is: otherwise its last checks would not be shown until the next tick.
 */
void builds_if_due(struct builds *builds, struct journal *journal, const struct minute *minute,
                   bool at_end);

#endif
