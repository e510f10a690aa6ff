/* Counts the rows of the records without the program's code. */
#define _GNU_SOURCE
#include "account.h"
#include "cmocka_all.h"
#include "state.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIELD_COMMAS = 6, EVENT_COMMAS = 7, TIMESTAMP_LENGTH = 24 };

void account_free(struct account *account)
{
    for (size_t i = 0; i < account->n; i++)
        free(account->rows[i]);
    free(account->rows);
    *account = (struct account){NULL, 0, 0};
}

static void add(struct account *account, char *name)
{
    if (account->n == account->capacity) {
        account->capacity = account->capacity * 2 + 64;
        account->rows = realloc(account->rows, account->capacity * sizeof *account->rows);
    }
    if (!account->rows || !name)
        fail_msg("out of memory");
    account->rows[account->n++] = name;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct account *account)
{
    if (account->n > 0)
        qsort(account->rows, account->n, sizeof *account->rows, compare);
}

/* A file of the records: "archive/2026-11-23/s/d.log" or "live/s/d.log", below data; or the event
 * log: "archive/2026-11-23/events.log" or "live/events.log". */
struct file {
    char day[16];              /* of an archive; else empty */
    char site[80], domain[80]; /* empty: the event log */
};

static bool is_event_log(const char *name, struct file *file)
{
    char rest[16];

    *file = (struct file){{0}, {0}, {0}};
    if (sscanf(name, "archive/%15[^/]/%15[^/]", file->day, rest) == 2)
        return strcmp(rest, "events.log") == 0 && strlen(name) == 29;
    *file->day = '\0';
    return strcmp(name, "live/events.log") == 0;
}

static bool is_record(const char *name, struct file *file)
{
    char *end;

    if (is_event_log(name, file))
        return true;
    *file = (struct file){{0}, {0}, {0}};
    if (sscanf(name, "archive/%15[^/]/%79[^/]/%79[^/]", file->day, file->site, file->domain) != 3) {
        *file->day = '\0';
        if (sscanf(name, "live/%79[^/]/%79[^/]", file->site, file->domain) != 2)
            return false;
    }
    end = strrchr(file->domain, '.');
    if (!end || strcmp(end, ".log") != 0 || *file->site == '.') /* being deleted */
        return false;
    *end = '\0';
    return true;
}

/* The number of commas outside quotes; -1: a quote is not closed. */
static int count_commas(const char *line, size_t length)
{
    bool quoted = false;
    int commas = 0;

    for (size_t i = 0; i < length; i++) {
        quoted ^= line[i] == '"';
        commas += line[i] == ',' && !quoted;
    }
    return quoted ? -1 : commas;
}

/* The name of an event: its time, the id of its condition, and the change. */
static char *event_name(const char *path, const char *line, size_t length)
{
    char id[400] = "", scope[300] = "", change[32] = "", *name = NULL;

    e2e_check(
        count_commas(line, length) == EVENT_COMMAS && length > TIMESTAMP_LENGTH &&
            sscanf(line + TIMESTAMP_LENGTH, ",%399[^,],,%299[^,],%31[^,],", id, scope, change) == 3,
        "%s: invalid event: %.*s", path, (int)length, line);
    e2e_check(strncmp(id, scope, strlen(scope)) == 0 && strchr(id, '@'),
              "%s: no id of an event: %s", path, id);
    if (asprintf(&name, "%.*s,%s,%s", TIMESTAMP_LENGTH, line, id, change) < 0)
        fail_msg("out of memory");
    return name;
}

/* Makes a name of one line, without its line end. */
static char *name_of(const char *path, const struct file *file, const char *line, size_t length)
{
    char *name = NULL;
    char owner[176];

    e2e_check(!*file->day || strncmp(line, file->day, strlen(file->day)) == 0,
              "%s: row of another day: %.*s", path, (int)length, line);
    if (!*file->site)
        return event_name(path, line, length);

    snprintf(owner, sizeof owner, ",%s,%s,", file->site, file->domain);
    e2e_check(count_commas(line, length) == FIELD_COMMAS && length > TIMESTAMP_LENGTH &&
                  line[TIMESTAMP_LENGTH - 1] == 'Z',
              "%s: invalid row: %.*s", path, (int)length, line);
    e2e_check(strncmp(line + TIMESTAMP_LENGTH, owner, strlen(owner)) == 0,
              "%s: row of another monitor: %.*s", path, (int)length, line);
    if (asprintf(&name, "%.*s,%s,%s", TIMESTAMP_LENGTH, line, file->site, file->domain) < 0)
        fail_msg("out of memory");
    return name;
}

/* Failure texts have no line ends, so a line is a row. Only the first `length` bytes of the file
 * count; -1: all. */
static void add_file(struct e2e *world, struct account *account, const char *name,
                     const struct file *file, long long length)
{
    char *path = e2e_path(world, name);
    FILE *stream = fopen(path, "r");
    long long at = 0;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t n;

    if (!stream)
        fail_msg("%s: %s", path, strerror(errno));
    while ((length < 0 || at < length) && (n = getline(&line, &capacity, stream)) > 0) {
        e2e_check(line[n - 1] == '\n', "%s: torn row: %s", path, line);
        add(account, name_of(path, file, line, (size_t)n - 1));
        at += n;
    }
    e2e_check(length < 0 || at == length, "%s: %lld bytes are committed, but %lld exist", path,
              length, at);
    free(line);
    fclose(stream);
}

/* Global, because nftw passes no context on. */
static struct {
    struct e2e *world;
    struct account *account;
    size_t prefix;
} walk;

static int visit(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    struct file file;

    (void)status;
    (void)ftw;
    if (type == FTW_F && is_record(path + walk.prefix, &file))
        add_file(walk.world, walk.account, path, &file, -1);
    return 0;
}

struct account account_of_files(struct e2e *world)
{
    const char *data = e2e_path(world, "data");
    struct account account = {NULL, 0, 0};

    walk.world = world;
    walk.account = &account;
    walk.prefix = strlen(data) + 1;
    if (nftw(data, visit, 16, FTW_PHYS))
        fail_msg("%s: %s", data, strerror(errno));
    sort(&account);
    for (size_t i = 1; i < account.n; i++)
        e2e_check(strcmp(account.rows[i - 1], account.rows[i]) != 0, "doubled row: %s",
                  account.rows[i]);
    return account;
}

static const char *text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

static void finish(sqlite3 *state, sqlite3_stmt *statement)
{
    e2e_check(sqlite3_finalize(statement) == SQLITE_OK, "state.db: %s", sqlite3_errmsg(state));
}

/* The time in a column, as in the records. */
#define TIME(column)                                                                               \
    "strftime('%Y-%m-%dT%H:%M:%S', " column " / 1000, 'unixepoch') || printf('.%03dZ', " column    \
    " % 1000)"

static const char staged_rows[] =
    "SELECT " TIME("start_ms") " || ',' || site || ',' || domain"
                               " FROM staged JOIN monitor ON monitor.id = staged.monitor";

static const char staged_events[] = "SELECT " TIME(
    "at_ms") " || ',' || scope || '/' || CASE \"check\" WHEN 0 THEN 'http'"
             " WHEN 1 THEN 'slow' WHEN 2 THEN 'bot' WHEN 3 THEN 'certificate' ELSE 'local_network' "
             "END"
             " || '@' || " TIME(
                 "began_ms") " || ',' || CASE change WHEN 0 THEN 'opened' WHEN 1 THEN"
                             " 'confirmed' WHEN 2 THEN 'reason_changed' WHEN 3 THEN 'recovering' "
                             "ELSE 'closed' END"
                             " FROM staged_event";

static void add_staged(sqlite3 *state, const char *sql, struct account *account)
{
    sqlite3_stmt *staged = state_prepare(state, sql);

    while (sqlite3_step(staged) == SQLITE_ROW)
        add(account, strdup(text(staged, 0)));
    finish(state, staged);
}

/* All files in state.db, and their committed lengths. */
static const char ledger[] =
    "SELECT 'live/' || site || '/' || domain || '.log', length, length = archived"
    " FROM live JOIN monitor ON id = monitor UNION ALL "
    "SELECT 'archive/' || date(day * 86400, 'unixepoch') || '/' || site || '/' || domain || '.log',"
    " length, 0 FROM archive JOIN monitor ON id = monitor UNION ALL "
    "SELECT 'live/events.log', length, length = archived FROM live WHERE monitor = 1 << 30"
    " UNION ALL "
    "SELECT 'archive/' || date(day * 86400, 'unixepoch') || '/events.log', length, 0 FROM archive"
    " WHERE monitor = 1 << 30";

static void add_vouched(struct e2e *world, sqlite3 *state, struct account *account)
{
    sqlite3_stmt *files = state_prepare(state, ledger);

    while (sqlite3_step(files) == SQLITE_ROW) {
        struct file file;

        /* A file may be missing if its rows are also in the archives, or are older than the
         * retention. */
        if (sqlite3_column_int(files, 2) || !is_record(text(files, 0), &file) ||
            !e2e_exists(world, e2e_format(world, "data/%s", text(files, 0))))
            continue;
        add_file(world, account, e2e_format(world, "data/%s", text(files, 0)), &file,
                 sqlite3_column_int64(files, 1));
    }
    finish(state, files);
}

struct account account_of_committed(struct e2e *world)
{
    struct account account = {NULL, 0, 0};
    sqlite3 *state;

    if (!e2e_exists(world, "data/state.db"))
        return account;
    e2e_shell(world, "rm -rf look && mkdir look && cp data/state.db* look");
    state = state_open(world, "look/state.db", SQLITE_OPEN_READWRITE);
    add_staged(state, staged_rows, &account);
    add_staged(state, staged_events, &account);
    add_vouched(world, state, &account);
    sqlite3_close(state);
    sort(&account);
    return account;
}

void account_check_holds(const struct account *found, const struct account *wanted,
                         const char *from_day)
{
    for (size_t i = 0; i < wanted->n; i++) {
        if (strcmp(wanted->rows[i], from_day) < 0)
            continue;
        e2e_check(found->n > 0 && bsearch(&wanted->rows[i], found->rows, found->n,
                                          sizeof *found->rows, compare) != NULL,
                  "lost row: %s", wanted->rows[i]);
    }
}

size_t account_count(const struct account *account, const char *monitor, const char *minute)
{
    size_t n = 0;

    for (size_t i = 0; i < account->n; i++) {
        n += strncmp(account->rows[i], minute, strlen(minute)) == 0 &&
             strcmp(account->rows[i] + TIMESTAMP_LENGTH + 1, monitor) == 0;
    }
    return n;
}

static void check_lengths(struct e2e *world, sqlite3 *state)
{
    sqlite3_stmt *files = state_prepare(state, ledger);

    while (sqlite3_step(files) == SQLITE_ROW) {
        char *path = e2e_format(world, "%s/data/%s", world->folder, text(files, 0));
        struct stat status = {.st_size = 0};

        stat(path, &status);
        e2e_check(status.st_size == sqlite3_column_int64(files, 1),
                  "%s: %lld bytes, but %lld are committed", path, (long long)status.st_size,
                  (long long)sqlite3_column_int64(files, 1));
    }
    finish(state, files);
}

/* Table event has the events of the files, and no others. */
static void check_events(struct e2e *world, sqlite3 *state)
{
    sqlite3_stmt *count = state_prepare(state, "SELECT count(*) FROM event");
    struct account account = account_of_files(world);
    int n = 0;

    for (size_t i = 0; i < account.n; i++)
        n += strchr(account.rows[i], '@') != NULL;
    assert_int_equal(sqlite3_step(count), SQLITE_ROW);
    e2e_check(sqlite3_column_int(count, 0) == n, "%d events in the files, but %d in state.db", n,
              sqlite3_column_int(count, 0));
    finish(state, count);
    account_free(&account);
}

/* The beginnings of the rows of data/days, and their files. Keys 5 and 10 of the settings are the
 * last days that are counted and written. */
static const char day_rows[] =
    "SELECT strftime('%Y-%m', day * 86400, 'unixepoch'), date(day * 86400, 'unixepoch') || ',' ||"
    " site || ',' || domain || ',' || up || ',' || degraded || ',' || bot || ',' || down || ',' ||"
    " timeout || ',' FROM day JOIN"
    " (SELECT id, site, domain FROM monitor UNION SELECT -id, name, '' FROM site) ON id = owner"
    " WHERE day <= (SELECT value FROM setting WHERE key = 5)";

/* data/days has the counts of state.db, each exactly once. */
static void check_days(struct e2e *world, sqlite3 *state)
{
    sqlite3_stmt *rows = state_prepare(state, day_rows);
    sqlite3_stmt *settings =
        state_prepare(state, "SELECT coalesce(max(value), 0) <= coalesce((SELECT value FROM setting"
                             " WHERE key = 10), 0) FROM setting WHERE key = 5");

    assert_int_equal(sqlite3_step(settings), SQLITE_ROW);
    e2e_check(sqlite3_column_int(settings, 0), "counts are not in data/days");
    finish(state, settings);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        char *path = e2e_format(world, "data/days/%s.csv", text(rows, 0));
        char *file = e2e_format(world, "\n%s", e2e_read(world, path));
        char *row = e2e_format(world, "\n%s", text(rows, 1));
        const char *found = strstr(file, row);

        e2e_check(found && !strstr(found + 1, row), "%s: not once:%s", path, row);
        e2e_check(file[strlen(file) - 1] == '\n', "%s: torn", path);
    }
    finish(state, rows);
}

void account_check_state(struct e2e *world)
{
    sqlite3 *state = state_open(world, "data/state.db", SQLITE_OPEN_READWRITE);
    sqlite3_stmt *check = state_prepare(state, "PRAGMA integrity_check");
    sqlite3_stmt *staged =
        state_prepare(state, "SELECT (SELECT count(*) FROM staged) + count(*) FROM staged_event");

    assert_int_equal(sqlite3_step(check), SQLITE_ROW);
    assert_string_equal(text(check, 0), "ok");
    assert_int_equal(sqlite3_step(staged), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(staged, 0), 0);
    finish(state, check);
    finish(state, staged);
    check_lengths(world, state);
    check_events(world, state);
    check_days(world, state);
    sqlite3_close(state);
}

/* The last bytes of each kind of file. */
static const struct {
    const char *name, *end;
} ends[] = {{".html", "</html>\n"}, {".json", "}\n"}, {".css", "}\n"}, {".svg", "</svg>\n"}};

static int check_page(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    const char *name = strrchr(path, '.');
    const char *bytes;

    (void)status;
    (void)ftw;
    for (size_t i = 0; type == FTW_F && i < sizeof ends / sizeof ends[0]; i++) {
        if (!name || strcmp(name, ends[i].name))
            continue;
        bytes = e2e_read(walk.world, path);
        e2e_check(strlen(bytes) >= strlen(ends[i].end) &&
                      strcmp(bytes + strlen(bytes) - strlen(ends[i].end), ends[i].end) == 0,
                  "%s: incomplete", path);
    }
    return 0;
}

void account_check_pages(struct e2e *world)
{
    walk.world = world;
    if (nftw(e2e_path(world, "public"), check_page, 16, FTW_PHYS))
        fail_msg("public: %s", strerror(errno));
    e2e_status(world);
}
