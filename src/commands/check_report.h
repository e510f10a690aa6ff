#ifndef COMMANDS_CHECK_REPORT_H
#define COMMANDS_CHECK_REPORT_H

#include "base/error.h"
#include "check/runner.h"
#include "config/config.h"

#include <stddef.h>

/* What the command check found, and the forms in which it tells it. */

/* One check. Its result has no_verdict where it was not made to its end. */
struct checked {
    size_t domain; /* index into config.domains */
    struct result result;
};

struct report {
    const struct config *config;
    struct checked *checks; /* by ascending domain, so that a site's stand together */
    size_t n_checks;
    enum status *sites; /* one a site of the configuration, over these checks alone */
};

/* One past the last check of the site to which check `first` belongs. */
size_t check_report_site_end(const struct report *report, size_t first);

/* A table for the terminal, times in ms, and below each check that is not UP what failed. */
void check_report_table(const struct report *report);

/* The same for programs, in the words of status.json. Returns 0, or -1 where memory runs out. */
int check_report_json(const struct report *report, struct error *error);

/*
 * A file in the JUnit format, for CI: a suite a site, a case a domain. A file of that name is
 * replaced by a whole one or not at all. Returns 0 or -1.
 */
int check_report_junit(const struct report *report, const char *path, struct error *error);

#endif
