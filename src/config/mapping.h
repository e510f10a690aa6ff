#ifndef CONFIG_MAPPING_H
#define CONFIG_MAPPING_H

#include "config/loader.h"

/* Takes one key and its value; mapping is where they are written. */
typedef void mapping_take(void *context, const struct node *mapping, struct node *key,
                          struct node *value);

/*
 * Gives every key of a mapping: its own first, then those that "<<" merges into it, in the order in
 * which they win. The one who takes keeps the first of each.
 */
void mapping_walk(struct loader *loader, struct node *mapping, mapping_take *take, void *context);

/* The values found for the keys of a table, in the table's order; NULL where there is none. */
struct mapping_values {
    struct node *of[KEYS_MAX];
};

/* Finds the values that a mapping has for the keys of a table, and reports unknown keys. */
void mapping_find(struct loader *loader, const struct key_table *table, struct node *mapping,
                  struct mapping_values *found);

/*
 * Reads a mapping by its table into a struct whose defaults are filled in. Reports unknown keys,
 * and required ones that are missing. Where found is not NULL it tells what the mapping had.
 */
void mapping_read(struct loader *loader, const struct key_table *table, struct node *mapping,
                  void *into, struct mapping_values *found);

/* The value of this key, merged ones included; NULL where there is none. */
struct node *mapping_value(const struct mapping_values *values, const struct key_table *table,
                           const char *name);

/* Fills in the defaults of a table's keys. */
void mapping_fill(struct loader *loader, const struct key_table *table, void *into);

#endif
