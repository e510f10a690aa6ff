#ifndef CONFIG_MONITOR_H
#define CONFIG_MONITOR_H

#include "config/keys.h"

/* Kinds of the mappings and lists of sites and domains, and what each is read into. */
extern const struct kind monitor_defaults; /* the loader's defaults */
extern const struct kind monitor_sites;    /* the loader's list of sites */
extern const struct kind monitor_domains;  /* a struct site, and the loader's domains */
extern const struct kind monitor_expect;   /* a struct domain */

/*
 * Reads the loader's list of sites, which has those of all files, into the configuration. root, and
 * the values of `sites` and `include` in it (NULL: it has none), are those of the main file:
 * reports there that there is no site at all.
 */
void monitor_read_sites(struct loader *loader, struct node *root, struct node *main_sites,
                        struct node *include);

/* Fills in the built-in defaults, from which `defaults` and each domain start. */
void monitor_fill_defaults(struct loader *loader);

#endif
