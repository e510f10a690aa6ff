#ifndef CONFIG_LOADER_H
#define CONFIG_LOADER_H

#include "base/table.h"
#include "config/keys.h"
#include "config/node.h"

/* State while a tree is read into a struct config, and what all kinds of values need. */
struct loader {
    struct mistakes *mistakes; /* its arena is for memory that is freed once the file is read */
    struct arena *arena;       /* of the configuration */
    struct config *config;
    const struct key *key;     /* the row whose value is being read */
    struct url *url;           /* the parser of URLs */
    struct domain defaults;    /* each domain starts as a copy */
    bool default_follows;      /* `defaults` has follow_redirects */
    struct domain *domains;    /* of all sites; belongs to the configuration */
    size_t n_domains;          /* read so far */
    const char *ca_checked;    /* the last valid bundle of certificates; NULL: none */
    const char *body_path;     /* the last body_file; NULL: none */
    struct bytes body_content; /* its content */
    struct login {
        const char *username, *password, *header;
    } login;                /* the last one, and the value of its header; all NULL: none */
    struct table variables; /* "${NAME}" of those whose values are among the secrets */
};

/* Memory that belongs to the configuration, all zero, and a copy with a NUL after it. NULL: out of
 * memory, which is reported. */
void *loader_alloc(struct loader *loader, size_t size);
char *loader_copy(struct loader *loader, const void *bytes, size_t size);

/* Report "KEY: mistake", or "KEY: expected KIND AND RANGE, got NODE", by the row of loader->key. */
void loader_report(struct loader *loader, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void loader_expected(struct loader *loader, struct node *node);

/*
 * The word of a list, which ends with NULL, that was probably meant; NULL: none is similar. Similar
 * words differ by typing errors or case, or one is a part of the other between "_".
 */
const char *loader_nearest(const char *written, const char *const *words);

#endif
