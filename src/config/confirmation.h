#ifndef CONFIG_CONFIRMATION_H
#define CONFIG_CONFIRMATION_H

#include "config/mapping.h"

/* How outages are confirmed. Each is read into a struct domain. */
extern const struct kind confirmation_rules;    /* a mapping of keys_confirm */
extern const struct kind confirmation_rechecks; /* its list of seconds */

/* Fills in the defaults that are lists. */
void confirmation_fill(struct domain *domain);

/* Warns if a mapping, of a domain or `defaults`, adds `retries` to `confirm`, or the reverse. */
void confirmation_check(struct loader *loader, const struct mapping_values *values,
                        const struct domain *domain);

#endif
