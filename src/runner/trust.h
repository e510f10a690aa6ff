#ifndef RUNNER_TRUST_H
#define RUNNER_TRUST_H

#include <openssl/x509.h>

/*
 * The certificates that checks trust: one X509_STORE a bundle for the whole process. Left to
 * itself, libcurl would read the bundle anew for each check, which costs more than the check.
 */
struct trust;

/* NULL where memory runs out. */
struct trust *trust_new(void);

/* NULL is fine. */
void trust_free(struct trust *trust);

/*
 * The store of this PEM bundle, or of the system's where ca_file is NULL; read when it is first
 * asked for. It belongs to the trust. Where the bundle cannot be read this returns NULL, as often
 * as it is asked for, and *why tells why for as long as the trust lives. Any thread may call this.
 */
X509_STORE *trust_store(struct trust *trust, const char *ca_file, const char **why);

#endif
