/* The functions of SQL that check the values of another database. */
#include "state/column_functions.h"

#include "base/text.h"
#include "model/chain.h"
#include "model/event.h"
#include "state/column.h"
#include "state/latency_table.h"
#include "state/message_table.h"

#include <string.h>

/* The function that checks each range. */
static const char *const range_names[COLUMN_RANGES] = {
    [COLUMN_ANY] = "is_any",
    [COLUMN_FLAG] = "is_flag",
    [COLUMN_MONITOR] = "is_monitor",
    [COLUMN_OWNER] = "is_owner",
    [COLUMN_RECORD] = "is_record",
    [COLUMN_NUMBER] = "is_number",
    [COLUMN_KEY] = "is_key",
    [COLUMN_TIME] = "is_time",
    [COLUMN_HOUR] = "is_hour",
    [COLUMN_DAY] = "is_day",
    [COLUMN_STATUS] = "is_status",
    [COLUMN_HTTP_STATUS] = "is_http_status",
    [COLUMN_LATENCY] = "is_latency",
    [COLUMN_MINUTES] = "is_minutes",
    [COLUMN_LENGTH] = "is_length",
    [COLUMN_COUNT] = "is_count",
    [COLUMN_ALERT_CHANGE] = "is_alert_change",
    [COLUMN_EVENT_CHECK] = "is_event_check",
    [COLUMN_EVENT_CHANGE] = "is_event_change",
    [COLUMN_EVENT_STATE] = "is_event_state",
};

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

/* Whether text_one_line would not change the text. */
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

static bool is_content(const char *text, size_t size)
{
    return size < MESSAGE_CONTENT_MAX && (size == 0 || !memchr(text, '\0', size));
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
} texts[] = {
    {"is_id", text_is_id},    {"is_site", column_is_site}, {"is_failure", column_is_failure},
    {"is_server", is_server}, {"is_via", is_via},          {"is_hash", chain_is_hash},
    {"is_chain", is_chain},   {"is_content", is_content}};

static void call_is_text(sqlite3_context *context, int n, sqlite3_value **values)
{
    is_text *is_valid = texts[(intptr_t)sqlite3_user_data(context)].is_text;
    bool has_text = sqlite3_value_type(values[0]) == SQLITE_TEXT;
    const char *text = has_text ? (const char *)sqlite3_value_text(values[0]) : NULL;

    (void)n;
    sqlite3_result_int(context, text && is_valid(text, (size_t)sqlite3_value_bytes(values[0])));
}

static void call_is_phases(sqlite3_context *context, int n, sqlite3_value **values)
{
    const void *bytes = sqlite3_value_blob(values[0]);
    struct phases phases;

    (void)n;
    sqlite3_result_int(context, sqlite3_value_type(values[0]) == SQLITE_BLOB && bytes &&
                                    sqlite3_value_bytes(values[0]) == PHASES_BYTES &&
                                    column_unpack_phases(bytes, &phases) == 0);
}

/* A packed history of latencies; NULL: it is none. */
static const unsigned char *slots_of(sqlite3_value *value)
{
    const void *bytes = sqlite3_value_type(value) == SQLITE_BLOB ? sqlite3_value_blob(value) : NULL;

    return bytes && sqlite3_value_bytes(value) == LATENCY_BYTES ? bytes : NULL;
}

static void call_is_slots(sqlite3_context *context, int n, sqlite3_value **values)
{
    const unsigned char *bytes = slots_of(values[0]);
    struct latency_history history;

    (void)n;
    sqlite3_result_int(context, bytes && latency_table_unpack(bytes, &history) == 0);
}

/* The slots of a row of `latency` with those of another one until a day: day, slots, day of the
 * other one, its slots, that day. NULL: one of the rows is damaged. */
static void call_taken_slots(sqlite3_context *context, int n, sqlite3_value **values)
{
    const unsigned char *slots = slots_of(values[1]), *others = slots_of(values[3]);
    unsigned char bytes[LATENCY_BYTES];

    (void)n;
    if (!slots || !others)
        return;
    memcpy(bytes, slots, sizeof bytes);
    if (latency_table_take(bytes, sqlite3_value_int64(values[0]), others,
                           sqlite3_value_int64(values[2]), sqlite3_value_int64(values[4])) == 0)
        sqlite3_result_blob(context, bytes, sizeof bytes, SQLITE_TRANSIENT);
}

/* A text of at most max - 1 bytes without NUL bytes; NULL: it is none. */
static const char *text_of(sqlite3_value *value, int max)
{
    const char *text =
        sqlite3_value_type(value) == SQLITE_TEXT ? (const char *)sqlite3_value_text(value) : NULL;
    int size = text ? sqlite3_value_bytes(value) : 0;

    return text && size < max && strlen(text) == (size_t)size ? text : NULL;
}

/* is_event, or is_message_event for the events of messages. */
static void call_is_event(sqlite3_context *context, int n, sqlite3_value **values)
{
    bool is_of_message = sqlite3_user_data(context) != NULL;
    struct event event = {.scope = text_of(values[0], EVENT_SCOPE_MAX),
                          .check = (enum event_check)sqlite3_value_int(values[1]),
                          .change = (enum event_change)sqlite3_value_int(values[2]),
                          .state = (enum event_state)sqlite3_value_int(values[3]),
                          .code = text_of(values[4], EVENT_CODE_MAX),
                          .detail = text_of(values[5], FAILURE_MAX)};

    (void)n;
    sqlite3_result_int(context, event.scope && event.code && event.detail &&
                                    event_is_of_message(event.change) == is_of_message &&
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

int column_functions_add(sqlite3 *db)
{
    for (int range = 0; range < COLUMN_RANGES; range++) {
        if (add_function(db, range_names[range], 1, range, call_is_in_range))
            return -1;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (add_function(db, texts[i].function, 1, (intptr_t)i, call_is_text))
            return -1;
    }
    return add_function(db, "is_phases", 1, 0, call_is_phases) ||
                   add_function(db, "is_event", 6, 0, call_is_event) ||
                   add_function(db, "is_message_event", 6, 1, call_is_event) ||
                   add_function(db, "event_part", 1, 0, call_event_part) ||
                   add_function(db, "is_slots", 1, 0, call_is_slots) ||
                   add_function(db, "taken_slots", 5, 0, call_taken_slots)
               ? -1
               : 0;
}
