#ifndef CONFIG_CLIENT_CERTIFICATE_H
#define CONFIG_CLIENT_CERTIFICATE_H

#include "config/mapping.h"

struct evp_pkey_st;
struct stack_st_X509;
struct x509_st;

/* A certificate by which a check identifies itself, as OpenSSL needs it. Several threads may use it
 * at once. */
struct client_certificate {
    const char *certificate_file, *key_file; /* as in struct domain */
    struct x509_st *certificate;
    struct stack_st_X509 *chain; /* the other certificates of its file; NULL: none */
    struct evp_pkey_st *key;
    bool is_compared[2]; /* with what OpenSSL accepts: by default, and for old devices */
    struct client_certificate *next; /* of the same configuration */
};

/*
 * Reads the files of a domain, or of `defaults`, if its mapping names one of them or if they are
 * not read yet. Reports files that cannot be used, at their keys; if the mapping `at` does not have
 * these, at the mapping.
 */
void client_certificate_complete(struct loader *loader, const struct mapping_values *values,
                                 struct node *at, struct domain *domain);

/* Frees a list. NULL is allowed. */
void client_certificate_free_all(struct client_certificate *list);

#endif
