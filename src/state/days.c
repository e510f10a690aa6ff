/* Stores the minutes counted for each day, and sums them over the spans. */
#include "state/days.h"

#include "base/clock.h"
#include "base/memory.h"
#include "state/column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The columns of a day, in their order. Minutes that are UNKNOWN count nowhere. */
static const enum status stored[] = {STATUS_UP, STATUS_DEGRADED, STATUS_BOT_DETECTED, STATUS_DOWN,
                                     STATUS_TIMEOUT};
enum { STORED = sizeof stored / sizeof stored[0] };
static_assert((int)STORED == (int)DAYS_COLUMNS, "a row of data/days has the same columns");

/* The whole days in each span. Today is its last day and is not counted yet. */
static const int span_days[DAY_SPANS] = {
    [DAYS_7] = 6, [DAYS_30] = 29, [DAYS_90] = 89, [DAYS_365] = 364};
enum { COUNTED_DAYS = DAYS_SHOWN - 1, SUMMED_DAYS = 364, LONGEST_SPAN = 366, DAYS_KEPT = 400 };

/* Owners in one transaction. */
enum { OWNERS_AT_ONCE = 2000 };

/* Less than each owner. */
static const int64_t no_owner = INT64_MIN;

/* The same as struct day_minutes, for many days. */
struct span_minutes {
    int32_t good, bad, degraded;
};

/* The sums of one owner, as the table stores them: in the byte order of this machine. */
struct day_sums {
    struct span_minutes spans[DAY_SPANS];
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
    sqlite3_stmt *put;
    int64_t counted = 0;

    for (int i = 0; i < STORED; i++)
        counted += tally->minutes[stored[i]];
    put = database_bind(storage, counted ? SQL_PUT_DAY : SQL_DELETE_DAY, owner, day);
    for (int i = 0; counted && i < STORED; i++)
        sqlite3_bind_int64(put, 3 + i, tally->minutes[stored[i]]);
    return database_run(storage, put, error);
}

/* A day that is counted again is written to data/days again. */
static int reset_written_day(struct storage *storage, int64_t day, struct error *error)
{
    int64_t written;

    if (storage_get_setting(storage, SETTING_WRITTEN_DAY, &written, error))
        return -1;
    return written < day ? 0 : storage_set_setting(storage, SETTING_WRITTEN_DAY, day - 1, error);
}

/* The sums do not have this day yet, or they are wrong now. */
static int reset_sums(struct storage *storage, int64_t day, struct error *error)
{
    int64_t summed;

    if (storage_get_setting(storage, SETTING_SUMS_DAY, &summed, error))
        return -1;
    return summed <= day ? 0 : storage_set_setting(storage, SETTING_SUMS_DAY, -1, error);
}

/* Puts the tallies of up to OWNERS_AT_ONCE owners, from this one on: the domains, then the sites.
 */
static int put_owners(struct storage *storage, int64_t day, const struct tally *domains,
                      const struct tally *sites, size_t first, struct error *error)
{
    size_t n_domains = storage->config->n_domains, end = n_domains + storage->config->n_sites;
    int result = 0;

    for (size_t i = first; i < end && i < first + OWNERS_AT_ONCE && result == 0; i++) {
        size_t site = i - n_domains;

        result = i < n_domains
                     ? put_owner(storage, storage->monitors.ids[i], day, &domains[i], error)
                     : put_owner(storage, -storage->sites.ids[site], day, &sites[site], error);
    }
    return result;
}

/*
 * Each owner is in another page, and the pages that a transaction changes stay in memory. So there
 * are several transactions. If only some of them are done, the day does not count: it is put again.
 */
int days_put(struct storage *storage, int64_t day, const struct tally *domains,
             const struct tally *sites, struct error *error)
{
    size_t n = storage->config->n_domains + storage->config->n_sites, first = 0;
    int result;

    do {
        if (storage_begin(storage, error))
            return -1;
        result = first == 0 &&
                         (reset_sums(storage, day, error) || reset_written_day(storage, day, error))
                     ? -1
                     : put_owners(storage, day, domains, sites, first, error);
        first += OWNERS_AT_ONCE;
        if (result == 0 && first >= n)
            result = storage_set_setting(storage, SETTING_COUNTED_DAY, day, error);
        result = storage_end(storage, result, error);
    } while (result == 0 && first < n);
    return result;
}

/* A day that is read. */
struct counted_reading {
    struct storage *storage;
    struct day_minutes minutes;
};

/* A load under way: into which arrays, and the sums of the owner that is being read. */
struct counted_loading {
    struct storage *storage;
    struct counted *domains, *sites;
    int64_t today;
    int64_t
        owner; /* the id of a monitor or the negated id of a site, ascending; no_owner: none yet */
    int64_t age; /* of the owner's last day that was read */
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
        const struct span_minutes *minutes = &loading->sums.spans[span];
        struct tally *tally = &counted->sums[owner->index * DAY_SPANS + span];

        tally->minutes[STATUS_UP] = minutes->good - minutes->degraded;
        tally->minutes[STATUS_DEGRADED] = minutes->degraded;
        tally->minutes[STATUS_DOWN] = minutes->bad;
    }
    memcpy(counted->days + owner->index * DAYS_SHOWN, loading->sums.days,
           sizeof loading->sums.days);
}

/* Finishes an owner when all its days are added. Stores its sums if the storage is writable. */
static int finish_owner(const struct counted_loading *loading, struct error *error)
{
    struct storage *storage = loading->storage;
    sqlite3_stmt *put;

    if (loading->owner == no_owner)
        return 0;
    copy_sums(loading);
    if (!storage->writable)
        return 0;
    put = database_bind(storage, SQL_PUT_SUM, loading->owner);
    sqlite3_bind_blob(put, 2, &loading->sums, sizeof loading->sums, SQLITE_STATIC);
    return database_run(storage, put, error);
}

/* Reads the counts of a day, which are the columns from the third one on. */
static int read_minutes(struct storage *storage, sqlite3_stmt *row, struct day_minutes *minutes,
                        struct error *error)
{
    struct tally tally = {{0}};
    int64_t counted = 0;

    for (int i = 0; i < STORED; i++) {
        int64_t *of_status = &tally.minutes[stored[i]];

        if (column_read_number(storage, row, 2 + i, COLUMN_MINUTES, of_status, error))
            return -1;
        counted += *of_status;
    }
    if (!column_is_in_range(COLUMN_MINUTES, counted))
        return database_damaged(storage, error);
    *minutes = aggregator_minutes(&tally);
    return 0;
}

/* Adds a day to a span, or takes it away: sign is 1 or -1. */
static void add_minutes(struct span_minutes *span, const struct day_minutes *minutes, int sign)
{
    span->good += sign * minutes->good;
    span->bad += sign * minutes->bad;
    span->degraded += sign * minutes->degraded;
}

/* Adds a row of list_days: the next day of the same owner, or the first of another one. */
static int add_day(void *context, sqlite3_stmt *row, struct error *error)
{
    struct counted_loading *loading = context;
    struct day_sums *sums = &loading->sums;
    struct day_minutes minutes;
    int64_t owner, day, age;

    if (column_read_number(loading->storage, row, 0, COLUMN_OWNER, &owner, error) ||
        column_read_number(loading->storage, row, 1, COLUMN_DAY, &day, error) ||
        read_minutes(loading->storage, row, &minutes, error))
        return -1;
    if (owner != loading->owner) {
        if (finish_owner(loading, error))
            return -1;
        loading->age = SUMMED_DAYS + 1;
        memset(sums, 0, sizeof *sums);
    }
    age = loading->today - day;
    if (owner < loading->owner || age < 1 || age >= loading->age)
        return database_damaged(loading->storage, error);
    loading->owner = owner;
    loading->age = age;
    for (int span = 0; span < DAY_SPANS; span++) {
        if (age <= span_days[span])
            add_minutes(&sums->spans[span], &minutes, 1);
    }
    if (age <= COUNTED_DAYS)
        sums->days[COUNTED_DAYS - age] = minutes;
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

/* Whether days can have such sums. */
static bool are_possible(const struct day_sums *sums)
{
    for (int i = 0; i < DAY_SPANS; i++) {
        const struct span_minutes *span = &sums->spans[i];
        int32_t max = span_days[i] * MINUTES_PER_DAY;

        if (span->degraded < 0 || span->degraded > span->good || span->good > max ||
            span->bad < 0 || span->bad > max - span->good)
            return false;
    }
    for (int i = 0; i < COUNTED_DAYS; i++) {
        if (sums->days[i].good + sums->days[i].bad > MINUTES_PER_DAY ||
            sums->days[i].degraded > sums->days[i].good)
            return false;
    }
    return true;
}

/* Reads a row of list_sums. Returns 1 if another version of uptick stored it, with other spans. */
static int read_sums(void *context, sqlite3_stmt *row, struct error *error)
{
    struct counted_loading *loading = context;

    if (column_read_number(loading->storage, row, 0, COLUMN_OWNER, &loading->owner, error))
        return -1;
    if (sqlite3_column_type(row, 1) != SQLITE_BLOB)
        return database_damaged(loading->storage, error);
    if (sqlite3_column_bytes(row, 1) != (int)sizeof loading->sums)
        return 1;
    memcpy(&loading->sums, sqlite3_column_blob(row, 1), sizeof loading->sums);
    if (!are_possible(&loading->sums))
        return database_damaged(loading->storage, error);
    copy_sums(loading);
    return 0;
}

static int read_day(void *context, sqlite3_stmt *row, struct error *error)
{
    struct counted_reading *reading = context;

    return read_minutes(reading->storage, row, &reading->minutes, error);
}

/*
 * Finds the day that leaves a span. The sums have the minutes of all days but the oldest one of the
 * longest span; if that span has no more minutes than the one before, that day has none.
 */
static int find_leaving(const struct counted_loading *loading, int span,
                        struct day_minutes *leaving, struct error *error)
{
    const struct day_sums *sums = &loading->sums;
    struct counted_reading reading = {.storage = loading->storage};
    int result = 0;

    if (span_days[span] <= COUNTED_DAYS) {
        *leaving = sums->days[COUNTED_DAYS - span_days[span]];
        return 0;
    }
    if (memcmp(&sums->spans[span], &sums->spans[span - 1], sizeof sums->spans[span]) != 0)
        result = database_each(loading->storage,
                               database_bind(loading->storage, SQL_GET_DAY, loading->owner,
                                             loading->today - 1 - span_days[span]),
                               read_day, &reading, error);
    *leaving = reading.minutes;
    return result;
}

/* Makes the sums of yesterday those of today: yesterday enters each span, and one day leaves it.
 * The longest span comes first, because it is compared with the one before. */
static int advance_sums(struct counted_loading *loading, const struct day_minutes *yesterday,
                        struct error *error)
{
    struct day_sums *sums = &loading->sums;

    for (int span = DAY_SPANS - 1; span >= 0; span--) {
        struct day_minutes leaving;

        if (find_leaving(loading, span, &leaving, error))
            return -1;
        add_minutes(&sums->spans[span], &leaving, -1);
        add_minutes(&sums->spans[span], yesterday, 1);
    }
    memmove(sums->days, sums->days + 1, sizeof sums->days - sizeof *sums->days);
    sums->days[COUNTED_DAYS - 1] = *yesterday;
    return 0;
}

/* Reads a row of list_owners, and advances the sums. Returns 1 if they cannot be right. */
static int advance_owner(void *context, sqlite3_stmt *row, struct error *error)
{
    struct counted_loading *loading = context;
    bool has_sums = sqlite3_column_type(row, 1) != SQLITE_NULL;
    bool is_counted = sqlite3_column_type(row, 2) != SQLITE_NULL;
    struct day_minutes yesterday = {0};
    int result;

    memset(&loading->sums, 0, sizeof loading->sums);
    if (!has_sums && !is_counted)
        return 0;
    result = has_sums ? read_sums(loading, row, error)
                      : column_read_number(loading->storage, row, 0, COLUMN_OWNER, &loading->owner,
                                           error);
    if (result)
        return result;
    if ((is_counted && read_minutes(loading->storage, row, &yesterday, error)) ||
        advance_sums(loading, &yesterday, error))
        return -1;
    return are_possible(&loading->sums) ? finish_owner(loading, error) : 1;
}

/* Sums up the days again. */
static int replace_sums(struct counted_loading *loading, struct error *error)
{
    struct storage *storage = loading->storage;

    loading->owner = no_owner;
    if (storage->writable &&
        database_run(storage, database_statement(storage, SQL_DELETE_SUMS), error))
        return -1;
    return sum_days(loading, error);
}

/*
 * Brings the sums to today. At most two days are read for each owner: the one that enters each
 * span, and one that leaves the longest. If the sums are not those of yesterday, they are made of
 * all days, which are hundreds for each owner. They are stored if the storage is writable.
 */
static int refresh_sums(struct counted_loading *loading, int64_t summed, struct error *error)
{
    struct storage *storage = loading->storage;
    int result = 1;

    if (storage->writable && storage_begin(storage, error))
        return -1;
    if (summed > 0 && summed == loading->today - 1)
        result = database_each(storage, database_bind(storage, SQL_LIST_OWNERS, summed),
                               advance_owner, loading, error);
    if (result > 0)
        result = replace_sums(loading, error);
    if (!storage->writable)
        return result;
    if (result == 0)
        result = storage_set_setting(storage, SETTING_SUMS_DAY, loading->today, error);
    return storage_end(storage, result, error);
}

static int allocate_counted(struct counted *counted, size_t n)
{
    size_t size = n * DAYS_SHOWN * sizeof *counted->days;

    counted->sums = calloc(n ? n * DAY_SPANS : 1, sizeof *counted->sums);
    counted->days = memory_alloc_large(size + 1);
    if (!counted->sums || !counted->days)
        return -1;
    memset(counted->days, 0, size);
    return 0;
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
        .storage = storage, .domains = domains, .sites = sites, .today = today, .owner = no_owner};
    int64_t summed = 0;
    int result = -1;

    *domains = *sites = (struct counted){0};
    if (allocate_counted(domains, storage->config->n_domains) ||
        allocate_counted(sites, storage->config->n_sites))
        database_no_memory(storage, error);
    else if (storage_get_setting(storage, SETTING_SUMS_DAY, &summed, error) == 0)
        result = summed != today
                     ? 1
                     : database_each(storage, database_statement(storage, SQL_LIST_SUMS), read_sums,
                                     &loading, error);
    if (result > 0) {
        loading.owner = no_owner;
        result = refresh_sums(&loading, summed, error);
    }
    if (result) {
        days_free(domains);
        days_free(sites);
    }
    return result;
}

int days_kept(const struct config *config)
{
    int days = config->retention_days + LONGEST_SPAN;

    return days > DAYS_KEPT ? days : DAYS_KEPT;
}

int days_find_first(struct storage *storage, size_t domain, int64_t from, int64_t *first_ms,
                    struct error *error)
{
    sqlite3_stmt *find = database_bind(storage, SQL_FIRST_COUNTED, storage->monitors.ids[domain],
                                       from, DAYS_LAST, MS_PER_DAY, MS_PER_MINUTE);

    return database_number(storage, find, INT64_MAX, first_ms, error);
}

int64_t days_first_ms(const struct day_row *row)
{
    int64_t first_ms = (row->day + 1) * MS_PER_DAY;

    for (int i = 0; i < DAYS_COLUMNS; i++)
        first_ms -= row->minutes[i] * MS_PER_MINUTE;
    return first_ms;
}

bool days_are_possible(const struct day_row *row)
{
    int sum = 0;

    for (int i = 0; i < DAYS_COLUMNS; i++) {
        if (row->minutes[i] < 0 || row->minutes[i] > MINUTES_PER_DAY)
            return false;
        sum += row->minutes[i];
    }
    return sum <= MINUTES_PER_DAY;
}

/* The days being listed. */
struct listing {
    struct storage *storage;
    days_each_row *each;
    void *context;
};

/* Copies an id. Returns 0, or -1 if it is none. */
static int copy_id(sqlite3_stmt *row, int column, char id[TEXT_ID_MAX + 1])
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    if (!text || !text_is_id(text, strlen(text)))
        return -1;
    strcpy(id, text);
    return 0;
}

/* Reads a row of list_named_days. */
static int list_day(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct listing *listing = context;
    struct day_row day = {.day = sqlite3_column_int64(row, 0)};
    bool is_site = sqlite3_column_bytes(row, 2) == 0;
    const int first = 3 + DAYS_COLUMNS;

    if (sqlite3_column_type(row, first) == SQLITE_NULL)
        day.first_ms = INT64_MAX;
    else if (column_read_number(listing->storage, row, first, COLUMN_TIME, &day.first_ms, error))
        return -1;
    if (clock_floor_div(day.first_ms, MS_PER_DAY) != day.day)
        day.first_ms = INT64_MAX;
    for (int i = 0; i < DAYS_COLUMNS; i++)
        day.minutes[i] = sqlite3_column_int(row, 3 + i);
    if (copy_id(row, 1, day.site) || (!is_site && copy_id(row, 2, day.domain)) ||
        !days_are_possible(&day))
        return database_damaged(listing->storage, error);
    return listing->each(listing->context, &day, error);
}

int days_each(struct storage *storage, int64_t first, int64_t last, days_each_row *each,
              void *context, struct error *error)
{
    struct listing listing = {storage, each, context};

    return database_each(storage, database_bind(storage, SQL_LIST_NAMED_DAYS, first, last),
                         list_day, &listing, error);
}
