/* Reads and binds the columns of checks and monitors. */
#include "state/column.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/alert.h"
#include "state/minute_index.h"

#include <assert.h>
#include <string.h>

/* The numbers of statuses are stored. To change them, change the version of the schema. */
_Static_assert(STATUS_UP == 1 && STATUS_BOT_DETECTED == 3 && STATUS_DOWN == 4 &&
                   STATUS_TIMEOUT == 5 && STATUS_COUNT == 6,
               "sql/schema.sql has other numbers of statuses");
_Static_assert(FAILURE_MAX == 512, "sql/schema.sql has another longest failure");

/* A row of the CSV has no other years than 0 to 9999. A check of its last day is due again within
 * the year 10000. */
static const int64_t first_day = -719528, last_day = 2933262;

/* The limits of each range. */
static const struct {
    int64_t min, max;
} ranges[] = {
    [COLUMN_ANY] = {INT64_MIN, INT64_MAX},
    [COLUMN_FLAG] = {0, 1},
    [COLUMN_MONITOR] = {1, MINUTE_INDEX_MONITOR_MAX},
    [COLUMN_OWNER] = {-MINUTE_INDEX_MONITOR_MAX, MINUTE_INDEX_MONITOR_MAX},
    [COLUMN_RECORD] = {-LEDGER_EVENT_LOG, LEDGER_EVENT_LOG},
    [COLUMN_NUMBER] = {1, 1LL << 60},
    [COLUMN_KEY] = {-(1LL << 62), 1LL << 62},
    [COLUMN_TIME] = {first_day * MS_PER_DAY, last_day *MS_PER_DAY},
    [COLUMN_HOUR] = {first_day * HOURS_PER_DAY, last_day *HOURS_PER_DAY},
    [COLUMN_DAY] = {first_day, last_day},
    [COLUMN_STATUS] = {STATUS_UNKNOWN + 1, STATUS_COUNT - 1},
    [COLUMN_HTTP_STATUS] = {0, 999},
    [COLUMN_LATENCY] = {-1, INT32_MAX},
    [COLUMN_MINUTES] = {0, MINUTES_PER_DAY},
    [COLUMN_LENGTH] = {0, 1LL << 50},
    [COLUMN_COUNT] = {0, 1 << 30},
    [COLUMN_ALERT_CHANGE] = {ALERT_NONE + 1, ALERT_CHANGES - 1},
    [COLUMN_EVENT_CHECK] = {0, EVENT_CHECKS - 1},
    [COLUMN_EVENT_CHANGE] = {0, EVENT_CHANGES - 1},
    [COLUMN_EVENT_STATE] = {0, EVENT_STATES - 1},
};
_Static_assert(sizeof ranges / sizeof ranges[0] == COLUMN_RANGES, "each range has its limits");

bool column_is_in_range(enum column_range range, int64_t number)
{
    return number >= ranges[range].min && number <= ranges[range].max;
}

/* The readers below take the value of a column once, because each call for a column costs more than
 * the look at its value. Only one thread uses the database, so a value needs no protection. */
static int read_value(struct storage *storage, sqlite3_value *value, enum column_range range,
                      int64_t *number, struct error *error)
{
    /* A text or a real number would be converted. */
    if (sqlite3_value_type(value) != SQLITE_INTEGER)
        return database_damaged(storage, error);
    *number = sqlite3_value_int64(value);
    return column_is_in_range(range, *number) ? 0 : database_damaged(storage, error);
}

int column_read_number(struct storage *storage, sqlite3_stmt *row, int column,
                       enum column_range range, int64_t *number, struct error *error)
{
    return read_value(storage, sqlite3_column_value(row, column), range, number, error);
}

int column_read_optional(struct storage *storage, sqlite3_stmt *row, int column,
                         enum column_range range, int64_t null, int64_t *number,
                         struct error *error)
{
    sqlite3_value *value = sqlite3_column_value(row, column);

    *number = null;
    return sqlite3_value_type(value) == SQLITE_NULL
               ? 0
               : read_value(storage, value, range, number, error);
}

int column_fetch(struct storage *storage, sqlite3_stmt *statement, enum column_range range,
                 int64_t missing, int64_t *number, struct error *error)
{
    int result = database_step(storage, statement, error);

    *number = missing;
    if (result > 0)
        result = column_read_optional(storage, statement, 0, range, missing, number, error);
    sqlite3_reset(statement);
    return result < 0 ? -1 : 0;
}

int column_read_text(struct storage *storage, sqlite3_stmt *row, int column, char *text,
                     size_t size, struct error *error)
{
    sqlite3_value *value = sqlite3_column_value(row, column);
    const void *bytes = sqlite3_value_blob(value);
    size_t n = (size_t)sqlite3_value_bytes(value);

    if (sqlite3_value_type(value) != SQLITE_TEXT || n >= size || (n > 0 && memchr(bytes, '\0', n)))
        return database_damaged(storage, error);
    if (n > 0)
        memcpy(text, bytes, n);
    text[n] = '\0';
    return 0;
}

/* The folder of a site is beside the event log. */
bool column_is_site(const char *text, size_t size)
{
    return text_is_id(text, size) &&
           !(size == sizeof EVENT_LOG_NAME - 1 && memcmp(text, EVENT_LOG_NAME, size) == 0);
}

bool column_is_failure(const char *text, size_t size)
{
    return size < FAILURE_MAX && (size == 0 || !memchr(text, '\0', size));
}

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
    int64_t status, http_status, latency_ms;
    const char *failure;
    size_t size;

    if (column_read_number(storage, row, first, COLUMN_TIME, &check->start_ms, error) ||
        column_read_number(storage, row, first + 1, COLUMN_STATUS, &status, error) ||
        column_read_number(storage, row, first + 2, COLUMN_HTTP_STATUS, &http_status, error) ||
        column_read_number(storage, row, first + 3, COLUMN_LATENCY, &latency_ms, error) ||
        column_read_failure(storage, row, first + 4, &failure, &size, error))
        return -1;
    check->status = (enum status)status;
    check->http_status = (int)http_status;
    check->latency_ms = (int)latency_ms;
    if (size)
        memcpy(check->failure, failure, size);
    check->failure[size] = '\0';
    return 0;
}

int column_read_failure(struct storage *storage, sqlite3_stmt *row, int column, const char **text,
                        size_t *size, struct error *error)
{
    sqlite3_value *value = sqlite3_column_value(row, column);

    *text = sqlite3_value_blob(value);
    *size = (size_t)sqlite3_value_bytes(value);
    if (sqlite3_value_type(value) != SQLITE_TEXT || !column_is_failure(*text, *size))
        return database_damaged(storage, error);
    return 0;
}

/* NULL is read as UNKNOWN. */
static int read_status(struct storage *storage, sqlite3_stmt *row, int column, enum status *status,
                       struct error *error)
{
    int64_t value;

    if (column_read_optional(storage, row, column, COLUMN_STATUS, STATUS_UNKNOWN, &value, error))
        return -1;
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
    sqlite3_value *value = sqlite3_column_value(row, column);
    int type = sqlite3_value_type(value);

    *has_phases = type != SQLITE_NULL;
    if (*has_phases && (type != SQLITE_BLOB || sqlite3_value_bytes(value) != PHASES_BYTES ||
                        column_unpack_phases(sqlite3_value_blob(value), phases)))
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
    if (!column_is_site(site, site_size) || !text_is_id(domain, domain_size))
        return database_damaged(storage, error);
    if (column_read_number(storage, row, 0, COLUMN_MONITOR, &monitor->id, error))
        return -1;
    memcpy(monitor->site, site, site_size);
    memcpy(monitor->domain, domain, domain_size);
    monitor->site[site_size] = monitor->domain[domain_size] = '\0';
    return 0;
}

int column_read_live(struct storage *storage, sqlite3_stmt *row, int first,
                     struct ledger_live *live, struct error *error)
{
    if (column_read_optional(storage, row, first, COLUMN_LENGTH, 0, &live->length, error) ||
        column_read_optional(storage, row, first + 1, COLUMN_LENGTH, 0, &live->archived, error))
        return -1;
    return live->archived <= live->length ? 0 : database_damaged(storage, error);
}

void column_bind_time(sqlite3_stmt *statement, int at, int64_t ms, int64_t null)
{
    if (ms == null)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_int64(statement, at, ms);
}

int column_read_summary(struct storage *storage, sqlite3_stmt *row, int first,
                        struct monitor_summary *summary, struct error *error)
{
    const struct {
        int64_t null, *ms;
    } times[] = {{INT64_MAX, &summary->first_ms},
                 {0, &summary->due_after_ms},
                 {0, &summary->last_ms},
                 {0, &summary->failed_ms},
                 {0, &summary->latest_ms}};
    static const int columns[] = {0, 1, 2, 4, 6};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (column_read_optional(storage, row, first + columns[i], COLUMN_TIME, times[i].null,
                                 times[i].ms, error))
            return -1;
    }
    if (read_status(storage, row, first + 3, &summary->last_status, error) ||
        read_status(storage, row, first + 5, &summary->failed_status, error))
        return -1;
    return read_status(storage, row, first + 7, &summary->latest_status, error);
}
