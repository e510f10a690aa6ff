/* Finds the configured domains and sites in state.db, and adds those that are missing. */
#include "state/owners.h"

#include "state/database.h"

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

/* The names of the configuration, which are searched in the order of state.db. */
struct owner_names {
    const struct config *config;
    bool sites; /* of sites, not of domains */
    size_t n;
    size_t next;               /* the one after the last that was found */
    struct owner_name *sorted; /* NULL: not needed yet */
};

static struct owner_name name_at(const struct owner_names *names, size_t i)
{
    const struct config *config = names->config;

    if (names->sites)
        return (struct owner_name){config->sites[i].id, "", i};
    return (struct owner_name){config->sites[config->domains[i].site].id, config->domains[i].id, i};
}

static int sort_names(struct owner_names *names)
{
    names->sorted = malloc(names->n * sizeof *names->sorted);
    if (!names->sorted)
        return -1;
    for (size_t i = 0; i < names->n; i++)
        names->sorted[i] = name_at(names, i);
    qsort(names->sorted, names->n, sizeof *names->sorted, by_name);
    return 0;
}

/*
 * Finds a name. *index is n if it is not configured. state.db has the names in the order in which
 * they came into the configuration, so it mostly is the next one and nothing has to be sorted.
 * Returns -1 if out of memory.
 */
static int find_name(struct owner_names *names, const struct owner_name *key, size_t *index)
{
    const struct owner_name *found;

    *index = names->n;
    if (names->next < names->n) {
        struct owner_name next = name_at(names, names->next);

        if (by_name(&next, key) == 0) {
            *index = names->next++;
            return 0;
        }
    }
    if (names->n == 0)
        return 0;
    if (!names->sorted && sort_names(names))
        return -1;
    found = bsearch(key, names->sorted, names->n, sizeof *key, by_name);
    if (found) {
        *index = found->index;
        names->next = found->index + 1;
    }
    return 0;
}

/* Reads the ids of the configured domains or sites that are in state.db. */
static int read_ids(struct storage *storage, bool sites, int64_t *ids, struct error *error)
{
    const struct config *config = storage->config;
    sqlite3_stmt *list = database_statement(storage, sites ? SQL_LIST_SITES : SQL_LIST_MONITORS);
    struct owner_names names = {
        .config = config, .sites = sites, .n = sites ? config->n_sites : config->n_domains};
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        struct owner_name key = {(const char *)sqlite3_column_text(list, 1),
                                 sites ? "" : (const char *)sqlite3_column_text(list, 2), 0};
        size_t index;

        if (!key.site || !key.domain || find_name(&names, &key, &index)) {
            sqlite3_reset(list);
            result = database_no_memory(storage, error);
            break;
        }
        if (index < names.n)
            ids[index] = sqlite3_column_int64(list, 0);
    }
    free(names.sorted);
    return result;
}

/* Adds each configured domain or site that has no id yet. */
static int add_missing(struct storage *storage, bool sites, int64_t *ids, size_t n,
                       struct error *error)
{
    const struct config *config = storage->config;
    sqlite3_stmt *add = database_statement(storage, sites ? SQL_ADD_SITE : SQL_ADD_MONITOR);

    for (size_t i = 0; i < n; i++) {
        size_t site = sites ? i : config->domains[i].site;

        if (ids[i])
            continue;
        sqlite3_bind_text(add, 1, config->sites[site].id, -1, SQLITE_STATIC);
        if (!sites)
            sqlite3_bind_text(add, 2, config->domains[i].id, -1, SQLITE_STATIC);
        if (database_run(storage, add, error))
            return -1;
        ids[i] = sqlite3_last_insert_rowid(storage->db);
    }
    return 0;
}

static bool has_zero(const int64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == 0)
            return true;
    }
    return false;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct owner *)a)->id, y = ((const struct owner *)b)->id;

    return (x > y) - (x < y);
}

/* Makes by_id from ids. These mostly ascend, because they were given in the configuration's order.
 */
static int sort_owners(struct owners *owners, size_t n)
{
    bool sorted = true;

    owners->by_id = malloc((n ? n : 1) * sizeof *owners->by_id);
    if (!owners->by_id)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (owners->ids[i] == 0)
            continue;
        sorted = sorted && (owners->n == 0 || owners->by_id[owners->n - 1].id < owners->ids[i]);
        owners->by_id[owners->n++] = (struct owner){owners->ids[i], i};
    }
    if (!sorted)
        qsort(owners->by_id, owners->n, sizeof *owners->by_id, by_id);
    return 0;
}

int owners_match(struct storage *storage, struct error *error)
{
    size_t n_domains = storage->config->n_domains, n_sites = storage->config->n_sites;
    struct owners *monitors = &storage->monitors, *sites = &storage->sites;
    int result;

    monitors->ids = calloc(n_domains ? n_domains : 1, sizeof *monitors->ids);
    sites->ids = calloc(n_sites ? n_sites : 1, sizeof *sites->ids);
    if (!monitors->ids || !sites->ids)
        return database_no_memory(storage, error);
    if (read_ids(storage, false, monitors->ids, error) ||
        read_ids(storage, true, sites->ids, error))
        return -1;
    if (storage->writable &&
        (has_zero(monitors->ids, n_domains) || has_zero(sites->ids, n_sites))) {
        if (storage_begin(storage, error))
            return -1;
        result = add_missing(storage, false, monitors->ids, n_domains, error) ||
                 add_missing(storage, true, sites->ids, n_sites, error);
        if (storage_end(storage, result ? -1 : 0, error))
            return -1;
    }
    if (sort_owners(monitors, n_domains) || sort_owners(sites, n_sites))
        return database_no_memory(storage, error);
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
