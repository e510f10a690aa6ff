#ifndef LOOKUP_NAMES_H
#define LOOKUP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table of host names; upper and lower case are the same. All zero is an empty one. */
struct names {
    struct names_slot *slots;
    size_t n, room;
};

/* No name of the DNS is longer, written out. */
enum { NAMES_KEY_MAX = 255 };

/* A host name in small letters. False where it is empty or too long to be one. */
bool names_key(const char *host, size_t size, char key[NAMES_KEY_MAX + 1]);

/* What is kept for this key; NULL: nothing. */
void *names_find(const struct names *names, const char *key);

/* Keeps a value for a key, which outlives the table, in the place of what was kept for it. Returns
 * 0, or -1: no memory. */
int names_set(struct names *names, const char *key, void *value);

/* The values are their owner's. */
void names_free(struct names *names);

#endif
