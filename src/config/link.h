#ifndef CONFIG_LINK_H
#define CONFIG_LINK_H

#include "config/keys.h"

/* Kinds of the links shown on pages. */
extern const struct kind link_list; /* links and n_links of a struct config */
extern const struct kind link_url;  /* url and relative of a struct link */

#endif
