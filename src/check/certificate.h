#ifndef CHECK_CERTIFICATE_H
#define CHECK_CERTIFICATE_H

#include <openssl/x509.h>
#include <stddef.h>

/*
 * Explain why a server's certificate is rejected. Both functions write at most size bytes with
 * the NUL. The text may quote any bytes of the certificate; text_one_line makes it printable.
 */

/* Why this chain was not verified: "certificate expired on 2026-11-01". */
void certificate_explain(X509_STORE_CTX *chain, char *into, size_t size);

/* That the certificate is for other names: "certificate is for a.example, not b.example". */
void certificate_explain_name(const X509 *leaf, const char *host, char *into, size_t size);

#endif
