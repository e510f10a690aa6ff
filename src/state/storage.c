/* Opens and closes state.db; its transactions, settings and examination. */
#include "state/storage.h"

#include "state/column.h"
#include "state/column_functions.h"
#include "state/condition_set.h"
#include "state/message_table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    APPLICATION_ID = 0x7570746b, /* as in sql/schema.sql */
    SCHEMA_VERSION = 8,          /* as in sql/schema.sql; change it with any text of a table */
    VALUE_MAX = 1 << 25,         /* bytes of the longest text, blob or row: of a message */
};

_Static_assert((int)MESSAGE_CONTENT_MAX < (int)VALUE_MAX, "a message can be stored");

/* Runs a script that gives one number. */
static int get_number(struct storage *storage, enum sql sql, int64_t *value, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = database_prepare_script(storage, sql, &statement, error);

    if (result == 0)
        result = database_number(storage, statement, 0, value, error);
    sqlite3_finalize(statement);
    return result;
}

/*
 * Allows SQLite only what state.db needs: the file can come from anybody. The schema cannot run
 * code then, and no value is larger than any that uptick writes.
 */
static int restrict_database(struct storage *storage, struct error *error)
{
    static const struct {
        int option, on;
    } options[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                   {SQLITE_DBCONFIG_ENABLE_VIEW, 0}, /* temporary views stay allowed */
                   {SQLITE_DBCONFIG_DQS_DML, 0},
                   {SQLITE_DBCONFIG_DQS_DDL, 0}};

    static const struct {
        int limit, max;
    } limits[] = {{SQLITE_LIMIT_LENGTH, VALUE_MAX}, {SQLITE_LIMIT_SQL_LENGTH, 1 << 16},
                  {SQLITE_LIMIT_COLUMN, 64},        {SQLITE_LIMIT_EXPR_DEPTH, 100},
                  {SQLITE_LIMIT_ATTACHED, 1},       {SQLITE_LIMIT_TRIGGER_DEPTH, 1}};

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        sqlite3_db_config(storage->db, options[i].option, options[i].on, NULL);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        sqlite3_limit(storage->db, limits[i].limit, limits[i].max);
    database_limit_work(storage);
    if (column_functions_add(storage->db))
        return database_no_memory(storage, error);
    return database_execute(storage, SQL_RESTRICT, error);
}

/* The text of the next table or index in sql/schema.sql, after `at`, and its size. NULL: there is
 * none. */
static const char *find_entry(const char *at, size_t *size)
{
    static const char before[] = "\nCREATE ";
    const char *entry = strstr(at, before), *end = entry ? strchr(entry, ';') : NULL;

    *size = end ? (size_t)(end - entry) - 1 : 0;
    return end ? entry + 1 : NULL;
}

/* A comparison of the schema with sql/schema.sql under way. */
struct schema_reading {
    struct storage *storage;
    const char *at; /* the rest of sql/schema.sql */
};

/* Compares an entry of the schema: the next one, or an index that SQLite made for a table. */
static int compare_entry(void *context, sqlite3_stmt *row, struct error *error)
{
    struct schema_reading *reading = context;
    const char *type = (const char *)sqlite3_column_text(row, 0);
    const char *sql = (const char *)sqlite3_column_text(row, 1);
    const char *entry;
    bool is_index = type && strcmp(type, "index") == 0;
    size_t size;

    if (!sql && is_index)
        return 0;
    entry = find_entry(reading->at, &size);
    if (!type || !sql || !entry || (!is_index && strcmp(type, "table") != 0) ||
        strlen(sql) != size || memcmp(sql, entry, size) != 0)
        return database_damaged(reading->storage, error);
    reading->at = entry + size;
    return 0;
}

/* Whether the schema has what sql/schema.sql creates and nothing else: any other is damage. */
static int compare_schema(struct storage *storage, struct error *error)
{
    struct schema_reading reading = {storage, statements[SQL_SCHEMA]};
    sqlite3_stmt *list = NULL;
    size_t size;
    int result = database_prepare_script(storage, SQL_LIST_SCHEMA, &list, error);

    if (result == 0)
        result = database_each(storage, list, compare_entry, &reading, error);
    if (result == 0 && find_entry(reading.at, &size))
        result = database_damaged(storage, error);
    sqlite3_finalize(list);
    return result;
}

/* Fails if the open file is not a state of this version. An empty file is MISSING. */
static int check_version(struct storage *storage, enum storage_health *health, struct error *error)
{
    int64_t id, version, tables, is_foreign;

    if (get_number(storage, SQL_APPLICATION_ID, &id, error) ||
        get_number(storage, SQL_USER_VERSION, &version, error) ||
        get_number(storage, SQL_COUNT_TABLES, &tables, error) ||
        get_number(storage, SQL_IS_UTF_16, &is_foreign, error))
        return -1;
    if (id == 0 && version == 0 && tables == 0) {
        *health = STORAGE_MISSING;
    } else if (id != APPLICATION_ID || is_foreign) {
        *health = STORAGE_CORRUPT;
        return error_set(error, EXIT_IO, "%s: not a state.db of uptick", storage->path);
    } else if (version != SCHEMA_VERSION) {
        *health = version < SCHEMA_VERSION ? STORAGE_OLDER : STORAGE_NEWER;
        return error_set(error, EXIT_IO,
                         "%s: written by %s version of uptick; the next tick rebuilds it",
                         storage->path, version < SCHEMA_VERSION ? "an older" : "a newer");
    }
    return 0;
}

/*
 * Opens the file. A reader also asks for write access, because it may have to roll back the
 * changes of a killed tick. SQLite opens the file read-only if it cannot be written.
 */
static int open_database(struct storage *storage, const char *path, enum storage_mode mode,
                         struct error *error)
{
    struct stat file;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (mode == STORAGE_READ_WRITE)
        flags |= SQLITE_OPEN_CREATE;
    if (mode != STORAGE_IN_MEMORY && database_check_companions(path, &storage->damaged, error))
        return -1;
    if (mode == STORAGE_READ_ONLY && (stat(path, &file) ? errno == ENOENT : file.st_size == 0))
        mode = STORAGE_IN_MEMORY;

    /* Otherwise each allocation of SQLite is counted, under a lock. This fails once SQLite is in
     * use: then it was called before, or the caller wants the counts. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

    /* SQLITE_OPEN_MEMORY would also apply to the old state that carry_over.c attaches. */
    if (sqlite3_open_v2(mode == STORAGE_IN_MEMORY ? ":memory:" : path, &storage->db, flags, NULL))
        return storage->db ? database_fail(storage, error) : database_no_memory(storage, error);
    storage->writable = mode != STORAGE_READ_ONLY;
    return restrict_database(storage, error);
}

/* Makes the open file usable: checks or creates its tables. */
static int prepare(struct storage *storage, enum storage_health *health, struct error *error)
{
    /* Held already while the version is read, so that each of its statements does not lock the file
     * again. */
    if (database_hold(storage, error) || check_version(storage, health, error) ||
        (storage->writable && database_execute(storage, SQL_OPEN, error)) ||
        (*health == STORAGE_MISSING && database_execute(storage, SQL_SCHEMA, error)) ||
        (!storage->writable && database_execute(storage, SQL_READ_ONLY, error)) ||
        (storage->writable && database_hold(storage, error)) || compare_schema(storage, error))
        return -1;
    return database_prepare(storage, error);
}

/* Finds the configured monitors and sites in state.db. If it is writable, adds missing ones. */
static int match_owners(struct storage *storage, struct error *error)
{
    if (owners_read(storage, error))
        return -1;
    if (!storage->writable || owners_are_complete(storage))
        return 0;
    if (storage_begin(storage, error) || storage_end(storage, owners_add(storage, error), error))
        return -1;
    return owners_read(storage, error);
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

bool storage_has_foreign_files(const char *path)
{
    struct error ignored;
    bool foreign;

    return database_check_companions(path, &foreign, &ignored) && foreign;
}

void storage_close(struct storage *storage)
{
    if (!storage)
        return;
    database_rollback(storage);
    for (int i = 0; i < SQL_PREPARED; i++)
        sqlite3_finalize(storage->statements[i]);
    sqlite3_close(storage->db);
    condition_set_free(storage->conditions);
    if (storage->forget_certificates)
        storage->forget_certificates(storage);
    owners_free(&storage->monitors);
    owners_free(&storage->sites);
    free(storage->path);
    free(storage);
}

void storage_swap(struct storage *a, struct storage *b)
{
    struct storage kept = *a;

    assert(a->depth == 0 && b->depth == 0);
    *a = *b;
    *b = kept;
    database_count_steps(a);
    database_count_steps(b);
}

void storage_release(struct storage *storage)
{
    database_release(storage);
}

int storage_begin(struct storage *storage, struct error *error)
{
    database_release(storage);
    if (storage->depth == 0 && database_run(storage, database_statement(storage, SQL_BEGIN), error))
        return -1;
    storage->depth++;
    return 0;
}

int storage_end(struct storage *storage, int result, struct error *error)
{
    assert(storage->depth > 0 || result); /* a part that failed has ended the whole */
    if (result == 0 && storage->depth == 1)
        result = database_run(storage, database_statement(storage, SQL_COMMIT), error);
    if (result) {
        database_rollback(storage);
        condition_set_free(storage->conditions); /* they are loaded again */
        storage->conditions = NULL;
    } else {
        storage->depth--;
    }
    return result;
}

bool storage_in_transaction(const struct storage *storage)
{
    return !storage->damaged && !sqlite3_get_autocommit(storage->db);
}

int storage_get_setting(struct storage *storage, enum storage_setting setting, int64_t *value,
                        struct error *error)
{
    static const enum column_range ranges[] = {
        [SETTING_BUILT_MS] = COLUMN_TIME,          [SETTING_PENDING] = COLUMN_FLAG,
        [SETTING_STALE_AT_MS] = COLUMN_TIME,       [SETTING_ROTATED_HOUR] = COLUMN_HOUR,
        [SETTING_CONFIG_HASH] = COLUMN_ANY,        [SETTING_COUNTED_DAY] = COLUMN_DAY,
        [SETTING_SUMS_DAY] = COLUMN_DAY,           [SETTING_PRUNED_HOUR] = COLUMN_HOUR,
        [SETTING_FIRST_UNCOMPRESSED] = COLUMN_DAY, [SETTING_INDEXED_HOUR] = COLUMN_HOUR,
        [SETTING_WRITTEN_DAY] = COLUMN_DAY,        [SETTING_LOCAL_FAULTS] = COLUMN_ANY,
        [SETTING_ROTATED_TO] = COLUMN_RECORD,      [SETTING_LAST_EVENT] = COLUMN_LENGTH,
        [SETTING_ALERT_DUE_MS] = COLUMN_ANY,       [SETTING_ALERT_TARGETS] = COLUMN_ANY};

    static_assert(sizeof ranges / sizeof ranges[0] == SETTINGS, "each setting has a range");
    assert(setting < SETTINGS);
    return column_fetch(storage, database_bind(storage, SQL_GET_SETTING, setting), ranges[setting],
                        0, value, error);
}

int storage_set_setting(struct storage *storage, enum storage_setting setting, int64_t value,
                        struct error *error)
{
    assert(setting < SETTINGS);
    return database_run(storage, database_bind(storage, SQL_SET_SETTING, setting, value), error);
}

int storage_set_built(struct storage *storage, int64_t built_ms, int64_t stale_at_ms, int64_t hash,
                      struct error *error)
{
    int result;

    if (storage_begin(storage, error))
        return -1;
    result = storage_set_setting(storage, SETTING_BUILT_MS, built_ms, error) ||
             storage_set_setting(storage, SETTING_STALE_AT_MS, stale_at_ms, error) ||
             storage_set_setting(storage, SETTING_CONFIG_HASH, hash, error) ||
             storage_set_setting(storage, SETTING_PENDING, 0, error);
    return storage_end(storage, result ? -1 : 0, error);
}

int storage_disable_safety(struct storage *storage, struct error *error)
{
    assert(storage->writable && storage->depth == 0);
    sqlite3_db_config(storage->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    return database_execute(storage, SQL_DISABLE_SAFETY, error);
}

/*
 * Whether the finding of the check is a page that could not be read, not damage: "… unable to
 * get the page. error code=7", or "failed to get page 7".
 */
static bool is_unreadable_page(const char *finding)
{
    const char *code = strstr(finding, "error code=");
    int number = code ? atoi(code + strlen("error code=")) & 0xff : 0;

    return code ? number != SQLITE_CORRUPT && number != SQLITE_NOTADB
                : strstr(finding, "failed to get page") != NULL;
}

/* Whether the file ends inside a page. SQLite would read the rest of that page as zeros. */
static bool is_truncated(const struct storage *storage, int64_t page_size)
{
    struct stat file;

    return stat(storage->path, &file) == 0 && file.st_size % page_size != 0;
}

/* Whether all numbers and texts are in their ranges. Blobs are checked when they are read. */
static int check_values(struct storage *storage, struct error *error)
{
    int64_t n;

    if (get_number(storage, SQL_COUNT_IMPOSSIBLE, &n, error))
        return -1;
    return n ? database_damaged(storage, error) : 0;
}

int storage_examine(struct storage *storage, struct error *error)
{
    sqlite3_stmt *check = NULL;
    const char *finding;
    int64_t page_size;
    int result = get_number(storage, SQL_PAGE_SIZE, &page_size, error);

    if (result == 0)
        result = database_prepare_script(storage, SQL_INTEGRITY_CHECK, &check, error);
    if (result == 0)
        result = database_step(storage, check, error);
    if (result > 0) {
        result = 0;
        finding = (const char *)sqlite3_column_text(check, 0);
        if (!finding || is_unreadable_page(finding))
            result = database_unreadable(storage, error);
        else if (strcmp(finding, "ok") != 0 || is_truncated(storage, page_size))
            result = database_damaged(storage, error);
    }
    sqlite3_finalize(check);
    return result ? -1 : check_values(storage, error);
}

bool storage_is_damaged(const struct storage *storage)
{
    return storage->damaged;
}
