#ifndef CONFIG_ALERT_CHECK_H
#define CONFIG_ALERT_CHECK_H

#include "config/mapping.h"

/* Reports keys of a target that contradict each other, and warns of those without an effect.
 * Completes the command of sendmail. */
void alert_check_keys(struct loader *loader, const struct mapping_values *values,
                      struct alert_target *target);

#endif
