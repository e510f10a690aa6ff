#ifndef CONFIG_WITNESS_URLS_H
#define CONFIG_WITNESS_URLS_H

#include "config/keys.h"

/* Kinds of the values that decide when failures are those of our own network, each read into a
 * struct config. */
extern const struct kind witness_urls_rules; /* a mapping of keys_local_network */
extern const struct kind witness_urls_list;  /* its list of witnesses */

#endif
