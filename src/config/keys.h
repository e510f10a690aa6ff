#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Every key of the configuration, a row each. A key more is a row here, a field in struct config,
 * site or domain, and an entry in uptick.yaml.5, which a test checks against these rows.
 */

struct key;
struct node;
struct loader;

/* What a value can be, and how it is read. */
struct kind {
    const char *expected; /* "a whole number" */
    int scale;            /* a row's least and most are in units of 1 / scale; 0 is 1 */

    /* Reads the value into the struct that the key's table is about. What is wrong is reported, and
     * the field then left as it was. */
    void (*read)(struct loader *loader, const struct key *key, struct node *value, void *into);
};

struct key {
    const char *name;
    const struct kind *kind;
    size_t field;             /* its place in that struct */
    int64_t least, most;      /* of numbers; both 0: it is none */
    const char *const *words; /* of words: all it may be, by the enum's value; ends with NULL */
    const char *fallback;     /* the default, as the file would have it; NULL: none */
    bool required;
    const char *help; /* what it is; the manual says the same */
};

/* The keys that may stand together, in the order in which they are read. */
struct key_table {
    const char *place; /* "in a domain" */
    const struct key *keys;
    size_t n;
};

enum { KEYS_MAX = 32 }; /* of one table */

extern const struct key_table keys_top, keys_link, keys_site, keys_domain, keys_expect;

/* The keys of a domain that may stand under `defaults`. */
extern const struct key_table keys_defaults;

extern const char *const keys_roles[];
extern const char *const keys_methods[];

/* The index of the key with this name; table->n where there is none. */
size_t keys_find(const struct key_table *table, const char *name, size_t size);

/* Where a field of this key lies. */
void *keys_field(const struct key *key, void *into);

#endif
