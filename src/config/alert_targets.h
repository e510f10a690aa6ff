#ifndef CONFIG_ALERT_TARGETS_H
#define CONFIG_ALERT_TARGETS_H

#include "config/keys.h"

/* The targets of alerts. */

extern const struct kind alert_targets_list; /* the loader's alerts */

/* Reads the loader's alerts into the configuration, once all sites are read. If the file has no
 * key `alerts`, there is one target that prints. */
void alert_targets_read(struct loader *loader);

/* The words of enum alert_type and enum alert_format, for rows; end with NULL. */
extern const char *const alert_targets_types[], *const alert_targets_formats[];

#endif
