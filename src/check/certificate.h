#ifndef CHECK_CERTIFICATE_H
#define CHECK_CERTIFICATE_H

#include <openssl/x509.h>
#include <stddef.h>

/* Says what is wrong with a server's certificate, in words that its owner can act on. */

/* Why this chain did not verify: "certificate expired 2026-11-01". Any bytes may be quoted. */
void certificate_explain(X509_STORE_CTX *chain, char *into, size_t room);

/* That it is made out to other names: "certificate is for a.example, not b.example". */
void certificate_explain_name(const X509 *leaf, const char *host, char *into, size_t room);

#endif
