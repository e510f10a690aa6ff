/* Counts of whole days, and their sums over the spans. */
#include "state/database.h"

#include <stdlib.h>
#include <string.h>

/* The minutes that are kept: those UNKNOWN count nowhere. */
static const enum status kept[] = {STATUS_UP, STATUS_DEGRADED, STATUS_BOT_DETECTED, STATUS_DOWN,
                                   STATUS_TIMEOUT};
enum { KEPT = sizeof kept / sizeof kept[0] };

/* Counted days in each span: today is the last of it, and is not counted yet. */
static const int span_days[DAY_SPANS] = {[DAYS_7] = 6, [DAYS_30] = 29, [DAYS_90] = 89};
enum { COUNTED_DAYS = DAYS_SHOWN - 1 };

/* What an owner's days came to, as the table sum keeps it: in this machine's order of bytes. */
struct sums {
    int64_t minutes[DAY_SPANS][KEPT];
    struct day_minutes days[COUNTED_DAYS]; /* oldest first */
};

int days_counted(struct storage *storage, int64_t *day, struct error *error)
{
    if (database_get_note(storage, SETTING_COUNTED_DAY, day, error))
        return -1;
    if (*day == 0)
        *day = INT64_MIN;
    return 0;
}

static int put_owner(struct storage *storage, int64_t owner, int64_t day, const struct tally *tally,
                     struct error *error)
{
    sqlite3_stmt *put = database_statement(storage, SQL_DAY_PUT);
    sqlite3_stmt *forget = database_statement(storage, SQL_DAY_DELETE);
    int64_t known = 0;

    sqlite3_bind_int64(put, 1, owner);
    sqlite3_bind_int64(put, 2, day);
    for (int i = 0; i < KEPT; i++) {
        sqlite3_bind_int64(put, 3 + i, tally->minutes[kept[i]]);
        known += tally->minutes[kept[i]];
    }
    if (known)
        return database_run(storage, put, error);
    sqlite3_bind_int64(forget, 1, owner);
    sqlite3_bind_int64(forget, 2, day);
    return database_run(storage, forget, error);
}

int days_put(struct storage *storage, int64_t day, const struct tally *domains,
             const struct tally *sites, struct error *error)
{
    const struct config *config = storage->config;
    int result = 0;

    if (database_begin(storage, error))
        return -1;
    for (size_t i = 0; i < config->n_domains && result == 0; i++)
        result = put_owner(storage, storage->monitor_ids[i], day, &domains[i], error);
    for (size_t i = 0; i < config->n_sites && result == 0; i++)
        result = put_owner(storage, -storage->site_ids[i], day, &sites[i], error);
    if (result == 0)
        result = database_set_note(storage, SETTING_COUNTED_DAY, day, error);
    if (result == 0)
        result = database_set_note(storage, SETTING_SUMS_DAY, -1, error);
    return database_end(storage, result, error);
}

/* What a load fills. */
struct loading {
    struct storage *storage;
    struct counted *domains, *sites;
};

/* Hands an owner's sums to the domain or site that it is, if it is configured. */
static void give_sums(const struct loading *loading, int64_t owner, const struct sums *sums)
{
    const struct storage *storage = loading->storage;
    const struct owner *found = owner > 0
                                    ? database_owner(storage->monitors, storage->n_monitors, owner)
                                    : database_owner(storage->sites, storage->n_sites, -owner);
    const struct counted *counted = owner > 0 ? loading->domains : loading->sites;

    if (!found)
        return;
    for (int span = 0; span < DAY_SPANS; span++) {
        for (int i = 0; i < KEPT; i++)
            counted->sums[found->index * DAY_SPANS + (size_t)span].minutes[kept[i]] =
                sums->minutes[span][i];
    }
    memcpy(counted->days + found->index * DAYS_SHOWN, sums->days, sizeof sums->days);
}

/* Adds a row of day_list. */
static void add_day(struct sums *sums, sqlite3_stmt *row, int64_t today)
{
    int64_t age = today - sqlite3_column_int64(row, 1);
    struct tally tally = {{0}};

    for (int i = 0; i < KEPT; i++)
        tally.minutes[kept[i]] = sqlite3_column_int64(row, 2 + i);
    for (int span = 0; span < DAY_SPANS; span++) {
        for (int i = 0; i < KEPT && age <= span_days[span]; i++)
            sums->minutes[span][i] += tally.minutes[kept[i]];
    }
    sums->days[COUNTED_DAYS - age] = aggregator_minutes(&tally);
}

static int save_sums(struct storage *storage, int64_t owner, const struct sums *sums,
                     struct error *error)
{
    sqlite3_stmt *put = database_statement(storage, SQL_SUM_PUT);

    sqlite3_bind_int64(put, 1, owner);
    sqlite3_bind_blob(put, 2, sums, sizeof *sums, SQLITE_STATIC);
    return database_run(storage, put, error);
}

/* What one owner's days came to, once the list has gone past them. */
static int finish_owner(const struct loading *loading, int64_t owner, const struct sums *sums,
                        struct error *error)
{
    if (owner == 0)
        return 0;
    give_sums(loading, owner, sums);
    return loading->storage->writable ? save_sums(loading->storage, owner, sums, error) : 0;
}

/* Sums the days up, and keeps the sums where that is allowed. */
static int sum_days(const struct loading *loading, int64_t today, struct error *error)
{
    struct storage *storage = loading->storage;
    sqlite3_stmt *list = database_statement(storage, SQL_DAY_LIST);
    struct sums sums = {0};
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

static int refresh_sums(const struct loading *loading, int64_t today, struct error *error)
{
    struct storage *storage = loading->storage;
    int result;

    if (!storage->writable)
        return sum_days(loading, today, error);
    if (database_begin(storage, error))
        return -1;
    result = database_run(storage, database_statement(storage, SQL_SUM_CLEAR), error);
    if (result == 0)
        result = sum_days(loading, today, error);
    if (result == 0)
        result = database_set_note(storage, SETTING_SUMS_DAY, today, error);
    return database_end(storage, result, error);
}

static int read_sums(const struct loading *loading, struct error *error)
{
    struct storage *storage = loading->storage;
    sqlite3_stmt *list = database_statement(storage, SQL_SUM_LIST);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        struct sums sums;

        if (sqlite3_column_bytes(list, 1) != (int)sizeof sums) {
            sqlite3_reset(list);
            return database_damaged(storage, error);
        }
        memcpy(&sums, sqlite3_column_blob(list, 1), sizeof sums);
        give_sums(loading, sqlite3_column_int64(list, 0), &sums);
    }
    return result;
}

static int allocate(struct counted *counted, size_t n)
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
    const struct loading loading = {storage, domains, sites};
    int64_t summed = 0;
    int result = -1;

    *domains = *sites = (struct counted){0};
    if (allocate(domains, storage->config->n_domains) || allocate(sites, storage->config->n_sites))
        error_set(error, EXIT_IO, "%s: out of memory", storage->path);
    else if (database_get_note(storage, SETTING_SUMS_DAY, &summed, error) == 0)
        result =
            summed == today ? read_sums(&loading, error) : refresh_sums(&loading, today, error);
    if (result) {
        days_free(domains);
        days_free(sites);
    }
    return result;
}
