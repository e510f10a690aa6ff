#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The one hash function: FNV-1a, 64 bits (Fowler, Noll, Vo), with the finalizer of MurmurHash3 so
 * that remainders of it are evenly distributed. Never change it: the slots of a domain depend on
 * it.
 */
uint64_t table_hash(const void *bytes, size_t size);

/* A hash table from texts to pointers. All zero is an empty table. */
struct table {
    struct table_slot *slots;
    size_t n;        /* keys in it */
    size_t capacity; /* slots; 0 or a power of two */
};

/* The value of this key; NULL: the key is not in the table. */
void *table_find(const struct table *table, const char *key);

/*
 * Sets the value of a key, replacing an earlier one. The key is not copied and must outlive the
 * table. Returns 0, or -1 if out of memory; the table is then as before.
 */
int table_set(struct table *table, const char *key, void *value);

/* Frees the table, but neither keys nor values, and leaves it empty. */
void table_free(struct table *table);

#endif
