#ifndef STATE_CERTIFICATE_TABLE_H
#define STATE_CERTIFICATE_TABLE_H

#include "model/chain.h"
#include "model/event.h"
#include "state/storage.h"

struct certificate_leaf;
struct certificate_server;

/* Table certificate: the certificates that servers use, for the pages and for certificates.h. */

/* A row. Texts are valid until the next one is read. */
struct certificate_row {
    char scope[EVENT_SCOPE_MAX], via[CONFIG_MONITOR_MAX];
    char id[CHAIN_HASH_MAX];
    int64_t from_ms, until_ms; /* of the certificate that ends first */
    int64_t seen_ms, unseen, longest;
    char chain[CHAIN_TEXT_MAX]; /* the text of chain.h */
};

/* Calls each for all of them, those of a server together, the one that ends first at the front.
 * Stops as soon as each returns non-zero, and returns that. */
typedef int certificate_table_each_one(void *context, const struct certificate_row *row,
                                       struct error *error);
int certificate_table_each(struct storage *storage, certificate_table_each_one *each, void *context,
                           struct error *error);

/* The same, faster: of the chain, only its fingerprint; those of a server in any order. */
int certificate_table_each_known(struct storage *storage, certificate_table_each_one *each,
                                 void *context, struct error *error);

/* Within an open transaction: stores a certificate with its chain; what has changed of one that is
 * stored; or deletes it. */
int certificate_table_put(struct storage *storage, const struct certificate_server *server,
                          const struct certificate_leaf *leaf, struct error *error);
int certificate_table_update(struct storage *storage, const struct certificate_server *server,
                             const struct certificate_leaf *leaf, struct error *error);
int certificate_table_delete(struct storage *storage, const struct certificate_server *server,
                             const struct certificate_leaf *leaf, struct error *error);

/* Deletes those that were not valid at this moment yet, and takes those that were seen since then
 * as in use. For a state that shows the past; it must not be settled any more. */
int certificate_table_go_back(struct storage *storage, int64_t at_ms, struct error *error);

#endif
