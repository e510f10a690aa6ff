/* Makes the URNs of feeds. This is the only file here that uses OpenSSL. */
#include "dashboard/urn.h"

#include <openssl/sha.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 2048, UUID_BYTES = 16, UUID_VERSION = 0x80, UUID_VARIANT = 0x80 };

/* Joins the texts, each followed by a byte that none of them contains. Returns the size. */
static size_t join_parts(const char *const *parts, char into[TEXT_MAX])
{
    size_t size = 0;

    for (; *parts && size < TEXT_MAX; parts++) {
        size_t n = strnlen(*parts, TEXT_MAX - size - 1);

        memcpy(into + size, *parts, n);
        into[size + n] = '\n';
        size += n + 1;
    }
    return size;
}

int urn_write(const char *const *parts, char urn[URN_MAX])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char text[TEXT_MAX];
    int at;

    if (!SHA256((const unsigned char *)text, join_parts(parts, text), digest))
        return -1;
    digest[6] = (unsigned char)((digest[6] & 0x0f) | UUID_VERSION);
    digest[8] = (unsigned char)((digest[8] & 0x3f) | UUID_VARIANT);
    at = snprintf(urn, URN_MAX, "urn:uuid:");
    for (int i = 0; i < UUID_BYTES; i++)
        at += snprintf(urn + at, URN_MAX - (size_t)at,
                       i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", digest[i]);
    return 0;
}
