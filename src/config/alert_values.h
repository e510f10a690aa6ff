#ifndef CONFIG_ALERT_VALUES_H
#define CONFIG_ALERT_VALUES_H

#include "config/config.h"
#include "config/keys.h"

/*
 * Kinds of values of an alert target. Whatever may be secret is not quoted in a mistake: only
 * words, names, times and durations are.
 */
extern const struct kind alert_values_text;      /* const char *: without control characters */
extern const struct kind alert_values_token;     /* const char *: also without spaces */
extern const struct kind alert_values_url;       /* const char *: http or https */
extern const struct kind alert_values_ping;      /* the same, to which a path can be added */
extern const struct kind alert_values_server;    /* const char *: smtp or smtps */
extern const struct kind alert_values_tls;       /* bool: whether TLS is optional */
extern const struct kind alert_values_address;   /* const char *: a mail address */
extern const struct kind alert_values_addresses; /* const char *const *, ends with NULL */
extern const struct kind alert_values_command;   /* the same */
extern const struct kind alert_values_headers;   /* headers of a struct alert_target */
extern const struct kind alert_values_kinds;     /* unsigned: enum alert_kind */
extern const struct kind alert_values_reminders; /* remind_ms of a struct alert_target */
extern const struct kind alert_values_scopes;    /* scopes of a struct alert_target */

/* Words for rows; end with NULL. */
extern const char *const alert_values_kind_words[], *const alert_values_tls_words[];

/* The kinds that a target is sent if it has no `on`. */
enum {
    ALERT_VALUES_ON =
        ALERT_DOWN | ALERT_UP | ALERT_CERTIFICATE | ALERT_LOCAL_NETWORK | ALERT_UNDELIVERED
};

#endif
