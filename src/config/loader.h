#ifndef CONFIG_LOADER_H
#define CONFIG_LOADER_H

#include "base/table.h"
#include "config/keys.h"
#include "config/node.h"

#include <limits.h>

/* State while a tree is read into a struct config, and what all kinds of values need. */
struct loader {
    struct mistakes *mistakes; /* its arena is for memory that is freed once the file is read */
    struct arena *arena;       /* of the configuration */
    struct config *config;
    const struct key *key;     /* the row whose value is being read */
    const char *place;         /* what messages have before the key: "json: /status: "; else "" */
    struct url *url;           /* the parser of URLs */
    struct domain defaults;    /* each domain starts as a copy */
    bool default_follows;      /* `defaults` has follow_redirects */
    bool default_confirms;     /* `defaults` has confirm */
    struct domain *domains;    /* of all sites; belongs to the configuration */
    size_t n_domains;          /* read so far */
    const char *ca_checked;    /* the last valid bundle of certificates; NULL: none */
    const char *body_path;     /* the last body_file; NULL: none */
    struct bytes body_content; /* its content */
    struct login {
        const char *username, *password, *header;
    } login;                /* the last one, and the value of its header; all NULL: none */
    struct table variables; /* "${NAME}" of those whose values are among the secrets */
    struct table files;     /* path -> struct file_value (environment.c), for ${file:PATH} */
    struct node sites;      /* a list of the sites of all files */
    struct item *last_site; /* of that list; NULL: it is empty */
    struct table monitors;  /* name -> struct monitor_name (monitor_names.c) */
    const char *hosts;      /* those that are monitored; see alert_secrets.c */
    struct node *alerts;    /* the value of `alerts`; NULL: there is none */
    struct dependency *dependencies; /* all keys depends_on; see dependencies.c */
    struct mistakes warnings;        /* found so far; printed by validate */
};

/* Memory that belongs to the configuration, all zero, and a copy with a NUL after it. NULL: out of
 * memory, which is reported. */
void *loader_alloc(struct loader *loader, size_t size);
char *loader_copy(struct loader *loader, const void *bytes, size_t size);

/* Report "PLACE: KEY: mistake", or "PLACE: KEY: expected KIND AND RANGE, got NODE", by the row of
 * loader->key. */
void loader_report(struct loader *loader, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void loader_expected(struct loader *loader, struct node *node);

/* Adds a warning at the position of this node. The configuration stays valid. */
void loader_warn(struct loader *loader, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The path of the file that a node is in. */
const char *loader_file(const struct loader *loader, const struct node *node);

/*
 * The path that a node names; a relative one starts in the folder of the node's file. Belongs to
 * the configuration. NULL: it is empty, too long (LOADER_PATH_MAX), or has a NUL; or out of memory,
 * which is reported.
 */
char *loader_path(struct loader *loader, const struct node *node, const char *path, size_t size);

/* The rest of PATH_MAX is for names below a folder. */
enum { LOADER_PATH_MAX = PATH_MAX - 512 };

/*
 * The word of a list, which ends with NULL, that was probably meant; NULL: none is similar. Similar
 * words differ by typing errors or case, or one is a part of the other between "_".
 */
const char *loader_nearest(const char *written, const char *const *words);

#endif
