#ifndef STATE_OWNERS_H
#define STATE_OWNERS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* The configured monitors or sites (owners of samples and counts), and their ids in state.db. */

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
 * Fills storage->monitors and storage->sites from state.db and its configuration. If the storage is
 * writable, it first adds those that are missing. The storage frees them, also after -1.
 */
int owners_match(struct storage *storage, struct error *error);

/* Frees the arrays; empty owners are allowed. */
void owners_free(struct owners *owners);

/* The owner with this id; NULL: it is not configured. */
const struct owner *owners_find(const struct owners *owners, int64_t id);

/* The first owner with this id or a higher one; by_id + n: there is none. */
const struct owner *owners_from(const struct owners *owners, int64_t id);

#endif
