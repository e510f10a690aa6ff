/* Finds rows that are in two places, and removes one of them. */
#include "records/doubles.h"

#include "base/clock.h"
#include "records/blocks.h"
#include "records/committed.h"
#include "records/line.h"
#include "records/overlap.h"
#include "records/reader.h"
#include "records/row_set.h"
#include "records/walk.h"
#include "state/ledger.h"
#include "state/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct double_search {
    struct journal *journal;
    struct reader reader;
    struct row_set set; /* the rows to look for; all of one monitor */
};

static int begin_search(struct double_search *search, struct journal *journal, struct error *error)
{
    *search = (struct double_search){.journal = journal};
    return reader_init(&search->reader)
               ? error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir)
               : 0;
}

static void end_search(struct double_search *search)
{
    reader_free(&search->reader);
    row_set_free(&search->set);
}

/* What is done with each line of a record. */
typedef int take_line(struct double_search *search, const struct monitor_id *monitor,
                      const struct line *line);

static int add_line(struct double_search *search, const struct monitor_id *monitor,
                    const struct line *line)
{
    int64_t offset = search->reader.offset, length = search->reader.length;

    return ledger_is_event_log(monitor)
               ? row_set_add_event(&search->set, &line->event.event, offset, length)
               : row_set_add(&search->set, &line->check, offset, length);
}

static int find_line(struct double_search *search, const struct monitor_id *monitor,
                     const struct line *line)
{
    if (ledger_is_event_log(monitor))
        row_set_find_event(&search->set, &line->event.event);
    else
        row_set_find(&search->set, &line->check);
    return 0;
}

/* Passes the lines of the file that the reader was started with. */
static int take_lines(struct double_search *search, const struct record *record,
                      const struct monitor_id *monitor, take_line *take, struct error *error)
{
    struct line_source source;
    enum csv_result result;
    struct line line;
    const char *why;

    line_begin(&source, monitor);
    for (;;) {
        if (reader_next_line(&search->reader, &source, &line, &result, &why))
            return record_set_error(search->journal, record, error);
        if (result == CSV_END || result == CSV_TORN)
            return 0;
        if (result == CSV_ROW && take(search, monitor, &line))
            return error_set(error, EXIT_IO, "%s/%s: out of memory", record->folder, record->name);
    }
}

/* Marks the rows of the set that are in the archive of a day, plain or compressed. */
static int find_in_archive(struct double_search *search, const struct monitor_id *monitor,
                           int64_t day, struct error *error)
{
    struct journal *journal = search->journal;
    struct compressed compressed;
    struct record record;
    int64_t size;
    int fd, result = 0;

    record_name(&record, day, monitor);
    fd = record_open(journal, &record, O_RDONLY, &size, error);
    if (fd < 0 && !record_is_absent(error))
        return -1;
    if (fd >= 0) {
        reader_start(&search->reader, fd, 0, INT64_MAX);
        result = take_lines(search, &record, monitor, find_line, error);
        close(fd);
    }
    fd = result ? -1 : compressed_open(journal, &record, &compressed, error);
    if (fd < 0)
        return result || !record_is_absent(error) ? -1 : 0;
    codec_start_decoding(journal->codec, compressed.format, fd);
    reader_start_codec(&search->reader, journal->codec);
    result = take_lines(search, &compressed.record, monitor, find_line, error);
    close(fd);
    return result;
}

/* The first day after this one that a row of the set is of; INT64_MAX: none. */
static int64_t next_day(const struct row_set *set, int64_t day)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < set->n; i++) {
        int64_t its_day = clock_floor_div(set->rows[i].start_ms, MS_PER_DAY);

        if (its_day > day && its_day < next)
            next = its_day;
    }
    return next;
}

static int find_in_archives(struct double_search *search, const struct monitor_id *monitor,
                            struct error *error)
{
    for (int64_t day = next_day(&search->set, INT64_MIN); day != INT64_MAX;
         day = next_day(&search->set, day)) {
        if (find_in_archive(search, monitor, day, error))
            return -1;
    }
    return 0;
}

/* Copies all bytes of a file apart from the rows that were found. Returns 0, or -1 with errno. */
static int copy_rest(struct row_set *set, int fd, int64_t size, int to_fd, int64_t *length)
{
    struct blocks_part part = {.fd = fd};

    *length = 0;
    row_set_order(set);
    for (size_t i = 0; i <= set->n; i++) {
        if (i < set->n && !set->rows[i].is_found)
            continue;
        part.size = (i < set->n ? set->rows[i].offset : size) - part.from;
        if (blocks_copy(&part, to_fd, *length))
            return -1;
        *length += part.size;
        if (i < set->n)
            part.from = set->rows[i].offset + set->rows[i].length;
    }
    return fsync(to_fd);
}

/* Replaces a file by one without the rows that were found; or deletes it, if nothing remains. */
static int remove_found(struct double_search *search, const struct record *record, int fd,
                        int64_t size, struct error *error)
{
    struct journal *journal = search->journal;
    struct record tmp = *record;
    int64_t length, tmp_size;
    int tmp_fd, result = 0;

    if (call_sync(journal, error))
        return -1;
    strcat(tmp.name, ".new");
    tmp_fd = record_open(journal, &tmp, O_RDWR | O_CREAT | O_TRUNC, &tmp_size, error);
    if (tmp_fd < 0)
        return -1;
    if (copy_rest(&search->set, fd, size, tmp_fd, &length))
        result = record_set_error(journal, &tmp, error);
    close(tmp_fd);
    if (result == 0 && length > 0)
        result = record_rename(journal, &tmp, record, error);
    if (result || length == 0)
        unlinkat(journal->folder.fd, tmp.name, 0);
    if (result == 0 && ((length == 0 && unlinkat(journal->folder.fd, record->name, 0)) ||
                        fsync(journal->folder.fd)))
        result = record_set_error(journal, record, error);
    return result;
}

static int visit_live(void *context, const struct monitor_id *monitor, struct error *error)
{
    struct double_search *search = context;
    struct record record;
    int64_t size;
    int fd, result;

    if (!monitor || call_check_signal(search->journal, error))
        return -1;
    record_name(&record, RECORD_LIVE, monitor);
    fd = record_open(search->journal, &record, O_RDWR, &size, error);
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;
    row_set_clear(&search->set);
    result = committed_end_row(search->journal, &record, fd, &size, error);
    reader_start(&search->reader, fd, 0, INT64_MAX);
    if (result == 0)
        result = take_lines(search, &record, monitor, add_line, error);
    if (result == 0)
        result = find_in_archives(search, monitor, error);
    if (result == 0 && search->set.n_found)
        result = remove_found(search, &record, fd, size, error);
    close(fd);
    return result;
}

/* Cuts archives that end with the first live rows. */
static int cut_overlaps(struct journal *journal, struct error *error)
{
    struct overlaps overlaps;
    int result = overlap_find(&overlaps, journal, error);

    if (result == 0 && overlaps.n)
        result = call_sync(journal, error) ? -1 : overlap_cut(&overlaps, journal, error);
    overlap_free(&overlaps);
    return result;
}

int doubles_remove(struct journal *journal, struct error *error)
{
    struct double_search search;
    int result;

    if (cut_overlaps(journal, error) || begin_search(&search, journal, error))
        return -1;
    result = visit_live(&search, &ledger_event_log, error);
    if (result == 0)
        result = walk_records(journal, RECORD_LIVE, visit_live, &search, error);
    end_search(&search);
    return result;
}

int doubles_remove_plain(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                         const struct compressed *compressed, int compressed_fd,
                         struct error *error)
{
    struct double_search search;
    struct record record;
    int64_t size;
    int fd, result;

    record_name(&record, day, monitor);
    fd = record_open(journal, &record, O_RDWR, &size, error);
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;
    result = begin_search(&search, journal, error);
    if (result == 0) {
        reader_start(&search.reader, fd, 0, INT64_MAX);
        result = take_lines(&search, &record, monitor, add_line, error);
    }
    if (result == 0) {
        codec_start_decoding(journal->codec, compressed->format, compressed_fd);
        reader_start_codec(&search.reader, journal->codec);
        result = take_lines(&search, &compressed->record, monitor, find_line, error);
    }
    if (result == 0 && search.set.n_found)
        result = remove_found(&search, &record, fd, size, error);
    end_search(&search);
    close(fd);
    return result;
}

/* Marks the rows of the set that are in the live file of the monitor, before this offset. */
static int find_in_live(struct double_search *search, const struct monitor_id *monitor, int64_t end,
                        struct error *error)
{
    struct record record;
    int64_t size;
    int fd, result;

    record_name(&record, RECORD_LIVE, monitor);
    fd = record_open(search->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;
    reader_start(&search->reader, fd, 0, end);
    result = take_lines(search, &record, monitor, find_line, error);
    close(fd);
    return result;
}

static int unstage_monitor(void *context, const struct staged_monitor *staged, struct error *error)
{
    struct double_search *search = context;
    struct storage *storage = search->journal->storage;

    row_set_clear(&search->set);
    for (size_t i = 0; i < staged->n; i++) {
        if (row_set_add(&search->set, &staged->results[i].check, staged->results[i].number, 0))
            return error_set(error, EXIT_IO, "%s/%s: out of memory", staged->monitor.site,
                             staged->monitor.domain);
    }

    /* An export that was killed may have left rows after the committed length. They stay staged, or
     * the next export would take them for rows that the state does not know. */
    if (find_in_live(search, &staged->monitor, staged->live.length, error) ||
        find_in_archives(search, &staged->monitor, error))
        return -1;
    for (size_t i = 0; i < search->set.n; i++) {
        const struct row_set_row *row = &search->set.rows[i];

        if (row->is_found && staged_delete_one(storage, staged->monitor.id, row->offset, error))
            return -1;
    }
    return 0;
}

int doubles_unstage(struct journal *journal, struct error *error)
{
    struct double_search search;
    int result;

    if (begin_search(&search, journal, error))
        return -1;
    result = storage_begin(journal->storage, error);
    if (result == 0)
        result = storage_end(journal->storage,
                             staged_each(journal->storage, unstage_monitor, &search, error), error);
    end_search(&search);
    return result;
}

int doubles_are_live(struct journal *journal, const struct record *record, int fd, int64_t from,
                     bool *all, struct error *error)
{
    struct double_search search;
    struct monitor_id monitor;
    int result = begin_search(&search, journal, error);

    record_monitor(record, &monitor);
    if (result == 0) {
        reader_start(&search.reader, fd, from, INT64_MAX);
        result = take_lines(&search, record, &monitor, add_line, error);
    }
    if (result == 0 && search.set.n)
        result = find_in_live(&search, &monitor, INT64_MAX, error);
    *all = search.set.n_found == search.set.n;
    end_search(&search);
    return result;
}
