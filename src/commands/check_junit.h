#ifndef COMMANDS_CHECK_JUNIT_H
#define COMMANDS_CHECK_JUNIT_H

#include "commands/check_report.h"

/*
 * Writes the report to path in the JUnit format of CI servers: a suite for each site, a case for
 * each domain. An existing file is replaced, completely or not at all. Returns 0 or -1.
 */
int check_junit_write(const struct report *report, const char *path, struct error *error);

#endif
