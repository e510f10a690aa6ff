#ifndef CHECK_CA_STORE_H
#define CHECK_CA_STORE_H

#include <openssl/x509.h>

/*
 * The certificates that checks trust: one X509_STORE a bundle for the whole process. Left to
 * itself, libcurl would read the bundle anew for each check, which costs more than the check.
 */
struct ca_store;

/* NULL where memory runs out. */
struct ca_store *ca_store_new(void);

/* NULL is fine. */
void ca_store_free(struct ca_store *trust);

/*
 * The store of this PEM bundle, or of the system's where ca_file is NULL; read when it is first
 * asked for. It belongs to the trust. Where the bundle cannot be read this returns NULL, as often
 * as it is asked for, and *why tells why for as long as the trust lives. Any thread may call this.
 */
X509_STORE *ca_store_get(struct ca_store *trust, const char *ca_file, const char **why);

#endif
