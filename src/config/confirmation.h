#ifndef CONFIG_CONFIRMATION_H
#define CONFIG_CONFIRMATION_H

#include "config/keys.h"

struct domain;

/* How outages are confirmed. Each is read into a struct domain. */
extern const struct kind confirmation_rules;    /* a mapping of keys_confirm */
extern const struct kind confirmation_rechecks; /* its list of seconds */

/* Fills in the defaults that are lists. */
void confirmation_fill(struct domain *domain);

#endif
