#ifndef CONFIG_MONITOR_H
#define CONFIG_MONITOR_H

#include "config/keys.h"

/* Kinds of the mappings and lists of sites and domains, and what each is read into. */
extern const struct kind monitor_defaults; /* the loader's defaults */
extern const struct kind monitor_sites;    /* a struct config */
extern const struct kind monitor_domains;  /* a struct site, and the loader's domains */
extern const struct kind monitor_expect;   /* a struct domain */

/* Fills in the built-in defaults, from which `defaults` and each domain start. */
void monitor_fill_defaults(struct loader *loader);

#endif
