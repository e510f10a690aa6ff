/* Stores the minutes counted for each day, and sums them over the spans. */
#include "state/days.h"

#include "state/database.h"

#include <assert.h>

#include <stdlib.h>
#include <string.h>

/* The columns of a day, in their order. Minutes that are UNKNOWN count nowhere. */
static const enum status stored[] = {STATUS_UP, STATUS_DEGRADED, STATUS_BOT_DETECTED, STATUS_DOWN,
                                     STATUS_TIMEOUT};
enum { STORED = sizeof stored / sizeof stored[0] };

/* The whole days in each span. Today is its last day and is not counted yet. */
static const int span_days[DAY_SPANS] = {[DAYS_7] = 6, [DAYS_30] = 29, [DAYS_90] = 89};
enum { COUNTED_DAYS = DAYS_SHOWN - 1 };

/* The sums of one owner, as the table stores them: in the byte order of this machine. */
struct day_sums {
    int64_t minutes[DAY_SPANS][STORED];
    struct day_minutes days[COUNTED_DAYS]; /* oldest first */
};

int days_counted(struct storage *storage, int64_t *day, struct error *error)
{
    if (storage_get_setting(storage, SETTING_COUNTED_DAY, day, error))
        return -1;
    if (*day == 0)
        *day = INT64_MIN;
    return 0;
}

static int put_owner(struct storage *storage, int64_t owner, int64_t day, const struct tally *tally,
                     struct error *error)
{
    sqlite3_stmt *put = database_statement(storage, SQL_PUT_DAY);
    sqlite3_stmt *delete = database_statement(storage, SQL_DELETE_DAY);
    int64_t known = 0;

    sqlite3_bind_int64(put, 1, owner);
    sqlite3_bind_int64(put, 2, day);
    for (int i = 0; i < STORED; i++) {
        sqlite3_bind_int64(put, 3 + i, tally->minutes[stored[i]]);
        known += tally->minutes[stored[i]];
    }
    if (known)
        return database_run(storage, put, error);
    sqlite3_bind_int64(delete, 1, owner);
    sqlite3_bind_int64(delete, 2, day);
    return database_run(storage, delete, error);
}

int days_put(struct storage *storage, int64_t day, const struct tally *domains,
             const struct tally *sites, struct error *error)
{
    const struct config *config = storage->config;
    int result = 0;

    if (storage_begin(storage, error))
        return -1;
    for (size_t i = 0; i < config->n_domains && result == 0; i++)
        result = put_owner(storage, storage->monitors.ids[i], day, &domains[i], error);
    for (size_t i = 0; i < config->n_sites && result == 0; i++)
        result = put_owner(storage, -storage->sites.ids[i], day, &sites[i], error);
    if (result == 0)
        result = storage_set_setting(storage, SETTING_COUNTED_DAY, day, error);
    if (result == 0)
        result = storage_set_setting(storage, SETTING_SUMS_DAY, -1, error);
    return storage_end(storage, result, error);
}

/* A load under way: into which arrays. */
struct counted_loading {
    struct storage *storage;
    struct counted *domains, *sites;
};

/* Copies an owner's sums to its domain or site, if that is configured. */
static void copy_sums(const struct counted_loading *loading, int64_t owner,
                      const struct day_sums *sums)
{
    const struct storage *storage = loading->storage;
    const struct owner *found =
        owner > 0 ? owners_find(&storage->monitors, owner) : owners_find(&storage->sites, -owner);
    const struct counted *counted = owner > 0 ? loading->domains : loading->sites;

    if (!found)
        return;
    for (int span = 0; span < DAY_SPANS; span++) {
        for (int i = 0; i < STORED; i++)
            counted->sums[found->index * DAY_SPANS + (size_t)span].minutes[stored[i]] =
                sums->minutes[span][i];
    }
    memcpy(counted->days + found->index * DAYS_SHOWN, sums->days, sizeof sums->days);
}

/* Adds a row of list_days. */
static void add_day(struct day_sums *sums, sqlite3_stmt *row, int64_t today)
{
    int64_t age = today - sqlite3_column_int64(row, 1);
    struct tally tally = {{0}};

    assert(age >= 1 && age <= COUNTED_DAYS);
    for (int i = 0; i < STORED; i++)
        tally.minutes[stored[i]] = sqlite3_column_int64(row, 2 + i);
    for (int span = 0; span < DAY_SPANS; span++) {
        for (int i = 0; i < STORED && age <= span_days[span]; i++)
            sums->minutes[span][i] += tally.minutes[stored[i]];
    }
    sums->days[COUNTED_DAYS - age] = aggregator_minutes(&tally);
}

static int save_sums(struct storage *storage, int64_t owner, const struct day_sums *sums,
                     struct error *error)
{
    sqlite3_stmt *put = database_statement(storage, SQL_PUT_SUM);

    sqlite3_bind_int64(put, 1, owner);
    sqlite3_bind_blob(put, 2, sums, sizeof *sums, SQLITE_STATIC);
    return database_run(storage, put, error);
}

/* Finishes an owner when the list has passed its last day. */
static int finish_owner(const struct counted_loading *loading, int64_t owner,
                        const struct day_sums *sums, struct error *error)
{
    if (owner == 0)
        return 0;
    copy_sums(loading, owner, sums);
    return loading->storage->writable ? save_sums(loading->storage, owner, sums, error) : 0;
}

/* Sums up the days, and stores the sums if the storage is writable. */
static int sum_days(const struct counted_loading *loading, int64_t today, struct error *error)
{
    struct storage *storage = loading->storage;
    sqlite3_stmt *list = database_statement(storage, SQL_LIST_DAYS);
    struct day_sums sums = {0};
    int64_t owner = 0;
    bool row;
    int result;

    sqlite3_bind_int64(list, 1, today - COUNTED_DAYS);
    sqlite3_bind_int64(list, 2, today - 1);
    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        if (sqlite3_column_int64(list, 0) != owner) {
            if ((result = finish_owner(loading, owner, &sums, error)) != 0)
                break;
            owner = sqlite3_column_int64(list, 0);
            memset(&sums, 0, sizeof sums);
        }
        add_day(&sums, list, today);
    }
    sqlite3_reset(list);
    return result ? result : finish_owner(loading, owner, &sums, error);
}

/* Sums up the days for today, and replaces the stored sums. */
static int refresh_sums(const struct counted_loading *loading, int64_t today, struct error *error)
{
    struct storage *storage = loading->storage;
    int result;

    if (!storage->writable)
        return sum_days(loading, today, error);
    if (storage_begin(storage, error))
        return -1;
    result = database_run(storage, database_statement(storage, SQL_DELETE_SUMS), error);
    if (result == 0)
        result = sum_days(loading, today, error);
    if (result == 0)
        result = storage_set_setting(storage, SETTING_SUMS_DAY, today, error);
    return storage_end(storage, result, error);
}

/* Reads the stored sums. */
static int read_sums(const struct counted_loading *loading, struct error *error)
{
    struct storage *storage = loading->storage;
    sqlite3_stmt *list = database_statement(storage, SQL_LIST_SUMS);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        struct day_sums sums;

        if (sqlite3_column_bytes(list, 1) != (int)sizeof sums) {
            sqlite3_reset(list);
            return database_damaged(storage, error);
        }
        memcpy(&sums, sqlite3_column_blob(list, 1), sizeof sums);
        copy_sums(loading, sqlite3_column_int64(list, 0), &sums);
    }
    return result;
}

static int allocate_counted(struct counted *counted, size_t n)
{
    counted->sums = calloc(n ? n * DAY_SPANS : 1, sizeof *counted->sums);
    counted->days = calloc(n ? n * DAYS_SHOWN : 1, sizeof *counted->days);
    return counted->sums && counted->days ? 0 : -1;
}

void days_free(struct counted *counted)
{
    free(counted->sums);
    free(counted->days);
    *counted = (struct counted){0};
}

int days_load(struct storage *storage, int64_t today, struct counted *domains,
              struct counted *sites, struct error *error)
{
    const struct counted_loading loading = {storage, domains, sites};
    int64_t summed = 0;
    int result = -1;

    *domains = *sites = (struct counted){0};
    if (allocate_counted(domains, storage->config->n_domains) ||
        allocate_counted(sites, storage->config->n_sites))
        database_no_memory(storage, error);
    else if (storage_get_setting(storage, SETTING_SUMS_DAY, &summed, error) == 0)
        result =
            summed == today ? read_sums(&loading, error) : refresh_sums(&loading, today, error);
    if (result) {
        days_free(domains);
        days_free(sites);
    }
    return result;
}
