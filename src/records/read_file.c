/* One record -> the index, and its committed length. */
#include "records/read_file.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/scheduler.h"
#include "records/committed.h"
#include "records/doubles.h"
#include "records/line.h"
#include "state/event_table.h"
#include "state/follower.h"
#include "state/indexer.h"
#include "state/ledger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_BETWEEN_UPDATES = 1 << 16, SHOW_EVERY_MS = 200 };

int read_file_progress(struct replay *replay, struct error *error)
{
    const struct journal *journal = replay->journal;
    int64_t now = clock_monotonic();
    char rows[TEXT_NUMBER_MAX], files[TEXT_NUMBER_MAX];

    if (journal->show_progress && now - replay->shown_ms >= SHOW_EVERY_MS) {
        replay->shown_ms = now;
        text_count((uint64_t)journal->n_rows, rows);
        text_count((uint64_t)journal->n_files, files);
        fprintf(journal->log->to, "\r%s rows in %s files ", rows, files);
        fflush(journal->log->to);
    }
    return call_check_signal(journal, error);
}

bool read_file_may_warn(struct replay *replay)
{
    return replay->n_warnings++ < READ_FILE_WARNINGS_MAX;
}

static void skip_line(struct replay *replay, const struct record *record, const char *why)
{
    struct journal *journal = replay->journal;

    if (read_file_may_warn(replay))
        log_warn(journal->log, "%s/%s/%s:%lld: skipped: %s", journal->config->data_dir,
                 record->folder, record->name, (long long)replay->reader.line, why);
}

/* Whether a line belongs in the archive of another day. */
static bool is_misplaced(const struct replay *replay, const struct line *line)
{
    return replay->day != RECORD_LIVE && clock_floor_div(line->at_ms, MS_PER_DAY) != replay->day;
}

static int add_row(struct replay *replay, struct indexer *indexer, const struct check *check,
                   struct error *error)
{
    int64_t hour = clock_floor_div(check->start_ms, MS_PER_HOUR);

    if (replay->day == RECORD_LIVE && hour < replay->first_live_hour)
        replay->first_live_hour = hour;
    if (check->start_ms > replay->until_ms && !replay->is_rebuild)
        return 0;
    if (++replay->journal->n_rows % ROWS_BETWEEN_UPDATES == 0 && read_file_progress(replay, error))
        return -1;
    return indexer_add(indexer, check, NULL, error) || follower_add(replay->follower, check, error)
               ? -1
               : 0;
}

/* Reads the rows of a file into the index. *end becomes the end of its last complete line. */
static int read_rows(struct replay *replay, const struct record *record,
                     const struct monitor_id *monitor, struct indexer *indexer, int64_t *end,
                     struct error *error)
{
    struct reader *reader = &replay->reader;
    struct line_source source;
    enum csv_result result;
    struct line line;
    const char *why;

    line_begin(&source, monitor);
    for (;;) {
        if (reader_next_line(reader, &source, &line, &result, &why))
            return record_set_error(replay->journal, record, error);
        *end = reader->lines_end;
        if (result == CSV_END || result == CSV_TORN)
            return 0;
        if (result == CSV_ROW && is_misplaced(replay, &line))
            why = "row of another day";
        if (why)
            skip_line(replay, record, why);
        else if (add_row(replay, indexer, &line.check, error))
            return -1;
    }
}

/* Indexes the file that the reader was started with. Sets monitor->id. */
static int index_file(struct replay *replay, const struct record *record,
                      struct monitor_id *monitor, int64_t *end, struct error *error)
{
    struct storage *storage = replay->journal->storage;
    struct indexer indexer;
    struct monitor_summary summary;
    size_t domain;

    if (monitors_find(storage, monitor->site, monitor->domain, &monitor->id, error) ||
        monitors_load_summary(storage, monitor->id, &summary, error))
        return -1;
    indexer_begin(&indexer, replay->minute_index, monitor->id, &summary, replay->until_ms);
    follower_begin_file(replay->follower, monitor->id);
    if (read_rows(replay, record, monitor, &indexer, end, error))
        return -1;
    if (indexer.last.status != STATUS_UNKNOWN &&
        monitors_is_configured(storage, monitor->id, &domain))
        indexer.due_after_ms =
            scheduler_due_after(&replay->journal->config->domains[domain], indexer.last.start_ms);
    replay->journal->n_files++;
    return indexer_end(&indexer, error);
}

/* Quarantines a torn row. If that fails now, the next export to this file does it. */
static void move_torn(struct journal *journal, const struct record *record, int64_t end)
{
    struct error error;
    int64_t size;
    int fd = record_open(journal, record, O_RDWR, &size, &error);

    if (fd < 0 || (size > end && committed_quarantine_tail(journal, record, fd, end, size, &error)))
        log_warn(journal->log, "%s", error.text);
    if (fd >= 0)
        close(fd);
}

/*
 * Writes the line end that the last row of a file lacks, if the row is complete. Only then is *fd
 * replaced by one that can write: of a backup made of hard links, that makes a copy.
 */
static int end_row(const struct replay *replay, const struct record *record, int *fd, int64_t *size,
                   struct error *error)
{
    bool is_line_end;
    int writable;

    if (committed_is_line_end(*fd, *size, &is_line_end))
        return record_set_error(replay->journal, record, error);
    if (is_line_end)
        return 0;
    writable = record_open(replay->journal, record, O_RDWR, size, error);
    if (writable < 0)
        return error->os == EACCES || error->os == EROFS ? 0 : -1; /* it cannot be written */
    close(*fd);
    *fd = writable;
    return committed_end_row(replay->journal, record, *fd, size, error);
}

/* Reports and skips an obstacle in place of a record; other errors stay errors. */
static int skip_obstacle(const struct replay *replay, const struct error *error)
{
    if (!record_is_obstacle(error))
        return -1;
    log_warn(replay->journal->log, "%s; skipped", error->text);
    return 0;
}

/* Indexes a plain file up to the limit and commits the length of its complete lines. */
static int read_plain(struct replay *replay, const struct record *record,
                      struct monitor_id *monitor, int fd, int64_t limit, struct error *error)
{
    struct journal *journal = replay->journal;
    struct ledger_live live = {0, 0};

    reader_start(&replay->reader, fd, 0, limit);
    if (index_file(replay, record, monitor, &live.length, error))
        return -1;
    if (!replay->is_rebuild)
        return 0;
    if (live.length < limit)
        move_torn(journal, record, live.length);
    return replay->day == RECORD_LIVE
               ? ledger_set_live(journal->storage, monitor->id, &live, error)
               : ledger_set_archive(journal->storage, replay->day, monitor->id, live.length, error);
}

/* Warns if some rows of a compressed file may be missing. */
static void warn_of_damage(struct replay *replay, const struct compressed *compressed, bool is_torn)
{
    const struct record *record = &compressed->record;
    const char *damage = codec_damage(replay->journal->codec);
    const char *data_dir = replay->journal->config->data_dir;

    if ((!damage && !is_torn && !compressed->has_other) || !read_file_may_warn(replay))
        return;
    if (compressed->has_other)
        log_warn(replay->journal->log, "%s/%s/%s: %s/%s/%.*s.zst exists too; only the .gz is read",
                 data_dir, record->folder, record->name, data_dir, record->folder,
                 (int)(strlen(record->name) - strlen(".gz")), record->name);
    else
        log_warn(replay->journal->log, "%s/%s/%s:%lld: damaged (%s); read up to this line",
                 data_dir, record->folder, record->name, (long long)replay->reader.line,
                 damage ? damage : "ends inside a line");
}

/* Indexes a compressed file and commits the length of its bytes. */
static int read_compressed(struct replay *replay, const struct compressed *compressed, int fd,
                           struct monitor_id *monitor, struct error *error)
{
    struct journal *journal = replay->journal;
    int64_t end = 0, length;

    codec_start_decoding(journal->codec, compressed->format, fd);
    reader_start_codec(&replay->reader, journal->codec);
    if (index_file(replay, &compressed->record, monitor, &end, error))
        return -1;
    length = codec_decoded(journal->codec).length;
    warn_of_damage(replay, compressed, end < length);
    if (!replay->is_rebuild)
        return 0;
    return ledger_set_archive(journal->storage, replay->day, -monitor->id, length, error);
}

/* Reads the compressed file of a day's archive, if there is one; sets how the plain one relates. */
static int find_compressed(struct replay *replay, const struct record *plain,
                           struct monitor_id *monitor, enum compressed_relation *relation,
                           struct error *error)
{
    struct journal *journal = replay->journal;
    struct compressed compressed;
    int64_t size;
    int fd = compressed_open(journal, plain, &compressed, error), plain_fd, result = 0;

    if (fd < 0)
        return error->os == ENOENT ? 0 : skip_obstacle(replay, error);
    compressed.relation = COMPRESSED_CONTINUED;
    plain_fd = record_open(journal, plain, O_RDONLY, &size, error);
    if (plain_fd >= 0) {
        result = compressed_examine(journal, fd, plain_fd, size, &compressed, error);
        close(plain_fd);
    } else if (!record_is_absent(error)) {
        result = -1;
    }
    if (result == 0 && compressed.relation != COMPRESSED_REPLACED)
        result = read_compressed(replay, &compressed, fd, monitor, error);
    if (result == 0 && compressed.relation != COMPRESSED_REPLACED && plain_fd >= 0 &&
        replay->is_rebuild) {
        result = doubles_remove_plain(journal, monitor, replay->day, &compressed, fd, error);
        compressed.relation = COMPRESSED_CONTINUED;
    }
    *relation = compressed.relation;
    close(fd);
    return result;
}

int read_file_record(void *context, const struct monitor_id *monitor, struct error *error)
{
    struct replay *replay = context;
    bool is_live = replay->day == RECORD_LIVE;
    struct monitor_id found;
    struct record record;
    enum compressed_relation relation = COMPRESSED_CONTINUED;
    int64_t size, limit;
    int fd, result = 0;

    /* A folder that uptick may not read is an error: the figures would be wrong, and when it can be
     * read again, the ledger would not know its rows. */
    if (!monitor)
        return -1;
    assert(storage_in_transaction(replay->journal->storage));
    found = *monitor;
    record_name(&record, replay->day, monitor);
    if (!is_live && find_compressed(replay, &record, &found, &relation, error))
        return -1;
    fd = record_open(replay->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return !is_live && error->os == ENOENT ? 0 : skip_obstacle(replay, error);
    if (is_live && size == 0) { /* a rotation has emptied it */
        close(fd);
        return 0;
    }
    if (replay->is_rebuild)
        result = end_row(replay, &record, &fd, &size, error);
    limit = is_live ? size : overlap_limit(&replay->overlaps, replay->day, monitor, size);
    if (relation == COMPRESSED_CONTAINED)
        limit = 0;
    if (result == 0)
        result = read_plain(replay, &record, &found, fd, limit, error);
    close(fd);
    return result;
}

/* Reads the events of a file. *end becomes the end of its last complete line. */
static int read_events(struct replay *replay, const struct record *record,
                       struct event_table_adding *adding, int64_t *end, struct error *error)
{
    struct reader *reader = &replay->reader;
    struct line_source source;
    enum csv_result result;
    struct line line;
    const char *why;
    bool is_new;

    line_begin(&source, &ledger_event_log);
    for (;;) {
        if (reader_next_line(reader, &source, &line, &result, &why))
            return record_set_error(replay->journal, record, error);
        *end = reader->lines_end;
        if (result == CSV_END || result == CSV_TORN)
            return 0;
        if (result == CSV_ROW && is_misplaced(replay, &line))
            why = "event of another day";
        if (why)
            skip_line(replay, record, why);
        else if (event_table_add(adding, &line.event.event, &is_new, error))
            return -1;
    }
}

/* Commits the length of the complete lines; what follows them is quarantined. */
static int commit_event_log(struct replay *replay, const struct record *record, int64_t length,
                            int64_t limit, struct error *error)
{
    struct journal *journal = replay->journal;
    struct ledger_live live = {.length = length};

    if (length < limit)
        move_torn(journal, record, length);
    return replay->day == RECORD_LIVE
               ? ledger_set_live(journal->storage, LEDGER_EVENT_LOG, &live, error)
               : ledger_set_archive(journal->storage, replay->day, LEDGER_EVENT_LOG, length, error);
}

int read_file_event_log(struct replay *replay, struct event_table_adding *adding,
                        struct error *error)
{
    struct record record;
    int64_t size, limit, end = 0;
    int fd, result;

    record_name(&record, replay->day, &ledger_event_log);
    fd = record_open(replay->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return error->os == ENOENT ? 0 : skip_obstacle(replay, error);
    limit = replay->day == RECORD_LIVE
                ? size
                : overlap_limit(&replay->overlaps, replay->day, &ledger_event_log, size);
    reader_start(&replay->reader, fd, 0, limit);
    result = read_events(replay, &record, adding, &end, error);
    close(fd);
    if (result == 0 && replay->is_rebuild)
        result = commit_event_log(replay, &record, end, limit, error);
    return result;
}
