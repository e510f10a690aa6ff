#ifndef CONFIG_PROXY_H
#define CONFIG_PROXY_H

#include "config/loader.h"

/* The URL of a proxy, read into a const struct proxy *; "~" is none. */
extern const struct kind proxy_url;

#endif
