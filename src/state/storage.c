/* Opening and closing the state, and finding the configured domains and sites in it. */
#include "state/storage.h"

#include "base/asset.h"
#include "state/database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    APPLICATION_ID = 0x7570746b, /* as in sql/schema.sql */
    SCHEMA_VERSION = 3,
    PATIENCE_MS = 10000, /* how long to wait for another process's transaction */
};

static int out_of_memory(const struct storage *storage, struct error *error)
{
    return error_set(error, EXIT_IO, "%s: out of memory", storage->path);
}

/* The value of a pragma that gives one number. */
static int get_pragma(struct storage *storage, const char *asset, int64_t *value,
                      struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = -1;

    if (database_prepare_one(storage, asset, &statement, error) == 0)
        result = database_number(storage, statement, 0, value, error);
    sqlite3_finalize(statement);
    return result;
}

/* Whether the open file is a state of this version. An empty file passes for a new one. */
static int examine(struct storage *storage, enum storage_health *health, struct error *error)
{
    int64_t id, version, tables;

    if (get_pragma(storage, "sql/application_id.sql", &id, error) ||
        get_pragma(storage, "sql/user_version.sql", &version, error) ||
        get_pragma(storage, "sql/table_count.sql", &tables, error))
        return -1;
    if (id == 0 && version == 0 && tables == 0) {
        *health = STORAGE_MISSING;
    } else if (id != APPLICATION_ID) {
        *health = STORAGE_CORRUPT;
        return error_set(error, EXIT_IO, "%s: not a state of uptick", storage->path);
    } else if (version != SCHEMA_VERSION) {
        *health = version < SCHEMA_VERSION ? STORAGE_OLDER : STORAGE_NEWER;
        return error_set(error, EXIT_IO, "%s: of %s version of uptick; the next tick makes it anew",
                         storage->path, version < SCHEMA_VERSION ? "an older" : "a newer");
    }
    return 0;
}

static int make_schema(struct storage *storage, struct error *error)
{
    if (database_execute(storage, "sql/begin.sql", error))
        return -1;
    if (database_execute(storage, "sql/schema.sql", error) == 0 &&
        database_execute(storage, "sql/commit.sql", error) == 0)
        return 0;
    sqlite3_exec(storage->db, asset_find("sql/rollback.sql")->data, NULL, NULL, NULL);
    return -1;
}

/*
 * Opens the file. A reader may need to roll back what a killed tick left, so it asks for more than
 * reading as well; SQLite falls back to reading alone where the file cannot be written.
 */
static int open_database(struct storage *storage, const char *path, enum storage_mode mode,
                         struct error *error)
{
    struct stat file;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (mode == STORAGE_READ_WRITE)
        flags |= SQLITE_OPEN_CREATE;
    if (mode != STORAGE_IN_MEMORY && database_look_beside(path, error))
        return -1;
    if (mode == STORAGE_READ_ONLY && (stat(path, &file) ? errno == ENOENT : file.st_size == 0))
        mode = STORAGE_IN_MEMORY;

    /* Not by SQLITE_OPEN_MEMORY, which would hold for what is attached too: inherit.c. */
    if (sqlite3_open_v2(mode == STORAGE_IN_MEMORY ? ":memory:" : path, &storage->db, flags, NULL))
        return storage->db ? database_fail(storage, error) : out_of_memory(storage, error);
    sqlite3_busy_timeout(storage->db, PATIENCE_MS);
    storage->writable = mode != STORAGE_READ_ONLY;
    return 0;
}

static int prepare_all(struct storage *storage, enum storage_health *health, struct error *error)
{
    if (examine(storage, health, error))
        return -1;
    if (storage->writable && database_execute(storage, "sql/open.sql", error))
        return -1;
    if (*health == STORAGE_MISSING && make_schema(storage, error))
        return -1;
    if (!storage->writable && database_execute(storage, "sql/read_only.sql", error))
        return -1;
    return database_prepare(storage, error);
}

/* Brings the open file to the point where all statements are prepared. */
static int prepare(struct storage *storage, enum storage_health *health, struct error *error)
{
    if (prepare_all(storage, health, error) == 0)
        return 0;

    /* A format that SQLite does not know is damage as well, and so is a table that is not there, or
     * not as the schema has it. */
    if ((sqlite3_errcode(storage->db) & 0xff) == SQLITE_ERROR)
        storage->damaged = true;
    return -1;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct owner *)a)->id, y = ((const struct owner *)b)->id;

    return (x > y) - (x < y);
}

/*
 * The owners of these ids, in the order of the ids. 0 is none. Ids were given in the order of the
 * configuration, so that there is seldom anything to sort.
 */
static struct owner *make_owners(const int64_t *ids, size_t n, size_t *n_owners)
{
    struct owner *owners = malloc((n ? n : 1) * sizeof *owners);
    bool sorted = true;

    *n_owners = 0;
    for (size_t i = 0; owners && i < n; i++) {
        if (ids[i] == 0)
            continue;
        sorted = sorted && (*n_owners == 0 || owners[*n_owners - 1].id < ids[i]);
        owners[(*n_owners)++] = (struct owner){ids[i], i};
    }
    if (owners && !sorted)
        qsort(owners, *n_owners, sizeof *owners, by_id);
    return owners;
}

/* A configured domain by its two names, or a site, whose domain is "". */
struct named {
    const char *site, *domain;
    size_t index;
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->site, y->site);

    return order ? order : strcmp(x->domain, y->domain);
}

/* The names of the configuration, to be found in the order of the database. */
struct names {
    const struct config *config;
    bool sites; /* of sites, or of domains */
    size_t n;
    size_t next;          /* the one behind that which was found last */
    struct named *sorted; /* NULL: not needed yet */
};

static struct named name_at(const struct names *names, size_t i)
{
    const struct config *config = names->config;

    if (names->sites)
        return (struct named){config->sites[i].id, "", i};
    return (struct named){config->sites[config->domains[i].site].id, config->domains[i].id, i};
}

static int sort_names(struct names *names)
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
 * Finds a name; *index is n where it is not configured. The database has them in the order in which
 * they came into the configuration, so that it is mostly the next one, and nothing is sorted.
 */
static int find_name(struct names *names, const struct named *key, size_t *index)
{
    const struct named *found;

    *index = names->n;
    if (names->next < names->n) {
        struct named next = name_at(names, names->next);

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

/* Reads the ids of the configured domains or sites that the database has. */
static int read_ids(struct storage *storage, bool sites, int64_t *ids, struct error *error)
{
    const struct config *config = storage->config;
    sqlite3_stmt *list = database_statement(storage, sites ? SQL_SITE_LIST : SQL_MONITOR_LIST);
    struct names names = {
        .config = config, .sites = sites, .n = sites ? config->n_sites : config->n_domains};
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        struct named key = {(const char *)sqlite3_column_text(list, 1),
                            sites ? "" : (const char *)sqlite3_column_text(list, 2), 0};
        size_t index;

        if (!key.site || !key.domain || find_name(&names, &key, &index)) {
            sqlite3_reset(list);
            result = out_of_memory(storage, error);
            break;
        }
        if (index < names.n)
            ids[index] = sqlite3_column_int64(list, 0);
    }
    free(names.sorted);
    return result;
}

/* Gives an id to each configured domain or site that has none yet. */
static int add_missing(struct storage *storage, bool sites, int64_t *ids, size_t n,
                       struct error *error)
{
    const struct config *config = storage->config;
    sqlite3_stmt *add = database_statement(storage, sites ? SQL_SITE_ADD : SQL_MONITOR_ADD);

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

static int match_owners(struct storage *storage, struct error *error)
{
    const struct config *config = storage->config;
    size_t n_domains = config->n_domains, n_sites = config->n_sites;
    int result;

    storage->monitor_ids = calloc(n_domains ? n_domains : 1, sizeof(int64_t));
    storage->site_ids = calloc(n_sites ? n_sites : 1, sizeof(int64_t));
    if (!storage->monitor_ids || !storage->site_ids)
        return out_of_memory(storage, error);
    if (read_ids(storage, false, storage->monitor_ids, error) ||
        read_ids(storage, true, storage->site_ids, error))
        return -1;
    if (storage->writable &&
        (has_zero(storage->monitor_ids, n_domains) || has_zero(storage->site_ids, n_sites))) {
        if (database_begin(storage, error))
            return -1;
        result = add_missing(storage, false, storage->monitor_ids, n_domains, error) ||
                 add_missing(storage, true, storage->site_ids, n_sites, error);
        if (database_end(storage, result ? -1 : 0, error))
            return -1;
    }
    storage->monitors = make_owners(storage->monitor_ids, n_domains, &storage->n_monitors);
    storage->sites = make_owners(storage->site_ids, n_sites, &storage->n_sites);
    if (!storage->monitors || !storage->sites)
        return out_of_memory(storage, error);
    return 0;
}

int storage_open(struct storage **storage, const char *path, enum storage_mode mode,
                 const struct config *config, enum storage_health *health, struct error *error)
{
    struct storage *opened = calloc(1, sizeof *opened);

    *storage = NULL;
    *health = STORAGE_SOUND;
    if (opened)
        opened->path = strdup(path);
    if (!opened || !opened->path) {
        free(opened);
        return error_set(error, EXIT_IO, "%s: out of memory", path);
    }
    opened->config = config;
    if (open_database(opened, path, mode, error) == 0 && prepare(opened, health, error) == 0 &&
        match_owners(opened, error) == 0) {
        *storage = opened;
        return 0;
    }
    if (opened->damaged)
        *health = STORAGE_CORRUPT;
    storage_close(opened);
    return -1;
}

void storage_close(struct storage *storage)
{
    if (!storage)
        return;
    database_rollback(storage);
    for (int i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(storage->statements[i]);
    sqlite3_close(storage->db);
    free(storage->monitors);
    free(storage->sites);
    free(storage->monitor_ids);
    free(storage->site_ids);
    free(storage->path);
    free(storage);
}

int storage_get_setting(struct storage *storage, enum storage_setting note, int64_t *value,
                        struct error *error)
{
    return database_get_note(storage, (int)note, value, error);
}

int storage_set_setting(struct storage *storage, enum storage_setting note, int64_t value,
                        struct error *error)
{
    return database_set_note(storage, (int)note, value, error);
}

int storage_set_built(struct storage *storage, int64_t built_ms, int64_t stale_at_ms, int64_t hash,
                      struct error *error)
{
    const struct {
        enum storage_setting note;
        int64_t value;
    } left[] = {{SETTING_BUILT_MS, built_ms},
                {SETTING_STALE_AT_MS, stale_at_ms},
                {SETTING_CONFIG_HASH, hash},
                {SETTING_PENDING, 0}};
    int result = 0;

    if (database_begin(storage, error))
        return -1;
    for (size_t i = 0; i < sizeof left / sizeof left[0] && result == 0; i++)
        result = storage_set_setting(storage, left[i].note, left[i].value, error);
    return database_end(storage, result, error);
}
