#include "check/ca_store.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_ROOM = 512 };

/* A bundle that was asked for: its store, or why there is none. */
struct bundle {
    const char *ca_file; /* the configuration's; NULL: the system's */
    X509_STORE *store;
    char why[WHY_ROOM];
    struct bundle *next;
};

struct ca_store {
    pthread_mutex_t mutex;
    struct bundle *bundles;
};

struct ca_store *ca_store_new(void)
{
    struct ca_store *trust = calloc(1, sizeof *trust);

    if (trust)
        pthread_mutex_init(&trust->mutex, NULL);
    return trust;
}

void ca_store_free(struct ca_store *trust)
{
    if (!trust)
        return;
    while (trust->bundles) {
        struct bundle *bundle = trust->bundles;

        trust->bundles = bundle->next;
        X509_STORE_free(bundle->store);
        free(bundle);
    }
    pthread_mutex_destroy(&trust->mutex);
    free(trust);
}

/* What libcurl was built to trust, else what OpenSSL was. */
static int load_system(X509_STORE *store)
{
    const curl_version_info_data *built = curl_version_info(CURLVERSION_NOW);

    if (built->cainfo && X509_STORE_load_locations(store, built->cainfo, NULL))
        return 0;
    return X509_STORE_set_default_paths(store) ? 0 : -1;
}

static void load(struct bundle *bundle)
{
    const char *shown = bundle->ca_file ? bundle->ca_file : "the system's certificates";
    X509_STORE *store = X509_STORE_new();
    int failed;

    if (!store) {
        snprintf(bundle->why, sizeof bundle->why, "%s: out of memory", shown);
        return;
    }

    /* As libcurl does: any certificate of the bundle ends a chain, an intermediate one too. */
    X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    ERR_clear_error();
    failed = bundle->ca_file ? !X509_STORE_load_locations(store, bundle->ca_file, NULL)
                             : load_system(store);
    if (failed) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());

        snprintf(bundle->why, sizeof bundle->why, "%s: cannot be read as PEM certificates: %s",
                 shown, reason ? reason : "no reason given");
        X509_STORE_free(store);
        store = NULL;
    }
    ERR_clear_error();
    bundle->store = store;
}

static int is_of(const struct bundle *bundle, const char *ca_file)
{
    if (!bundle->ca_file || !ca_file)
        return bundle->ca_file == ca_file;
    return strcmp(bundle->ca_file, ca_file) == 0;
}

/* Under the mutex: whoever asks for a bundle that is being read waits for it. */
static struct bundle *find_or_load(struct ca_store *trust, const char *ca_file)
{
    struct bundle *bundle;

    for (bundle = trust->bundles; bundle; bundle = bundle->next) {
        if (is_of(bundle, ca_file))
            return bundle;
    }
    bundle = calloc(1, sizeof *bundle);
    if (!bundle)
        return NULL;
    bundle->ca_file = ca_file;
    load(bundle);
    bundle->next = trust->bundles;
    trust->bundles = bundle;
    return bundle;
}

X509_STORE *ca_store_get(struct ca_store *trust, const char *ca_file, const char **why)
{
    struct bundle *bundle;

    pthread_mutex_lock(&trust->mutex);
    bundle = find_or_load(trust, ca_file);
    pthread_mutex_unlock(&trust->mutex);
    *why = bundle ? bundle->why : "out of memory";
    return bundle ? bundle->store : NULL;
}
