/* Reads each certificate bundle once. */
#include "check/ca_store.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { WHY_SIZE = 512 };

/* A bundle that was read: its store, or why there is none. */
struct bundle {
    const char *ca_file; /* from the configuration; NULL: the system's bundle */
    X509_STORE *store;
    char why[WHY_SIZE];
    SLIST_ENTRY(bundle) next;
};

struct ca_store {
    pthread_mutex_t mutex;
    SLIST_HEAD(bundles, bundle) bundles;
};

struct ca_store *ca_store_new(void)
{
    struct ca_store *ca_store = calloc(1, sizeof *ca_store);

    if (ca_store)
        pthread_mutex_init(&ca_store->mutex, NULL);
    return ca_store;
}

void ca_store_free(struct ca_store *ca_store)
{
    struct bundle *bundle;

    if (!ca_store)
        return;
    while ((bundle = SLIST_FIRST(&ca_store->bundles))) {
        SLIST_REMOVE_HEAD(&ca_store->bundles, next);
        X509_STORE_free(bundle->store);
        free(bundle);
    }
    pthread_mutex_destroy(&ca_store->mutex);
    free(ca_store);
}

/* Loads the bundle that libcurl was built to trust or, if it has none, that of OpenSSL. */
static int load_system(X509_STORE *store)
{
    const curl_version_info_data *built = curl_version_info(CURLVERSION_NOW);

    if (built->cainfo && X509_STORE_load_locations(store, built->cainfo, NULL))
        return 0;
    return X509_STORE_set_default_paths(store) ? 0 : -1;
}

static void load_bundle(struct bundle *bundle)
{
    const char *shown = bundle->ca_file ? bundle->ca_file : "the system's certificates";
    X509_STORE *store = X509_STORE_new();
    int failed;

    if (!store) {
        snprintf(bundle->why, sizeof bundle->why, "%s: out of memory", shown);
        return;
    }

    /* As in libcurl, a chain may end with any certificate of the bundle, also an intermediate. */
    X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    ERR_clear_error();
    failed = bundle->ca_file ? !X509_STORE_load_locations(store, bundle->ca_file, NULL)
                             : load_system(store);
    if (failed) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());

        snprintf(bundle->why, sizeof bundle->why, "%s: not readable as PEM certificates: %s", shown,
                 reason ? reason : "no reason given");
        X509_STORE_free(store);
        store = NULL;
    }
    ERR_clear_error();
    bundle->store = store;
}

static bool is_bundle_of(const struct bundle *bundle, const char *ca_file)
{
    return bundle->ca_file && ca_file ? strcmp(bundle->ca_file, ca_file) == 0
                                      : bundle->ca_file == ca_file;
}

/* Returns NULL if out of memory. Called with the mutex, so that a thread that needs a bundle waits
 * while another one reads it. */
static struct bundle *find_or_load_bundle(struct ca_store *ca_store, const char *ca_file)
{
    struct bundle *bundle;

    for (bundle = SLIST_FIRST(&ca_store->bundles); bundle; bundle = SLIST_NEXT(bundle, next)) {
        if (is_bundle_of(bundle, ca_file))
            return bundle;
    }
    bundle = calloc(1, sizeof *bundle);
    if (!bundle)
        return NULL;
    bundle->ca_file = ca_file;
    load_bundle(bundle);
    SLIST_INSERT_HEAD(&ca_store->bundles, bundle, next);
    return bundle;
}

X509_STORE *ca_store_get(struct ca_store *ca_store, const char *ca_file, const char **why)
{
    struct bundle *bundle;

    pthread_mutex_lock(&ca_store->mutex);
    bundle = find_or_load_bundle(ca_store, ca_file);
    pthread_mutex_unlock(&ca_store->mutex);
    *why = bundle ? bundle->why : "out of memory";
    return bundle ? bundle->store : NULL;
}
