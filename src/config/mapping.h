#ifndef CONFIG_MAPPING_H
#define CONFIG_MAPPING_H

#include "config/loader.h"

/* Mappings: keys, merged keys, unknown and missing keys. */

/* Receives one key, its value, and the mapping that has them in the file. */
typedef void mapping_take(void *context, const struct node *mapping, struct node *key,
                          struct node *value);

/*
 * Calls take for every key of a mapping: first its own keys, then those merged by "<<". The first
 * of several equal keys is the one that counts.
 */
void mapping_walk(struct loader *loader, struct node *mapping, mapping_take *take, void *context);

/* The values of the keys of a table, in its order; NULL: the mapping does not have the key. */
struct mapping_values {
    const struct key_table *table;
    struct node *of[KEYS_MAX];
};

/* Finds the values of the keys of a table in a mapping, and reports unknown keys. */
void mapping_find(struct loader *loader, const struct key_table *table, struct node *mapping,
                  struct mapping_values *found);

/*
 * Reads a mapping by its table into a struct that already has its defaults. Reports unknown keys
 * and missing required ones. Sets *found to the values of the mapping, unless found is NULL.
 */
void mapping_read(struct loader *loader, const struct key_table *table, struct node *mapping,
                  void *into, struct mapping_values *found);

/* The value of the key with this name, which may be a merged one; NULL: there is none. */
struct node *mapping_value(const struct mapping_values *values, const char *name);

/* Whether a value is a mapping. If not, reports that, unless the value is empty or null. */
bool mapping_is_given(struct loader *loader, struct node *value);

/* Whether the value of a whole file is a mapping. If not, reports that. */
bool mapping_is_file(struct loader *loader, struct node *root);

/* Fills in the defaults of a table. */
void mapping_fill(struct loader *loader, const struct key_table *table, void *into);

#endif
