#ifndef COMMANDS_CHECK_CERTIFICATES_H
#define COMMANDS_CHECK_CERTIFICATES_H

#include "check/runner.h"
#include "config/config.h"

#include <jansson.h>

/* The certificates that a check has verified, in the report of the command check. */

/* Prints them, one a line: those of the server of the domain's URL, then those of a server to which
 * a redirect led. */
void check_certificates_print(const struct domain *domain, const struct result *result);

/* The same as an array, with the names of status.json. NULL: out of memory. */
json_t *check_certificates_json(const struct domain *domain, const struct result *result);

#endif
