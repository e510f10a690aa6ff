#ifndef CHECK_CHAIN_STORE_H
#define CHECK_CHAIN_STORE_H

#include "base/secrets.h"
#include "model/chain.h"

#include <openssl/x509.h>

/* The chains that the checks of a tick have seen. Texts are made only for a new one: of 10,000
 * checks of a server, only the first one makes them. */
struct chain_store;

/* Returns NULL if out of memory. */
struct chain_store *chain_store_new(void);

/* NULL is allowed. Chains with other holders stay. */
void chain_store_free(struct chain_store *store);

/*
 * Returns the chain that OpenSSL has just verified, for the caller to release. server is that
 * of struct chain. secrets are hidden in its names. Returns NULL if out of memory, or if its
 * dates cannot be read: then it is not kept, and the check goes on. Any thread may call this.
 */
struct chain *chain_store_get(struct chain_store *store, X509_STORE_CTX *verified,
                              const char *server, const struct secrets *secrets);

#endif
