#ifndef CONFIG_DEPENDENCIES_H
#define CONFIG_DEPENDENCIES_H

#include "config/keys.h"

/* Monitors that other monitors depend on. */

extern const struct kind dependencies_monitor; /* struct domain */

/* Finds the monitors that are named, once all of them are read. Reports names
 * that no monitor has, and circles. */
void dependencies_resolve(struct loader *loader);

#endif
