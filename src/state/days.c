/* Stores the minutes counted for each day, and sums them over the spans. */
#include "state/days.h"

#include "base/clock.h"
#include "state/database.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The columns of a day, in their order. Minutes that are UNKNOWN count nowhere. */
static const enum status stored[] = {STATUS_UP, STATUS_DEGRADED, STATUS_BOT_DETECTED, STATUS_DOWN,
                                     STATUS_TIMEOUT};
enum { STORED = sizeof stored / sizeof stored[0] };

/* The whole days in each span. Today is its last day and is not counted yet. */
static const int span_days[DAY_SPANS] = {
    [DAYS_7] = 6, [DAYS_30] = 29, [DAYS_90] = 89, [DAYS_365] = 364};
enum { SUMMED_DAYS = 364 /* of the longest span */, COUNTED_DAYS = DAYS_SHOWN - 1 };

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
    sqlite3_stmt *put = database_bind(storage, SQL_PUT_DAY, owner, day);
    int64_t counted = 0;

    for (int i = 0; i < STORED; i++) {
        sqlite3_bind_int64(put, 3 + i, tally->minutes[stored[i]]);
        counted += tally->minutes[stored[i]];
    }
    if (counted == 0)
        put = database_bind(storage, SQL_DELETE_DAY, owner, day);
    return database_run(storage, put, error);
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

/* A load under way: into which arrays, and the sums of the owner that is being read. */
struct counted_loading {
    struct storage *storage;
    struct counted *domains, *sites;
    int64_t today;
    int64_t owner; /* 0: none yet */
    struct day_sums sums;
};

/* Copies the sums to the domain or site of the owner, if it is configured. */
static void copy_sums(const struct counted_loading *loading)
{
    const struct storage *storage = loading->storage;
    int64_t id = loading->owner;
    const struct owner *owner =
        id > 0 ? owners_find(&storage->monitors, id) : owners_find(&storage->sites, -id);
    const struct counted *counted = id > 0 ? loading->domains : loading->sites;

    if (!owner)
        return;
    for (size_t span = 0; span < DAY_SPANS; span++) {
        for (int i = 0; i < STORED; i++)
            counted->sums[owner->index * DAY_SPANS + span].minutes[stored[i]] =
                loading->sums.minutes[span][i];
    }
    memcpy(counted->days + owner->index * DAYS_SHOWN, loading->sums.days,
           sizeof loading->sums.days);
}

/* Finishes an owner when all its days are added. Stores its sums if the storage is writable. */
static int finish_owner(const struct counted_loading *loading, struct error *error)
{
    struct storage *storage = loading->storage;
    sqlite3_stmt *put = database_bind(storage, SQL_PUT_SUM, loading->owner);

    if (loading->owner == 0)
        return 0;
    copy_sums(loading);
    sqlite3_bind_blob(put, 2, &loading->sums, sizeof loading->sums, SQLITE_STATIC);
    return storage->writable ? database_run(storage, put, error) : 0;
}

/* Adds a row of list_days: the next day of the same owner, or the first of another one. */
static int add_day(void *context, sqlite3_stmt *row, struct error *error)
{
    struct counted_loading *loading = context;
    struct day_sums *sums = &loading->sums;
    int64_t age = loading->today - sqlite3_column_int64(row, 1);
    struct tally tally = {{0}};

    if (sqlite3_column_int64(row, 0) != loading->owner) {
        if (finish_owner(loading, error))
            return -1;
        loading->owner = sqlite3_column_int64(row, 0);
        memset(sums, 0, sizeof *sums);
    }
    assert(age >= 1 && age <= SUMMED_DAYS);
    for (int i = 0; i < STORED; i++)
        tally.minutes[stored[i]] = sqlite3_column_int64(row, 2 + i);
    for (int span = 0; span < DAY_SPANS; span++) {
        for (int i = 0; i < STORED && age <= span_days[span]; i++)
            sums->minutes[span][i] += tally.minutes[stored[i]];
    }
    if (age <= COUNTED_DAYS)
        sums->days[COUNTED_DAYS - age] = aggregator_minutes(&tally);
    return 0;
}

static int sum_days(struct counted_loading *loading, struct error *error)
{
    sqlite3_stmt *list = database_bind(loading->storage, SQL_LIST_DAYS,
                                       loading->today - SUMMED_DAYS, loading->today - 1);

    if (database_each(loading->storage, list, add_day, loading, error))
        return -1;
    return finish_owner(loading, error);
}

/* Sums up the days. If the storage is writable, replaces the stored sums. */
static int refresh_sums(struct counted_loading *loading, struct error *error)
{
    struct storage *storage = loading->storage;
    int result;

    if (!storage->writable)
        return sum_days(loading, error);
    if (storage_begin(storage, error))
        return -1;
    result = database_run(storage, database_statement(storage, SQL_DELETE_SUMS), error);
    if (result == 0)
        result = sum_days(loading, error);
    if (result == 0)
        result = storage_set_setting(storage, SETTING_SUMS_DAY, loading->today, error);
    return storage_end(storage, result, error);
}

/* Reads a row of list_sums. */
static int read_sums(void *context, sqlite3_stmt *row, struct error *error)
{
    struct counted_loading *loading = context;

    if (sqlite3_column_bytes(row, 1) != (int)sizeof loading->sums)
        return database_damaged(loading->storage, error);
    loading->owner = sqlite3_column_int64(row, 0);
    memcpy(&loading->sums, sqlite3_column_blob(row, 1), sizeof loading->sums);
    for (int span = 0; span < DAY_SPANS; span++) {
        for (int i = 0; i < STORED; i++) {
            int64_t minutes = loading->sums.minutes[span][i];

            if (minutes < 0 || minutes > span_days[span] * (MS_PER_DAY / MS_PER_MINUTE))
                return database_damaged(loading->storage, error);
        }
    }
    copy_sums(loading);
    return 0;
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
    struct counted_loading loading = {
        .storage = storage, .domains = domains, .sites = sites, .today = today};
    int64_t summed = 0;
    int result = -1;

    *domains = *sites = (struct counted){0};
    if (allocate_counted(domains, storage->config->n_domains) ||
        allocate_counted(sites, storage->config->n_sites))
        database_no_memory(storage, error);
    else if (storage_get_setting(storage, SETTING_SUMS_DAY, &summed, error) == 0)
        result = summed != today
                     ? refresh_sums(&loading, error)
                     : database_each(storage, database_statement(storage, SQL_LIST_SUMS), read_sums,
                                     &loading, error);
    if (result) {
        days_free(domains);
        days_free(sites);
    }
    return result;
}
