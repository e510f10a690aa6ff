/* Merges the counts of data/days with those of the rows. */
#include "state/past_days.h"

#include "base/clock.h"
#include "base/memory.h"
#include "state/database.h"
#include "state/monitors.h"

#include <stdlib.h>
#include <string.h>

/* A monitor or a site that has rows in data/days. */
struct past_owner {
    int64_t id;
    int64_t rows_ms;  /* a monitor's first row in the CSV; INT64_MAX: none */
    int64_t first_ms; /* its first check in data/days, if that is on an earlier day; INT64_MAX */
    int64_t until_ms; /* a site's counts are from data/days for days that begin until then */

    /* Of a site: the last day that has domains in data/days, how many, and whether the rows of the
     * CSV give another count for one of them. */
    int64_t day, n_domains;
    bool differs;
};

struct past_owners {
    struct past_owner *items; /* ascending by id */
    size_t n, capacity;
};

struct past_days {
    struct storage *storage;
    struct past_owners monitors, sites;
    char site[TEXT_ID_MAX + 1]; /* the site that was looked up last, and its id */
    int64_t site_id;
};

struct past_days *past_days_new(struct storage *storage, struct error *error)
{
    struct past_days *past = calloc(1, sizeof *past);

    if (!past) {
        database_no_memory(storage, error);
        return NULL;
    }
    past->storage = storage;
    return past;
}

void past_days_free(struct past_days *past)
{
    if (!past)
        return;
    free(past->monitors.items);
    free(past->sites.items);
    free(past);
}

/* Finds an owner, or adds it. *is_new shows which. NULL: out of memory. */
static struct past_owner *find_owner(struct past_owners *owners, int64_t id, bool *is_new)
{
    size_t first = 0, end = owners->n;
    struct past_owner *items;

    while (first < end) {
        size_t middle = first + (end - first) / 2;

        if (owners->items[middle].id < id)
            first = middle + 1;
        else
            end = middle;
    }
    *is_new = first == owners->n || owners->items[first].id != id;
    if (!*is_new)
        return &owners->items[first];
    items = memory_grow(owners->items, &owners->capacity, owners->n + 1, sizeof *items);
    if (!items)
        return NULL;
    owners->items = items;
    memmove(items + first + 1, items + first, (owners->n - first) * sizeof *items);
    owners->n++;
    items[first] = (struct past_owner){.id = id,
                                       .rows_ms = INT64_MAX,
                                       .first_ms = INT64_MAX,
                                       .until_ms = INT64_MIN,
                                       .day = INT64_MIN};
    return &items[first];
}

/* Finds the id of a site, or adds the site. */
static int find_site_id(struct past_days *past, const char *name, struct error *error)
{
    struct storage *storage = past->storage;
    sqlite3_stmt *find, *add;

    if (past->site_id && strcmp(past->site, name) == 0)
        return 0;
    find = database_statement(storage, SQL_FIND_SITE);
    sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
    if (database_number(storage, find, 0, &past->site_id, error))
        return -1;
    if (past->site_id == 0) {
        add = database_statement(storage, SQL_ADD_SITE);
        sqlite3_bind_text(add, 1, name, -1, SQLITE_STATIC);
        if (database_run(storage, add, error))
            return -1;
        past->site_id = sqlite3_last_insert_rowid(storage->db);
    }
    strcpy(past->site, name);
    return 0;
}

static struct past_owner *find_site(struct past_days *past, const struct day_row *row,
                                    struct error *error)
{
    struct past_owner *site;
    bool is_new;

    if (find_site_id(past, row->site, error))
        return NULL;
    site = find_owner(&past->sites, past->site_id, &is_new);
    if (!site)
        database_no_memory(past->storage, error);
    return site;
}

static struct past_owner *find_monitor(struct past_days *past, const struct day_row *row,
                                       struct error *error)
{
    struct monitor_summary summary;
    struct past_owner *monitor;
    bool is_new;
    int64_t id;

    if (monitors_find(past->storage, row->site, row->domain, &id, error))
        return NULL;
    monitor = find_owner(&past->monitors, id, &is_new);
    if (!monitor) {
        database_no_memory(past->storage, error);
        return NULL;
    }
    if (is_new) {
        if (monitors_load_summary(past->storage, id, &summary, error))
            return NULL;
        monitor->rows_ms = summary.first_ms;
    }
    return monitor;
}

/* Notes the days before the first row. Returns whether the row replaces the count of that day. */
static bool is_lost(struct past_owner *monitor, struct past_owner *site, const struct day_row *row)
{
    int64_t start_ms = row->day * MS_PER_DAY;
    int64_t first_ms = row->first_ms != INT64_MAX ? row->first_ms : days_first_ms(row);
    int64_t until_ms = monitor->rows_ms != INT64_MAX ? monitor->rows_ms : start_ms;

    if ((monitor->rows_ms == INT64_MAX || start_ms + MS_PER_DAY <= monitor->rows_ms) &&
        first_ms < monitor->first_ms)
        monitor->first_ms = first_ms;
    if (monitor->first_ms == INT64_MAX)
        return false;
    if (site->until_ms < until_ms)
        site->until_ms = until_ms;
    return start_ms <= until_ms;
}

static sqlite3_stmt *bind_row(struct past_days *past, enum sql sql, int64_t owner,
                              const struct day_row *row)
{
    sqlite3_stmt *statement = database_bind(past->storage, sql, owner, row->day);

    for (int i = 0; i < DAYS_COLUMNS; i++)
        sqlite3_bind_int(statement, 3 + i, row->minutes[i]);
    return statement;
}

/* Notes for the site of a domain whether the row that was just put agrees with the count of today.
 */
static int compare_domain(struct past_days *past, struct past_owner *site, int64_t monitor,
                          const struct day_row *row, struct error *error)
{
    int64_t is_same = sqlite3_changes(past->storage->db);

    if (site->day != row->day) {
        site->day = row->day;
        site->n_domains = 0;
        site->differs = false;
    }
    if (is_same == 0 && database_number(past->storage, bind_row(past, SQL_IS_DAY, monitor, row), 0,
                                        &is_same, error))
        return -1;
    site->n_domains++;
    site->differs |= is_same == 0;
    return 0;
}

/*
 * Whether a site's row replaces the count that was made from the counts of its domains: always if
 * all of those are as they were. Then only the roles or the list of its domains have changed.
 */
static int compare_site(struct past_days *past, const struct past_owner *site,
                        const struct day_row *row, bool *replaces, struct error *error)
{
    sqlite3_stmt *count;
    int64_t n;

    *replaces = row->day * MS_PER_DAY <= site->until_ms;
    if (*replaces || site->day != row->day || site->differs)
        return 0;
    count = database_statement(past->storage, SQL_COUNT_DOMAINS);
    sqlite3_bind_text(count, 1, row->site, -1, SQLITE_STATIC);
    sqlite3_bind_int64(count, 2, row->day);
    if (database_number(past->storage, count, 0, &n, error))
        return -1;
    *replaces = n == site->n_domains;
    return 0;
}

int past_days_add(struct past_days *past, const struct day_row *row, struct error *error)
{
    struct past_owner *site = find_site(past, row, error), *monitor = NULL;
    sqlite3_stmt *put;
    bool replaces;

    if (!site)
        return -1;
    if (row->domain[0]) {
        monitor = find_monitor(past, row, error);
        if (!monitor)
            return -1;
        replaces = is_lost(monitor, site, row);
    } else if (compare_site(past, site, row, &replaces, error)) {
        return -1;
    }
    put = bind_row(past, SQL_PUT_PAST_DAY, monitor ? monitor->id : -site->id, row);
    sqlite3_bind_int(put, 3 + DAYS_COLUMNS, replaces);
    if (database_run(past->storage, put, error))
        return -1;
    return monitor ? compare_domain(past, site, monitor->id, row, error) : 0;
}

int past_days_end(struct past_days *past, struct error *error)
{
    struct storage *storage = past->storage;

    for (size_t i = 0; i < past->monitors.n; i++) {
        const struct past_owner *monitor = &past->monitors.items[i];

        if (monitor->first_ms != INT64_MAX &&
            database_run(
                storage,
                database_bind(storage, SQL_PUT_FIRST_CHECK, monitor->id, monitor->first_ms), error))
            return -1;
    }
    return storage_set_setting(storage, SETTING_SUMS_DAY, -1, error);
}
