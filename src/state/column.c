/* Reads and binds the columns of checks and monitors. */
#include "state/column.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/chain.h"
#include "model/event.h"
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

/* The limits of each range, and the function of SQL that checks it. */
static const struct {
    const char *function;
    int64_t min, max;
} ranges[] = {
    [COLUMN_ANY] = {"is_any", INT64_MIN, INT64_MAX},
    [COLUMN_FLAG] = {"is_flag", 0, 1},
    [COLUMN_MONITOR] = {"is_monitor", 1, MINUTE_INDEX_MONITOR_MAX},
    [COLUMN_OWNER] = {"is_owner", -MINUTE_INDEX_MONITOR_MAX, MINUTE_INDEX_MONITOR_MAX},
    [COLUMN_RECORD] = {"is_record", -LEDGER_EVENT_LOG, LEDGER_EVENT_LOG},
    [COLUMN_NUMBER] = {"is_number", 1, 1LL << 60},
    [COLUMN_KEY] = {"is_key", -(1LL << 62), 1LL << 62},
    [COLUMN_TIME] = {"is_time", first_day *MS_PER_DAY, last_day *MS_PER_DAY},
    [COLUMN_HOUR] = {"is_hour", first_day *HOURS_PER_DAY, last_day *HOURS_PER_DAY},
    [COLUMN_DAY] = {"is_day", first_day, last_day},
    [COLUMN_STATUS] = {"is_status", STATUS_UNKNOWN + 1, STATUS_COUNT - 1},
    [COLUMN_HTTP_STATUS] = {"is_http_status", 0, 999},
    [COLUMN_LATENCY] = {"is_latency", -1, INT32_MAX},
    [COLUMN_MINUTES] = {"is_minutes", 0, MINUTES_PER_DAY},
    [COLUMN_LENGTH] = {"is_length", 0, 1LL << 50},
    [COLUMN_EVENT_CHECK] = {"is_event_check", 0, EVENT_CHECKS - 1},
    [COLUMN_EVENT_CHANGE] = {"is_event_change", 0, EVENT_CHANGES - 1},
    [COLUMN_EVENT_STATE] = {"is_event_state", 0, EVENT_STATES - 1},
};
_Static_assert(sizeof ranges / sizeof ranges[0] == COLUMN_RANGES, "each range has its limits");

bool column_is_in_range(enum column_range range, int64_t number)
{
    return number >= ranges[range].min && number <= ranges[range].max;
}

int column_read_number(struct storage *storage, sqlite3_stmt *row, int column,
                       enum column_range range, int64_t *number, struct error *error)
{
    /* A text or a real number would be converted. */
    if (sqlite3_column_type(row, column) != SQLITE_INTEGER)
        return database_damaged(storage, error);
    *number = sqlite3_column_int64(row, column);
    return column_is_in_range(range, *number) ? 0 : database_damaged(storage, error);
}

int column_read_optional(struct storage *storage, sqlite3_stmt *row, int column,
                         enum column_range range, int64_t null, int64_t *number,
                         struct error *error)
{
    *number = null;
    return sqlite3_column_type(row, column) == SQLITE_NULL
               ? 0
               : column_read_number(storage, row, column, range, number, error);
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
    const void *bytes = sqlite3_column_blob(row, column);
    size_t n = (size_t)sqlite3_column_bytes(row, column);

    if (sqlite3_column_type(row, column) != SQLITE_TEXT || n >= size ||
        (n > 0 && memchr(bytes, '\0', n)))
        return database_damaged(storage, error);
    if (n > 0)
        memcpy(text, bytes, n);
    text[n] = '\0';
    return 0;
}

/* The folder of a site is beside the event log. */
static bool is_site(const char *text, size_t size)
{
    return text_is_id(text, size) &&
           !(size == sizeof EVENT_LOG_NAME - 1 && memcmp(text, EVENT_LOG_NAME, size) == 0);
}

static bool is_failure(const char *text, size_t size)
{
    return size < FAILURE_MAX && (size == 0 || !memchr(text, '\0', size));
}

static bool is_phases(const unsigned char *bytes, size_t size)
{
    struct phases phases;

    return size == PHASES_BYTES && column_unpack_phases(bytes, &phases) == 0;
}

/* The functions of SQL. */

static bool is_number_of(sqlite3_value *value, enum column_range range)
{
    return sqlite3_value_type(value) == SQLITE_INTEGER &&
           column_is_in_range(range, sqlite3_value_int64(value));
}

static void call_is_in_range(sqlite3_context *context, int n, sqlite3_value **values)
{
    enum column_range range = (enum column_range)(intptr_t)sqlite3_user_data(context);

    (void)n;
    sqlite3_result_int(context, is_number_of(values[0], range));
}

static void call_is_id(sqlite3_context *context, int n, sqlite3_value **values)
{
    bool is_text = sqlite3_value_type(values[0]) == SQLITE_TEXT;
    const char *text = is_text ? (const char *)sqlite3_value_text(values[0]) : NULL;

    (void)n;
    sqlite3_result_int(context, text && text_is_id(text, (size_t)sqlite3_value_bytes(values[0])));
}

static void call_is_site(sqlite3_context *context, int n, sqlite3_value **values)
{
    bool is_text = sqlite3_value_type(values[0]) == SQLITE_TEXT;
    const char *text = is_text ? (const char *)sqlite3_value_text(values[0]) : NULL;

    (void)n;
    sqlite3_result_int(context, text && is_site(text, (size_t)sqlite3_value_bytes(values[0])));
}

static void call_is_failure(sqlite3_context *context, int n, sqlite3_value **values)
{
    bool is_text = sqlite3_value_type(values[0]) == SQLITE_TEXT;
    const char *text = is_text ? (const char *)sqlite3_value_text(values[0]) : NULL;

    (void)n;
    sqlite3_result_int(context, text && is_failure(text, (size_t)sqlite3_value_bytes(values[0])));
}

static void call_is_phases(sqlite3_context *context, int n, sqlite3_value **values)
{
    const void *bytes = sqlite3_value_blob(values[0]);
    bool is_blob = sqlite3_value_type(values[0]) == SQLITE_BLOB;

    (void)n;
    sqlite3_result_int(context, is_blob && bytes &&
                                    is_phases(bytes, (size_t)sqlite3_value_bytes(values[0])));
}

/* The texts of certificates. */

static bool is_clean(const char *text, size_t size)
{
    char clean[EVENT_SCOPE_MAX];

    if (size >= sizeof clean)
        return false;
    text_one_line(clean, sizeof clean, text, size);
    return strlen(clean) == size && memcmp(clean, text, size) == 0;
}

static bool is_server(const char *text, size_t size)
{
    return size > 0 && is_clean(text, size);
}

static bool is_via(const char *text, size_t size)
{
    return size < CONFIG_MONITOR_MAX && is_clean(text, size);
}

static bool is_chain(const char *text, size_t size)
{
    struct chain_facts facts;

    return chain_read(text, size, &facts) == 0;
}

typedef bool is_text(const char *text, size_t size);
static const struct {
    const char *function;
    is_text *is_text;
} texts[] = {{"is_server", is_server},
             {"is_via", is_via},
             {"is_hash", chain_is_hash},
             {"is_chain", is_chain}};

static void call_is_text(sqlite3_context *context, int n, sqlite3_value **values)
{
    is_text *is_valid = texts[(intptr_t)sqlite3_user_data(context)].is_text;
    bool has_text = sqlite3_value_type(values[0]) == SQLITE_TEXT;
    const char *text = has_text ? (const char *)sqlite3_value_text(values[0]) : NULL;

    (void)n;
    sqlite3_result_int(context, text && is_valid(text, (size_t)sqlite3_value_bytes(values[0])));
}

/* A text of at most max - 1 bytes without NUL bytes; NULL: it is none. */
static const char *text_of(sqlite3_value *value, int max)
{
    const char *text =
        sqlite3_value_type(value) == SQLITE_TEXT ? (const char *)sqlite3_value_text(value) : NULL;
    int size = text ? sqlite3_value_bytes(value) : 0;

    return text && size < max && strlen(text) == (size_t)size ? text : NULL;
}

static void call_is_event(sqlite3_context *context, int n, sqlite3_value **values)
{
    struct event event = {.scope = text_of(values[0], EVENT_SCOPE_MAX),
                          .check = (enum event_check)sqlite3_value_int(values[1]),
                          .change = (enum event_change)sqlite3_value_int(values[2]),
                          .state = (enum event_state)sqlite3_value_int(values[3]),
                          .code = text_of(values[4], EVENT_CODE_MAX),
                          .detail = text_of(values[5], FAILURE_MAX)};

    (void)n;
    sqlite3_result_int(context, event.scope && event.code && event.detail &&
                                    is_number_of(values[1], COLUMN_EVENT_CHECK) &&
                                    is_number_of(values[2], COLUMN_EVENT_CHANGE) &&
                                    is_number_of(values[3], COLUMN_EVENT_STATE) &&
                                    event_is_valid(&event));
}

/* The column `part` of the table `event`. */
static void call_event_part(sqlite3_context *context, int n, sqlite3_value **values)
{
    int change = sqlite3_value_int(values[0]);

    (void)n;
    sqlite3_result_int(context, change == EVENT_OPENED ? 0 : change == EVENT_CLOSED ? 2 : 1);
}

static int add_function(sqlite3 *db, const char *name, int n_values, intptr_t data,
                        void (*call)(sqlite3_context *, int, sqlite3_value **))
{
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS };

    return sqlite3_create_function_v2(db, name, n_values, FLAGS, (void *)data, call, NULL, NULL,
                                      NULL);
}

int column_add_functions(sqlite3 *db)
{
    for (int range = 0; range < COLUMN_RANGES; range++) {
        if (add_function(db, ranges[range].function, 1, range, call_is_in_range))
            return -1;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (add_function(db, texts[i].function, 1, (intptr_t)i, call_is_text))
            return -1;
    }
    return add_function(db, "is_id", 1, 0, call_is_id) ||
                   add_function(db, "is_site", 1, 0, call_is_site) ||
                   add_function(db, "is_failure", 1, 0, call_is_failure) ||
                   add_function(db, "is_phases", 1, 0, call_is_phases) ||
                   add_function(db, "is_event", 6, 0, call_is_event) ||
                   add_function(db, "event_part", 1, 0, call_event_part)
               ? -1
               : 0;
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
    *text = sqlite3_column_blob(row, column);
    *size = (size_t)sqlite3_column_bytes(row, column);
    if (sqlite3_column_type(row, column) != SQLITE_TEXT || !is_failure(*text, *size))
        return database_damaged(storage, error);
    return 0;
}

int column_read_status(struct storage *storage, sqlite3_stmt *row, int column, enum status *status,
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
    int type = sqlite3_column_type(row, column);

    *has_phases = type != SQLITE_NULL;
    if (*has_phases && (type != SQLITE_BLOB || sqlite3_column_bytes(row, column) != PHASES_BYTES ||
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
    if (!is_site(site, site_size) || !text_is_id(domain, domain_size))
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
    if (column_read_status(storage, row, first + 3, &summary->last_status, error) ||
        column_read_status(storage, row, first + 5, &summary->failed_status, error))
        return -1;
    return column_read_status(storage, row, first + 7, &summary->latest_status, error);
}
