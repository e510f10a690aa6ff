#ifndef STATE_OWNERS_H
#define STATE_OWNERS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The owners of samples and counts: the configured monitors or sites, and their ids in state.db. */

struct storage;

struct owner {
    int64_t id;
    size_t index; /* in the configuration */
};

struct owners {
    struct owner *by_id; /* ascending; without those that state.db does not have */
    size_t n;
    int64_t *ids; /* one for each domain or site of the configuration; 0: not in state.db */
};

/*
 * Reads storage->monitors and storage->sites from state.db, for the domains and sites of its
 * configuration. The storage frees them, also after -1.
 */
int owners_read(struct storage *storage, struct error *error);

/* Whether state.db has all monitors and sites that are configured. */
bool owners_are_complete(const struct storage *storage);

/* Adds the missing ones, in a transaction. After that, read them again. */
int owners_add(struct storage *storage, struct error *error);

/* Frees the arrays; empty owners are allowed. */
void owners_free(struct owners *owners);

/* The owner with this id; NULL: it is not configured. */
const struct owner *owners_find(const struct owners *owners, int64_t id);

/* The first owner with this id or a higher one; by_id + n: there is none. */
const struct owner *owners_from(const struct owners *owners, int64_t id);

#endif
