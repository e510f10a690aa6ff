#include "state/ledger.h"

#include "base/clock.h"
#include "state/database.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int storage_begin(struct storage *storage, struct error *error)
{
    return database_begin(storage, error);
}

int storage_end(struct storage *storage, int result, struct error *error)
{
    return database_end(storage, result, error);
}

bool storage_in_transaction(const struct storage *storage)
{
    return !storage->damaged && !sqlite3_get_autocommit(storage->db);
}

int monitors_find(struct storage *storage, const char *site, const char *domain, int64_t *id,
                  struct error *error)
{
    sqlite3_stmt *find = database_statement(storage, SQL_MONITOR_FIND);
    sqlite3_stmt *add = database_statement(storage, SQL_MONITOR_ADD);

    sqlite3_bind_text(find, 1, site, -1, SQLITE_STATIC);
    sqlite3_bind_text(find, 2, domain, -1, SQLITE_STATIC);
    if (database_number(storage, find, 0, id, error))
        return -1;
    if (*id)
        return 0;
    sqlite3_bind_text(add, 1, site, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 2, domain, -1, SQLITE_STATIC);
    if (database_run(storage, add, error))
        return -1;
    *id = sqlite3_last_insert_rowid(storage->db);
    return 0;
}

bool monitors_is_configured(const struct storage *storage, int64_t monitor, size_t *domain)
{
    const struct owner *owner = database_owner(storage->monitors, storage->n_monitors, monitor);

    if (owner)
        *domain = owner->index;
    return owner != NULL;
}

bool ledger_is_id(const char *id, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    if (size == 0 || size >= LEDGER_ID_MAX || id[0] == '.' || id[0] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!memchr(letters, id[i], sizeof letters - 1))
            return false;
    }
    return true;
}

int database_read_monitor(struct storage *storage, sqlite3_stmt *row, struct monitor_id *monitor,
                          struct error *error)
{
    const char *site = sqlite3_column_blob(row, 1), *domain = sqlite3_column_blob(row, 2);
    size_t site_size = (size_t)sqlite3_column_bytes(row, 1);
    size_t domain_size = (size_t)sqlite3_column_bytes(row, 2);

    /* They become a path, and a damaged file may say anything. */
    if (!ledger_is_id(site, site_size) || !ledger_is_id(domain, domain_size))
        return database_damaged(storage, error);
    monitor->id = sqlite3_column_int64(row, 0);
    memcpy(monitor->site, site, site_size);
    memcpy(monitor->domain, domain, domain_size);
    monitor->site[site_size] = monitor->domain[domain_size] = '\0';
    return 0;
}

/* Runs a statement for the monitor after this one. */
static int next_monitor(struct storage *storage, sqlite3_stmt *next, struct monitor_id *monitor,
                        bool *row, struct error *error)
{
    sqlite3_bind_int64(next, 1, monitor->id);
    monitor->id = 0;
    if (database_step(storage, next, row, error))
        return -1;
    return *row ? database_read_monitor(storage, next, monitor, error) : 0;
}

int ledger_set_live(struct storage *storage, int64_t monitor, const struct ledger_live *live,
                    struct error *error)
{
    sqlite3_stmt *set = database_statement(storage, live->length ? SQL_LIVE_PUT : SQL_LIVE_DELETE);

    sqlite3_bind_int64(set, 1, monitor);
    if (live->length) {
        sqlite3_bind_int64(set, 2, live->length);
        sqlite3_bind_int64(set, 3, live->archived);
    }
    return database_run(storage, set, error);
}

int ledger_next_live(struct storage *storage, struct monitor_id *monitor, struct ledger_live *live,
                     bool *staged, struct error *error)
{
    sqlite3_stmt *next = database_statement(storage, SQL_LIVE_NEXT);
    bool row;
    int result = next_monitor(storage, next, monitor, &row, error);

    if (row) {
        *live = (struct ledger_live){sqlite3_column_int64(next, 3), sqlite3_column_int64(next, 4)};
        *staged = sqlite3_column_int(next, 5);
    }
    sqlite3_reset(next);
    return result;
}

int ledger_get_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t *length,
                       struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_ARCHIVE_GET);

    sqlite3_bind_int64(get, 1, day);
    sqlite3_bind_int64(get, 2, monitor);
    return database_number(storage, get, 0, length, error);
}

int ledger_set_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t length,
                       struct error *error)
{
    sqlite3_stmt *set = database_statement(storage, length ? SQL_ARCHIVE_PUT : SQL_ARCHIVE_DELETE);

    sqlite3_bind_int64(set, 1, day);
    sqlite3_bind_int64(set, 2, monitor);
    if (length)
        sqlite3_bind_int64(set, 3, length);
    return database_run(storage, set, error);
}

int ledger_pruned_hour(struct storage *storage, int64_t *hour, struct error *error)
{
    return database_get_note(storage, SETTING_PRUNED_HOUR, hour, error);
}

int ledger_set_pruned_hour(struct storage *storage, int64_t hour, struct error *error)
{
    return database_set_note(storage, SETTING_PRUNED_HOUR, hour, error);
}

int ledger_first_unpacked(struct storage *storage, int64_t *day, struct error *error)
{
    return database_get_note(storage, SETTING_FIRST_UNPACKED, day, error);
}

int ledger_set_first_unpacked(struct storage *storage, int64_t day, struct error *error)
{
    return database_set_note(storage, SETTING_FIRST_UNPACKED, day, error);
}

int storage_disable_safety(struct storage *storage, struct error *error)
{
    return database_execute(storage, "sql/bulk.sql", error);
}

/*
 * Whether the check found no damage, but a page that it could not have: "… unable to get the page.
 * error code=7", or "failed to get page 7".
 */
static bool is_of_reading(const char *finding)
{
    const char *code = strstr(finding, "error code=");
    int number = code ? atoi(code + strlen("error code=")) & 0xff : 0;

    return code ? number != SQLITE_CORRUPT && number != SQLITE_NOTADB
                : strstr(finding, "failed to get page") != NULL;
}

/* Whether the file ends within a page: SQLite takes what is missing of its last one for zeros. */
static bool is_cut(const struct storage *storage)
{
    enum { PAGE = 8192 /* as in sql/open.sql */ };
    struct stat file;

    return stat(storage->path, &file) == 0 && file.st_size % PAGE != 0;
}

int storage_examine(struct storage *storage, struct error *error)
{
    sqlite3_stmt *check = NULL;
    const char *finding;
    bool row = false;
    int result = database_prepare_one(storage, "sql/quick_check.sql", &check, error);

    if (result == 0)
        result = database_step(storage, check, &row, error);
    if (row) {
        finding = (const char *)sqlite3_column_text(check, 0);
        if (!finding || is_of_reading(finding))
            result = database_unread(storage, error);
        else if (strcmp(finding, "ok") != 0 || is_cut(storage))
            result = database_damaged(storage, error);
    }
    sqlite3_finalize(check);
    return result;
}

bool storage_is_damaged(const struct storage *storage)
{
    return storage->damaged;
}
