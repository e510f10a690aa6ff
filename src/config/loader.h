#ifndef CONFIG_LOADER_H
#define CONFIG_LOADER_H

#include "base/arena.h"
#include "config/config.h"
#include "config/keys.h"
#include "config/mistakes.h"
#include "config/node.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

/* One file being read from its tree into a struct config. */
struct loader {
    struct mistakes *mistakes; /* its arena is for what is gone once the file is read */
    struct arena *arena;       /* the configuration's */
    struct config *config;
    CURLU *url;
    struct domain defaults; /* what each domain starts from */
    bool default_follows;   /* `defaults` says whether redirects are followed */
    struct domain *domains; /* all so far */
    size_t n_domains, domains_room;
    const char *ca_checked; /* the bundle that was found good last; NULL: none */
};

/* Memory that lives with the configuration, all zero; NULL once it is noted that there is none. */
void *loader_alloc(struct loader *loader, size_t size);
char *loader_copy(struct loader *loader, const void *bytes, size_t size);

/* "NAME: expected what the key's row says, got what the node is". */
void loader_expected(struct loader *loader, const struct key *key, struct node *node);

/*
 * The one of these words, ended by NULL, that a person who wrote this most likely meant; NULL: none
 * is near. Near is a slip of the keyboard, another case, or one part of words tied by "_".
 */
const char *loader_nearest(const char *written, const char *const *words);

#endif
