#ifndef CONFIG_ALERT_SECRETS_H
#define CONFIG_ALERT_SECRETS_H

#include "config/loader.h"

/* Add what must not be shown of a target, or of ping_url, to the secrets of the configuration. */
void alert_secrets_add(struct loader *loader, const struct alert_target *target);
void alert_secrets_add_ping(struct loader *loader);

#endif
