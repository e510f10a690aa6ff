#ifndef COMMANDS_CHECK_REPORT_H
#define COMMANDS_CHECK_REPORT_H

#include "base/error.h"
#include "check/runner.h"
#include "config/config.h"
#include "model/scheduler.h"

#include <stddef.h>

/* The results of the command check, and how they are printed. */

struct report {
    const struct config *config;
    struct job *jobs;       /* one a check, ordered by domain, so those of a site are neighbours */
    struct result *results; /* of these jobs; no_verdict: the check is not finished */
    size_t n_checks;
    bool verbose;       /* the table has the codes of failures and the certificates too */
    enum status *sites; /* of each site of the configuration, from these checks alone */
};

/* One past the last check of the site that check `first` belongs to. */
size_t check_report_site_end(const struct report *report, size_t first);

/* Prints a table to standard output: times in milliseconds, and a line with the failure below each
 * check that is not UP. */
void check_report_table(const struct report *report);

/* Prints JSON with the names of status.json to standard output. Returns 0 or -1. */
int check_report_json(const struct report *report, struct error *error);

/*
 * Writes the report to path in the JUnit format of CI servers: a suite for each site, a case for
 * each domain. An existing file is replaced, completely or not at all. Returns 0 or -1.
 */
int check_report_junit(const struct report *report, const char *path, struct error *error);

#endif
