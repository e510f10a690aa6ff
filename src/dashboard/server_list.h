#ifndef DASHBOARD_SERVER_LIST_H
#define DASHBOARD_SERVER_LIST_H

#include "base/arena.h"
#include "base/error.h"
#include "config/config.h"
#include "model/chain.h"
#include "model/expiry_notice.h"
#include "state/storage.h"

#include <stddef.h>

/* The servers with known certificates, as the dashboard shows them. */

/* A domain that leads to a server. */
struct server_user {
    struct server_user *next;
    size_t domain; /* index in the configuration */
};

/* One server, with the certificate that needs attention first. */
struct listed_server {
    struct listed_server *next, *next_via; /* while the list is made */
    const char *scope;                     /* "host:port" (server_scope.h) */
    int64_t from_ms, until_ms;             /* of the certificate of the chain that ends first */
    enum expiry_level level;               /* at the moment of the snapshot */
    const char *chain;                     /* the text of chain.h */
    struct server_user *users;             /* in the order of the configuration */
    struct certificate_choice *choices;    /* while the list is made */
};

/* All servers that domains lead to: those with the highest level first; of these, the one whose
 * certificate ends first. */
struct server_list {
    struct listed_server **all;
    size_t n, n_warned;               /* those with a level are at the front */
    struct listed_server **of_domain; /* one for each domain; NULL: unknown. The array is NULL if
                                         nothing is known of any */
};

/* Reads the list as of at_ms. The memory is that of the arena. Returns 0 or -1. */
int server_list_read(struct server_list *list, struct arena *arena, struct storage *storage,
                     const struct config *config, int64_t at_ms, struct error *error);

/* The server of a domain; NULL: unknown. */
const struct listed_server *server_list_of(const struct server_list *list, size_t domain);

#endif
