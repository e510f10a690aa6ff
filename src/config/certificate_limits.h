#ifndef CONFIG_CERTIFICATE_LIMITS_H
#define CONFIG_CERTIFICATE_LIMITS_H

#include "config/keys.h"

/* Kinds of the values that decide when a certificate is reported before it ends. */
extern const struct kind certificate_limits_rules; /* a struct domain: a mapping of both limits */
extern const struct kind certificate_limits_one;   /* a struct certificate_limit */

#endif
