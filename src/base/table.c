/* A hash table with open addressing: texts to pointers. */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 }; /* a power of two, as every capacity is */

struct table_slot {
    uint64_t hash;
    const char *key; /* NULL: the slot is free */
    void *value;
};

uint64_t table_hash(const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
    return hash ^ (hash >> 33);
}

/* The slot of the key, or the free slot for it. The table is at most half full, so one is free. */
static struct table_slot *slot_of(const struct table *table, uint64_t hash, const char *key)
{
    size_t at = hash & (table->capacity - 1);

    while (table->slots[at].key &&
           (table->slots[at].hash != hash || strcmp(table->slots[at].key, key)))
        at = (at + 1) & (table->capacity - 1);
    return &table->slots[at];
}

void *table_find(const struct table *table, const char *key)
{
    if (table->capacity == 0)
        return NULL;
    return slot_of(table, table_hash(key, strlen(key)), key)->value;
}

static int grow_table(struct table *table)
{
    struct table larger = {.n = table->n,
                           .capacity = table->capacity ? table->capacity * 2 : FIRST_CAPACITY};

    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return -1;
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].key)
            *slot_of(&larger, table->slots[i].hash, table->slots[i].key) = table->slots[i];
    }
    free(table->slots);
    *table = larger;
    return 0;
}

int table_set(struct table *table, const char *key, void *value)
{
    uint64_t hash = table_hash(key, strlen(key));
    struct table_slot *slot;

    if (table->n * 2 >= table->capacity && grow_table(table))
        return -1;
    slot = slot_of(table, hash, key);
    table->n += !slot->key;
    *slot = (struct table_slot){hash, key, value};
    return 0;
}

void table_free(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}
