/* Keeps the chains that checks have seen, each of them once. */
#include "check/chain_store.h"

#include "base/table.h"
#include "base/text.h"
#include "check/certificate.h"
#include "model/event.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { SHA_1 = 20, KEY_MAX = 2 * SHA_1 * CHAIN_LINKS_MAX + EVENT_SCOPE_MAX };

struct stored_chain {
    SLIST_ENTRY(stored_chain) next;
    struct chain *chain;
    char key[];
};

struct chain_store {
    pthread_mutex_t mutex;
    struct table by_key;
    SLIST_HEAD(stored_chains, stored_chain) all;
};

struct chain_store *chain_store_new(void)
{
    struct chain_store *store = calloc(1, sizeof *store);

    if (store)
        pthread_mutex_init(&store->mutex, NULL);
    return store;
}

void chain_store_free(struct chain_store *store)
{
    struct stored_chain *stored;

    if (!store)
        return;
    while ((stored = SLIST_FIRST(&store->all))) {
        SLIST_REMOVE_HEAD(&store->all, next);
        chain_release(stored->chain);
        free(stored);
    }
    table_free(&store->by_key);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

static size_t write_hex(char *into, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        into[2 * i] = digits[bytes[i] >> 4];
        into[2 * i + 1] = digits[bytes[i] & 15];
    }
    into[2 * size] = '\0';
    return 2 * size;
}

/*
 * Writes the hashes of the chain, and the server. OpenSSL has computed the SHA-1 of each
 * certificate already. Somebody who can make two certificates with the same one can only confuse
 * the report about their own server.
 */
static int write_key(X509_STORE_CTX *verified, const char *server, char key[KEY_MAX])
{
    const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(verified);
    int n = certificate_count(verified);
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t used = 0;

    for (int i = 0; i < n && i < CHAIN_LINKS_MAX; i++) {
        unsigned size = 0;

        if (!X509_digest(sk_X509_value(chain, i), EVP_sha1(), hash, &size) || size != SHA_1)
            return -1;
        used += write_hex(key + used, hash, SHA_1);
    }
    snprintf(key + used, KEY_MAX - used, "%s", server ? server : "");
    return 0;
}

/* The id of a chain follows from the certificates alone. */
static int write_id(const char *key, const char *server, char id[CHAIN_HASH_MAX])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t size = strlen(key) - (server ? strlen(server) : 0);
    unsigned n = 0;

    if (!EVP_Digest(key, size, hash, &n, EVP_sha256(), NULL))
        return -1;
    write_hex(id, hash, n);
    return 0;
}

static void hide_secrets(const struct secrets *secrets, char name[CHAIN_NAME_MAX])
{
    secrets_hide(secrets, name, CHAIN_NAME_MAX);
    text_clean(name);
}

static struct chain *make_chain(const char *key, X509_STORE_CTX *verified, const char *server,
                                const struct secrets *secrets)
{
    struct chain_facts facts;
    char id[CHAIN_HASH_MAX];

    if (certificate_describe(verified, &facts) || write_id(key, server, id))
        return NULL;
    for (size_t i = 0; i < facts.n; i++) {
        hide_secrets(secrets, facts.links[i].subject);
        hide_secrets(secrets, facts.links[i].issuer);
    }
    return chain_new(id, server, &facts);
}

/* Makes the chain and adds it. NULL: out of memory. */
static struct chain *add_chain(struct chain_store *store, const char *key, X509_STORE_CTX *verified,
                               const char *server, const struct secrets *secrets)
{
    size_t size = strlen(key) + 1;
    struct stored_chain *stored = malloc(sizeof *stored + size);

    if (!stored)
        return NULL;
    memcpy(stored->key, key, size);
    stored->chain = make_chain(key, verified, server, secrets);
    if (!stored->chain || table_set(&store->by_key, stored->key, stored)) {
        chain_release(stored->chain);
        free(stored);
        return NULL;
    }
    SLIST_INSERT_HEAD(&store->all, stored, next);
    return stored->chain;
}

struct chain *chain_store_get(struct chain_store *store, X509_STORE_CTX *verified,
                              const char *server, const struct secrets *secrets)
{
    struct stored_chain *stored;
    struct chain *chain = NULL;
    char key[KEY_MAX];

    /* What fails here must not look like an error of the handshake. */
    ERR_set_mark();
    if (write_key(verified, server, key) == 0) {
        pthread_mutex_lock(&store->mutex);
        stored = table_find(&store->by_key, key);
        chain =
            chain_hold(stored ? stored->chain : add_chain(store, key, verified, server, secrets));
        pthread_mutex_unlock(&store->mutex);
    }
    ERR_pop_to_mark();
    return chain;
}
