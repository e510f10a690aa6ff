#ifndef ALERT_SIGN_H
#define ALERT_SIGN_H

#include <stddef.h>

/* Hashes and signatures in hexadecimal, by OpenSSL. */
enum { SIGN_HEX_MAX = 65 /* SHA-256, with the NUL */ };

/* SHA-256. Return 0, or -1 if out of memory. */
int sign_hash(const char *bytes, size_t size, char hex[SIGN_HEX_MAX]);

/* HMAC-SHA256 of "TIME.BODY". The same. */
int sign_body(const char *secret, long long time, const char *body, size_t size,
              char hex[SIGN_HEX_MAX]);

#endif
