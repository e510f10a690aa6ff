#ifndef STATE_CERTIFICATE_EVENTS_H
#define STATE_CERTIFICATE_EVENTS_H

#include "base/table.h"
#include "model/chain.h"
#include "model/event.h"
#include "model/expiry_notice.h"
#include "state/storage.h"

/* The events about certificates that end soon, for certificates.c. */

/* A certificate of a server; more exactly, a verified chain. */
struct certificate_leaf {
    struct certificate_leaf *next;
    char id[CHAIN_HASH_MAX], fingerprint[CHAIN_HASH_MAX];
    int64_t from_ms, until_ms; /* of the certificate that ends first */
    int64_t seen_ms;           /* a check that saw it, as it is stored */
    int64_t unseen, longest;   /* rounds (expiry_notice.h) */
    bool is_seen;              /* in this round */
    struct chain *chain;       /* if it is not stored yet */
};

/* A domain whose URL has the server. */
struct certificate_user {
    struct certificate_user *next;
    const struct domain *domain;
};

struct certificate_server {
    struct certificate_server *next;
    struct certificate_leaf *leaves;
    size_t n_leaves;
    struct certificate_user *users;
    const struct domain *via; /* its check was redirected there; NULL: none, or not configured */
    char via_name[CONFIG_MONITOR_MAX];
    bool is_via_new;    /* it is not stored */
    bool is_checked;    /* in this round */
    bool has_changed;   /* in this round: which certificates are in use */
    int64_t checked_ms; /* start of the last check in this round */
    const char *scope;
};

/* An event to come. */
struct certificate_event {
    enum event_change change;
    enum event_state state;
    int64_t began_ms;
    const struct certificate_leaf *leaf; /* what it is about; NULL: it closes the condition */
};

/* Whether any condition is known to be open. */
bool certificate_events_are_open(const struct storage *storage);

/* Finds what the last checks of a server change. *found is set if *has_event. After a condition
 * that closes, there may be one that opens. */
int certificate_events_find(struct storage *storage, const struct certificate_server *server,
                            struct certificate_event *found, bool *has_event, struct error *error);

/* Stages the event, within an open transaction. */
int certificate_events_record(struct storage *storage, const struct certificate_server *server,
                              const struct certificate_event *found, struct error *error);

/* Finds an open condition of a server that is not in the table, or has neither users nor
 * certificates. Copies its scope and returns 1; 0: there is none. */
int certificate_events_next(const struct storage *storage, const struct table *servers,
                            char scope[EVENT_SCOPE_MAX], struct error *error);

/* Closes the condition of a server that no domain uses. */
int certificate_events_remove(struct storage *storage, const char *scope, int64_t now_ms,
                              struct error *error);

#endif
