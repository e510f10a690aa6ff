#ifndef CHECK_CA_STORE_H
#define CHECK_CA_STORE_H

#include <openssl/x509.h>

/*
 * The certificate authorities that checks trust: one X509_STORE for each bundle, shared by all
 * checks. Otherwise libcurl would read the bundle for each check, which takes about 30 ms.
 */
struct ca_store;

/* Returns NULL if out of memory. */
struct ca_store *ca_store_new(void);

/* NULL is allowed. */
void ca_store_free(struct ca_store *ca_store);

/*
 * Returns the store of a PEM bundle (ca_file NULL: the system's), which is read on the first call.
 * It belongs to the ca_store; ca_file must outlive that. Returns NULL if the bundle cannot be read,
 * on later calls too; *why is then the reason, valid as long as the ca_store. Any thread may call
 * this.
 */
X509_STORE *ca_store_get(struct ca_store *ca_store, const char *ca_file, const char **why);

#endif
