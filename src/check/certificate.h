#ifndef CHECK_CERTIFICATE_H
#define CHECK_CERTIFICATE_H

#include "model/chain.h"

#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

/* Has OpenSSL compare the server's names with the host, as browsers do: only those of
 * subjectAltName count, an address only as an address. Returns 0, or -1 if out of memory. */
int certificate_set_host(X509_STORE_CTX *chain, const char *host);

/* When the first certificate of a verified chain ends, in milliseconds since the epoch. A root,
 * which issued itself, does not count, unless it is the server's certificate. */
int64_t certificate_end_ms(X509_STORE_CTX *chain);

/* Fills in what is shown of a verified chain, without its root. Names are clean lines with any text
 * of the certificates. Returns 0, or -1 if the dates cannot be read or out of memory. */
int certificate_describe(X509_STORE_CTX *chain, struct chain_facts *facts);

/* The certificates of a verified chain without its root; at least 1. */
int certificate_count(X509_STORE_CTX *chain);

/*
 * Explain why a server's certificate is rejected. Both functions write at most size bytes with
 * the NUL. The text may quote any bytes of the certificate; text_one_line makes it printable.
 */

/* Why this chain was not verified for the host: "certificate expired on 2026-11-01". */
void certificate_explain(X509_STORE_CTX *chain, const char *host, char *into, size_t size);

/* That the certificate is for other names: "certificate is for a.example, not b.example". */
void certificate_explain_name(const X509 *leaf, const char *host, char *into, size_t size);

#endif
