#include "dashboard/urn.h"

#include <openssl/sha.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 2048, UUID_BYTES = 16, VERSION = 0x80, VARIANT = 0x80 };

/* Each text with a byte behind it that is in none. Returns how many bytes that is. */
static size_t join(const char *const *parts, char into[ROOM])
{
    size_t size = 0;

    for (; *parts && size < ROOM; parts++) {
        size_t n = strnlen(*parts, ROOM - size - 1);

        memcpy(into + size, *parts, n);
        into[size + n] = '\n';
        size += n + 1;
    }
    return size;
}

int urn_write(const char *const *parts, char urn[URN_MAX])
{
    unsigned char indexer[SHA256_DIGEST_LENGTH];
    char text[ROOM];
    int at;

    if (!SHA256((const unsigned char *)text, join(parts, text), indexer))
        return -1;
    indexer[6] = (unsigned char)((indexer[6] & 0x0f) | VERSION);
    indexer[8] = (unsigned char)((indexer[8] & 0x3f) | VARIANT);
    at = snprintf(urn, URN_MAX, "urn:uuid:");
    for (int i = 0; i < UUID_BYTES; i++)
        at += snprintf(urn + at, URN_MAX - (size_t)at,
                       i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", indexer[i]);
    return 0;
}
