#ifndef CONFIG_MONITOR_H
#define CONFIG_MONITOR_H

#include "config/keys.h"

/* Kinds of the mappings and lists that hold sites and domains. */
extern const struct kind monitor_defaults; /* of the top: into the reader's defaults */
extern const struct kind monitor_sites;    /* of the top: into a struct config */
extern const struct kind monitor_domains;  /* of a site: into a struct site and the reader */
extern const struct kind monitor_expect;   /* of a domain: into a struct domain */

/* Fills in the defaults of the program, from which `defaults` and each domain start. */
void monitor_fill_defaults(struct loader *loader);

#endif
