#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "base/arena.h"
#include "config/config.h"
#include "config/keys.h"
#include "config/node.h"
#include "config/problems.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

/* One file being read from its tree into a struct config. */
struct reader {
    struct problems *problems; /* its arena is for what is gone once the file is read */
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
void *reader_alloc(struct reader *reader, size_t size);
char *reader_copy(struct reader *reader, const void *bytes, size_t size);

/* "NAME: expected what the key's row says, got what the node is". */
void reader_expected(struct reader *reader, const struct key *key, struct node *node);

/*
 * The one of these words, ended by NULL, that a person who wrote this most likely meant; NULL: none
 * is near. Near is a slip of the keyboard, another case, or one part of words tied by "_".
 */
const char *reader_nearest(const char *written, const char *const *words);

#endif
