#include "lookup/names.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 }; /* a power of two, as all rooms are */

struct names_slot {
    uint64_t hash;
    const char *key; /* NULL: free */
    void *value;
};

bool names_key(const char *host, size_t size, char key[NAMES_KEY_MAX + 1])
{
    if (size == 0 || size > NAMES_KEY_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        key[i] = host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] - 'A' + 'a') : host[i];
    key[size] = '\0';
    return true;
}

/* The key's slot, or the free one where it would be. There is always one free. */
static struct names_slot *slot_of(const struct names *names, uint64_t hash, const char *key)
{
    size_t at = hash & (names->room - 1);

    while (names->slots[at].key &&
           (names->slots[at].hash != hash || strcmp(names->slots[at].key, key)))
        at = (at + 1) & (names->room - 1);
    return &names->slots[at];
}

void *names_find(const struct names *names, const char *key)
{
    if (names->room == 0)
        return NULL;
    return slot_of(names, hash_bytes(key, strlen(key)), key)->value;
}

static int grow(struct names *names)
{
    struct names wider = {.n = names->n, .room = names->room ? names->room * 2 : FIRST_ROOM};

    wider.slots = calloc(wider.room, sizeof *wider.slots);
    if (!wider.slots)
        return -1;
    for (size_t i = 0; i < names->room; i++) {
        if (names->slots[i].key)
            *slot_of(&wider, names->slots[i].hash, names->slots[i].key) = names->slots[i];
    }
    free(names->slots);
    *names = wider;
    return 0;
}

int names_set(struct names *names, const char *key, void *value)
{
    uint64_t hash = hash_bytes(key, strlen(key));
    struct names_slot *slot;

    if (names->n * 2 >= names->room && grow(names))
        return -1;
    slot = slot_of(names, hash, key);
    names->n += !slot->key;
    *slot = (struct names_slot){hash, key, value};
    return 0;
}

void names_free(struct names *names)
{
    free(names->slots);
    *names = (struct names){0};
}
