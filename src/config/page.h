#ifndef CONFIG_PAGE_H
#define CONFIG_PAGE_H

#include "config/keys.h"

/* Kinds of what the pages of the dashboard look like. */
extern const struct kind page_language; /* const char *: one for which there are words */

#endif
