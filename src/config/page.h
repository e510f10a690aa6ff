#ifndef CONFIG_PAGE_H
#define CONFIG_PAGE_H

#include "config/keys.h"

/* Kinds of values for the look of the pages. */
extern const struct kind page_links;      /* links and n_links of a struct config */
extern const struct kind page_link_url;   /* url and relative of a struct link */
extern const struct kind page_language;   /* const char *: one that has messages */
extern const struct kind page_public_url; /* const char *: with "/" at its end */
extern const struct kind page_colour;     /* const char *: "#1a2b3c" */

#endif
