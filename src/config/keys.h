#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All keys of the configuration, one row each. A new key is a row in keys.c, a field in struct
 * config, site or domain, and an entry in uptick.yaml.5; a test compares the manual with the rows.
 */

struct key;
struct node;
struct loader;

/* A kind of value, and how it is read. */
struct kind {
    const char *expected; /* "a whole number" */
    int scale;            /* min and max of a row are in units of 1 / scale; 0 means 1 */

    /* Reads the value into the field of the key's row; if the row has none, into the struct of the
     * key's table. After reporting a mistake, the field is as before. */
    void (*read)(struct loader *loader, struct node *value, void *into);
};

struct key {
    const char *name;
    const char *help; /* the manual has the same words */
    const struct kind *kind;
    size_t field;             /* offset in the struct of the table; 0 if the row has none */
    int64_t min, max;         /* of numbers; both 0: not a number */
    const char *const *words; /* all allowed words, by the value of the enum; ends with NULL */
    const char *fallback;     /* the default, as it would be in the file; NULL: none */
    bool required;
};

/* The keys of one mapping, in the order in which they are read. */
struct key_table {
    const char *place; /* "in a domain" */
    const struct key *keys;
    size_t n;
};

enum { KEYS_MAX = 48 }; /* of one table */

extern const struct key_table keys_top, keys_included, keys_link, keys_site, keys_domain,
    keys_expect, keys_confirm, keys_certificate, keys_local_network, keys_alert, keys_quiet;

/* The tests of a rule: for header fields, values in JSON, and their length. */
extern const struct key_table keys_header_rule, keys_json_rule, keys_length;

/* The keys of a domain that are allowed under `defaults`. */
extern const struct key_table keys_defaults;

/* The index of the key with this name, which ends with a NUL; table->n: there is none. */
size_t keys_find(const struct key_table *table, const char *name, size_t size);

#endif
