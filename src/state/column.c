/* Reads and binds the columns of checks and monitors. */
#include "state/column.h"

#include <assert.h>
#include <string.h>

/* The numbers of statuses are stored. To change them, change the version of the schema. */
_Static_assert(STATUS_UP == 1 && STATUS_BOT_DETECTED == 3 && STATUS_DOWN == 4 &&
                   STATUS_TIMEOUT == 5 && STATUS_COUNT == 6,
               "sql/schema.sql has other numbers of statuses");
_Static_assert(FAILURE_MAX == 512, "sql/schema.sql has another longest failure");

void column_bind_check(sqlite3_stmt *statement, int first, const struct check *check)
{
    assert(check->status > STATUS_UNKNOWN && check->status < STATUS_COUNT);
    sqlite3_bind_int64(statement, first, check->start_ms);
    sqlite3_bind_int(statement, first + 1, (int)check->status);
    sqlite3_bind_int(statement, first + 2, check->http_status);
    sqlite3_bind_int(statement, first + 3, check->latency_ms);
    sqlite3_bind_text(statement, first + 4, check->failure, -1, SQLITE_STATIC);
}

int column_read_check(struct storage *storage, sqlite3_stmt *row, int first, struct check *check,
                      struct error *error)
{
    const void *failure = sqlite3_column_blob(row, first + 4);
    size_t size = (size_t)sqlite3_column_bytes(row, first + 4);
    int status = sqlite3_column_int(row, first + 1);

    if (size >= sizeof check->failure || status <= STATUS_UNKNOWN || status >= STATUS_COUNT)
        return database_damaged(storage, error);
    check->start_ms = sqlite3_column_int64(row, first);
    check->status = (enum status)status;
    check->http_status = sqlite3_column_int(row, first + 2);
    check->latency_ms = sqlite3_column_int(row, first + 3);
    if (size)
        memcpy(check->failure, failure, size);
    check->failure[size] = '\0';
    return 0;
}

int column_read_status(struct storage *storage, sqlite3_stmt *row, int column, enum status *status,
                       struct error *error)
{
    int value = sqlite3_column_int(row, column);

    *status = STATUS_UNKNOWN;
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return 0;
    if (value <= STATUS_UNKNOWN || value >= STATUS_COUNT)
        return database_damaged(storage, error);
    *status = (enum status)value;
    return 0;
}

static const uint32_t not_reached = UINT32_MAX, longest_us = 1800000000;

void column_pack_phases(const struct phases *phases, unsigned char bytes[PHASES_BYTES])
{
    for (int i = 0; i < PHASES; i++) {
        int64_t us = phases->us[i];
        uint32_t number = us < 0 ? not_reached : us < longest_us ? (uint32_t)us : longest_us;

        for (int byte = 0; byte < 4; byte++)
            bytes[4 * i + byte] = (unsigned char)(number >> 8 * byte);
    }
}

int column_unpack_phases(const unsigned char bytes[PHASES_BYTES], struct phases *phases)
{
    for (int i = 0; i < PHASES; i++) {
        uint32_t number = 0;

        for (int byte = 0; byte < 4; byte++)
            number |= (uint32_t)bytes[4 * i + byte] << 8 * byte;
        if (number != not_reached && number > longest_us)
            return -1;
        phases->us[i] = number == not_reached ? -1 : (int64_t)number;
    }
    return 0;
}

void column_bind_phases(sqlite3_stmt *statement, int at, const struct phases *phases,
                        unsigned char bytes[PHASES_BYTES])
{
    if (!phases) {
        sqlite3_bind_null(statement, at);
        return;
    }
    column_pack_phases(phases, bytes);
    sqlite3_bind_blob(statement, at, bytes, PHASES_BYTES, SQLITE_STATIC);
}

int column_read_phases(struct storage *storage, sqlite3_stmt *row, int column,
                       struct phases *phases, bool *has_phases, struct error *error)
{
    *has_phases = sqlite3_column_type(row, column) != SQLITE_NULL;
    if (*has_phases && (sqlite3_column_bytes(row, column) != PHASES_BYTES ||
                        column_unpack_phases(sqlite3_column_blob(row, column), phases)))
        return database_damaged(storage, error);
    return 0;
}

int column_read_monitor(struct storage *storage, sqlite3_stmt *row, struct monitor_id *monitor,
                        struct error *error)
{
    const char *site = sqlite3_column_blob(row, 1), *domain = sqlite3_column_blob(row, 2);
    size_t site_size = (size_t)sqlite3_column_bytes(row, 1);
    size_t domain_size = (size_t)sqlite3_column_bytes(row, 2);

    /* The ids become components of a path, and a damaged file can contain anything. */
    if (!text_is_id(site, site_size) || !text_is_id(domain, domain_size))
        return database_damaged(storage, error);
    monitor->id = sqlite3_column_int64(row, 0);
    memcpy(monitor->site, site, site_size);
    memcpy(monitor->domain, domain, domain_size);
    monitor->site[site_size] = monitor->domain[domain_size] = '\0';
    return 0;
}

void column_bind_time(sqlite3_stmt *statement, int at, int64_t ms, int64_t null)
{
    if (ms == null)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_int64(statement, at, ms);
}

int64_t column_read_time(sqlite3_stmt *row, int column, int64_t null)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? null
                                                           : sqlite3_column_int64(row, column);
}

int column_read_summary(struct storage *storage, sqlite3_stmt *row, int first,
                        struct monitor_summary *summary, struct error *error)
{
    summary->first_ms = column_read_time(row, first, INT64_MAX);
    summary->due_after_ms = sqlite3_column_int64(row, first + 1);
    summary->last_ms = sqlite3_column_int64(row, first + 2);
    summary->failed_ms = sqlite3_column_int64(row, first + 4);
    summary->latest_ms = sqlite3_column_int64(row, first + 6);
    if (column_read_status(storage, row, first + 3, &summary->last_status, error) ||
        column_read_status(storage, row, first + 5, &summary->failed_status, error))
        return -1;
    return column_read_status(storage, row, first + 7, &summary->latest_status, error);
}
