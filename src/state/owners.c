/* Finds the configured domains and sites in state.db, and adds those that are missing. */
#include "state/owners.h"

#include "state/column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A configured domain by its two ids, or a site; its domain is "". */
struct owner_name {
    const char *site, *domain;
    size_t index;
};

static int by_name(const void *a, const void *b)
{
    const struct owner_name *x = a, *y = b;
    int order = strcmp(x->site, y->site);

    return order ? order : strcmp(x->domain, y->domain);
}

static struct owner_name name_at(const struct config *config, bool sites, size_t i)
{
    if (sites)
        return (struct owner_name){config->sites[i].id, "", i};
    return (struct owner_name){config->sites[config->domains[i].site].id, config->domains[i].id, i};
}

/* The owners that are being read, and their names in the configuration. */
struct owner_reading {
    struct storage *storage;
    struct owners *owners;
    bool sites; /* of sites, not of domains */
    size_t n;
    size_t next;               /* the name after the last that was found */
    struct owner_name *sorted; /* the names; NULL: not needed yet */
};

static int sort_names(struct owner_reading *reading)
{
    reading->sorted = malloc((reading->n + 1) * sizeof *reading->sorted);
    if (!reading->sorted)
        return -1;
    for (size_t i = 0; i < reading->n; i++)
        reading->sorted[i] = name_at(reading->storage->config, reading->sites, i);
    qsort(reading->sorted, reading->n, sizeof *reading->sorted, by_name);
    return 0;
}

/*
 * Finds a name. *index is n if it is not configured. state.db has the names in the order in which
 * they came into the configuration. So a name is mostly the next one, and nothing has to be sorted.
 * Returns -1 if out of memory.
 */
static int find_name(struct owner_reading *reading, const struct owner_name *key, size_t *index)
{
    const struct owner_name *found;

    *index = reading->n;
    if (reading->next < reading->n) {
        struct owner_name next = name_at(reading->storage->config, reading->sites, reading->next);

        if (by_name(&next, key) == 0) {
            *index = reading->next++;
            return 0;
        }
    }
    if (!reading->sorted && sort_names(reading))
        return -1;
    found = bsearch(key, reading->sorted, reading->n, sizeof *key, by_name);
    if (found) {
        *index = found->index;
        reading->next = found->index + 1;
    }
    return 0;
}

/* Reads an id and its name. The ids are positive and ascend, and no name comes twice. */
static int read_owner(void *context, sqlite3_stmt *row, struct error *error)
{
    struct owner_reading *reading = context;
    struct owners *owners = reading->owners;
    struct owner_name key = {(const char *)sqlite3_column_text(row, 1),
                             (const char *)sqlite3_column_text(row, 2), 0};
    int64_t last = owners->n > 0 ? owners->by_id[owners->n - 1].id : 0, id;
    size_t index;

    if (column_read_number(reading->storage, row, 0, COLUMN_MONITOR, &id, error))
        return -1;
    if (!key.site || !key.domain || find_name(reading, &key, &index))
        return database_no_memory(reading->storage, error);
    if (index == reading->n)
        return 0;
    if (owners->ids[index] || id <= last)
        return database_damaged(reading->storage, error);
    owners->ids[index] = id;
    owners->by_id[owners->n++] = (struct owner){id, index};
    return 0;
}

static int read_owners(struct owner_reading *reading, enum sql list, struct error *error)
{
    struct owners *owners = reading->owners;
    struct storage *storage = reading->storage;
    int result;

    owners_free(owners);
    owners->ids = calloc(reading->n + 1, sizeof *owners->ids);
    owners->by_id = calloc(reading->n + 1, sizeof *owners->by_id);
    if (!owners->ids || !owners->by_id)
        return database_no_memory(storage, error);
    result = database_each(storage, database_statement(storage, list), read_owner, reading, error);
    free(reading->sorted);
    return result;
}

int owners_read(struct storage *storage, struct error *error)
{
    size_t n_domains = storage->config->n_domains, n_sites = storage->config->n_sites;
    struct owner_reading monitors = {storage, &storage->monitors, false, n_domains, 0, NULL};
    struct owner_reading sites = {storage, &storage->sites, true, n_sites, 0, NULL};

    if (read_owners(&monitors, SQL_LIST_MONITORS, error))
        return -1;
    return read_owners(&sites, SQL_LIST_SITES, error);
}

bool owners_are_complete(const struct storage *storage)
{
    return storage->monitors.n == storage->config->n_domains &&
           storage->sites.n == storage->config->n_sites;
}

int owners_add(struct storage *storage, struct error *error)
{
    const struct config *config = storage->config;
    sqlite3_stmt *add;

    assert(storage->depth > 0);
    for (size_t i = 0; i < config->n_domains; i++) {
        struct owner_name name = name_at(config, false, i);

        if (storage->monitors.ids[i])
            continue;
        add = database_statement(storage, SQL_ADD_MONITOR);
        sqlite3_bind_text(add, 1, name.site, -1, SQLITE_STATIC);
        sqlite3_bind_text(add, 2, name.domain, -1, SQLITE_STATIC);
        if (database_run(storage, add, error))
            return -1;
    }
    for (size_t i = 0; i < config->n_sites; i++) {
        if (storage->sites.ids[i])
            continue;
        add = database_statement(storage, SQL_ADD_SITE);
        sqlite3_bind_text(add, 1, config->sites[i].id, -1, SQLITE_STATIC);
        if (database_run(storage, add, error))
            return -1;
    }
    return 0;
}

void owners_free(struct owners *owners)
{
    free(owners->by_id);
    free(owners->ids);
    *owners = (struct owners){0};
}

const struct owner *owners_from(const struct owners *owners, int64_t id)
{
    const struct owner *first = owners->by_id;
    size_t n = owners->n;

    while (n > 0) {
        size_t half = n / 2;

        if (first[half].id < id) {
            first += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    assert(first <= owners->by_id + owners->n);
    return first;
}

const struct owner *owners_find(const struct owners *owners, int64_t id)
{
    const struct owner *found = owners_from(owners, id);

    return found < owners->by_id + owners->n && found->id == id ? found : NULL;
}
