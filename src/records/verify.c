/* Compares the committed lengths with the files. */
#include "records/verify.h"

#include "base/clock.h"
#include "records/blocks.h"
#include "records/committed.h"
#include "records/compressed.h"
#include "records/doubles.h"
#include "records/line.h"
#include "records/proof.h"
#include "records/prune.h"
#include "records/reader.h"
#include "records/walk.h"
#include "state/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct verification {
    struct journal *journal;
    struct reader reader;
    int64_t day;                    /* of the archive being compared, or RECORD_LIVE */
    int64_t first_day;              /* archives before it may be pruned, and are not compared */
    int64_t first_log_day;          /* the same for event logs */
    int64_t first_uncompressed_day; /* as in the state */
    int64_t n_known;                /* files that the ledger has too */
    bool is_copy;                   /* the state is one */
    bool is_partial;                /* something could not be read */
};

/* A walk ends with this result at the first file that does not match. */
enum { DIFFERS = 1 };

/* Whether a check started within a minute of this moment. A check that ends late may be recorded
 * after the last one of before the rotation, but none lasts for a minute. */
static bool is_near(const struct check *check, int64_t moment_ms)
{
    return moment_ms > check->start_ms - MS_PER_MINUTE &&
           moment_ms < check->start_ms + MS_PER_MINUTE;
}

/* Whether a file has a row that starts near the last or the latest check. */
static int has_start(struct verification *verification, const struct record *record, int fd,
                     int64_t end, const struct monitor_summary *summary, bool *has,
                     struct error *error)
{
    enum csv_result result = CSV_BAD;
    struct row row;
    const char *why;

    *has = false;
    reader_start(&verification->reader, fd, 0, end);
    while (!*has && result != CSV_END && result != CSV_TORN) {
        if (reader_next(&verification->reader, &row, &result, &why))
            return record_set_error(verification->journal, record, error);
        *has = result == CSV_ROW &&
               (is_near(&row.check, summary->last_ms) || is_near(&row.check, summary->latest_ms));
    }
    return 0;
}

/* Opens a file for writing if it may have to be mended: otherwise it is only read, because a file
 * of a backup made of hard links would get a copy of its own. Returns false if it cannot be
 * written. */
static bool may_mend(struct verification *verification, const struct record *record, int *fd,
                     int64_t size, int64_t length)
{
    struct error error;
    int64_t ignored;

    if (*fd < 0 || size == length)
        return true;
    close(*fd);
    *fd = record_open(verification->journal, record, O_RDWR, &ignored, &error);
    verification->is_partial = verification->is_partial || *fd < 0;
    return *fd >= 0;
}

/* A file can have its committed length by chance: then it has no row of the last check. */
static int compare_last(struct verification *verification, const struct record *record, int fd,
                        int64_t monitor, const struct ledger_live *live, struct error *error)
{
    struct monitor_summary summary;
    bool has = true;

    if (monitors_load_summary(verification->journal->storage, monitor, &summary, error))
        return -1;
    if (summary.last_status != STATUS_UNKNOWN && live->archived < live->length &&
        has_start(verification, record, fd, live->length, &summary, &has, error))
        return -1;
    return has ? 0 : DIFFERS;
}

static int compare_live(struct verification *verification, const struct record *record, int *fd,
                        int64_t size, int64_t monitor, struct error *error)
{
    struct journal *journal = verification->journal;
    struct ledger_live live = {0, 0};
    bool matches, has_staged = false;

    if (monitor && ledger_get_live(journal->storage, monitor, &live, &has_staged, error))
        return -1;
    verification->n_known += live.archived < live.length;
    if (size == 0 && live.archived == live.length)
        return 0; /* a killed rotation has emptied it */

    /* If the monitor has staged results, the next export looks at the bytes after the length. */
    if (has_staged && size > live.length)
        size = live.length;
    if (!may_mend(verification, record, fd, size, live.length))
        return 0;
    if (committed_matches(journal, record, *fd, size, live.length, &matches, error))
        return -1;
    if (!matches)
        return DIFFERS;
    if (size > live.length && committed_trim(journal, record, *fd, size, live.length, error))
        return -1;
    return monitor && monitor != LEDGER_EVENT_LOG
               ? compare_last(verification, record, *fd, monitor, &live, error)
               : 0;
}

/* Quarantines the bytes after the rows of an archive, unless a rotation that was killed has to
 * write its rows over them. */
static int trim_archive(struct verification *verification, const struct record *record, int fd,
                        int64_t size, int64_t length, int64_t monitor, struct error *error)
{
    struct journal *journal = verification->journal;
    struct ledger_live live = {0, 0};
    bool has_staged;

    if (monitor && ledger_get_live(journal->storage, monitor, &live, &has_staged, error))
        return -1;
    return live.archived < live.length ? 0
                                       : committed_trim(journal, record, fd, size, length, error);
}

/* Compares the plain file of an archive, which has this size, with its committed length. */
static int compare_plain(struct verification *verification, const struct record *record, int *fd,
                         int64_t size, int64_t length, int64_t monitor, struct error *error)
{
    struct journal *journal = verification->journal;
    bool matches, are_live = false;

    if (!may_mend(verification, record, fd, size, length))
        return 0;
    if (committed_matches(journal, record, *fd, size, length, &matches, error))
        return -1;
    if (matches)
        return size > length ? trim_archive(verification, record, *fd, size, length, monitor, error)
                             : 0;

    /* A killed rotation may have appended rows that are still live. */
    if (size > length && doubles_are_live(journal, record, *fd, length, &are_live, error))
        return -1;
    if (are_live && committed_matches(journal, record, *fd, length, length, &matches, error))
        return -1;
    return matches ? 0 : DIFFERS;
}

/* Compares the content of a compressed file. One without a committed length is either unknown, or
 * damaged from its beginning. */
static int compare_content(struct verification *verification, const struct compressed *compressed,
                           int fd, int64_t length, struct error *error)
{
    struct codec *codec = verification->journal->codec;

    if (blocks_decode(codec, compressed->format, fd, NULL, NULL))
        return record_set_error(verification->journal, &compressed->record, error);
    return codec_decoded(codec).length == length ? 0 : DIFFERS;
}

/* An archive whose compressed file is there. A plain length of 0: none is committed. */
struct archive_pair {
    const struct record *plain;
    int *fd; /* -1: there is no plain file */
    int64_t size, length;
    const struct compressed *compressed;
    int compressed_fd;
    int64_t compressed_length;
};

/*
 * Whether the compressed file has the rows of the plain one, which a compression or a recovery has
 * deleted before it was killed. A rotation may then have begun a new plain file with live rows.
 */
static int compare_moved(struct verification *verification, const struct archive_pair *pair,
                         struct error *error)
{
    bool are_live = true;
    int result = pair->length == 0
                     ? DIFFERS
                     : compare_content(verification, pair->compressed, pair->compressed_fd,
                                       pair->compressed_length + pair->length, error);

    if (result == 0 && pair->size > 0)
        result =
            doubles_are_live(verification->journal, pair->plain, *pair->fd, 0, &are_live, error);
    return result == 0 && !are_live ? DIFFERS : result;
}

static int compare_pair(struct verification *verification, const struct archive_pair *pair,
                        int64_t monitor, struct error *error)
{
    bool is_committed = pair->compressed_length > 0;
    int result = 0;

    if (is_committed ? verification->is_copy : pair->length == 0 && pair->size == 0)
        result = compare_content(verification, pair->compressed, pair->compressed_fd,
                                 pair->compressed_length, error);
    if (result)
        return result;

    /* A killed compression may have left the plain file. */
    if (is_committed && pair->length == 0 && pair->size > 0 &&
        verification->day >= verification->first_uncompressed_day)
        return 0;
    if (is_committed)
        result = compare_plain(verification, pair->plain, pair->fd, pair->size, pair->length,
                               monitor, error);
    else if (pair->size < pair->length || (pair->length == 0 && pair->size > 0))
        result = DIFFERS;
    return result == DIFFERS ? compare_moved(verification, pair, error) : result;
}

/* Compares the files of an archive. */
static int compare_archive(struct verification *verification, const struct record *plain, int *fd,
                           int64_t size, int64_t monitor, struct error *error)
{
    struct storage *storage = verification->journal->storage;
    struct compressed compressed;
    struct archive_pair pair = {.plain = plain, .fd = fd, .size = size, .compressed = &compressed};
    int result;

    if (monitor &&
        (ledger_get_archive(storage, verification->day, monitor, &pair.length, error) ||
         ledger_get_archive(storage, verification->day, -monitor, &pair.compressed_length, error)))
        return -1;
    verification->n_known += (pair.length > 0) + (pair.compressed_length > 0);
    pair.compressed_fd = compressed_open(verification->journal, plain, &compressed, error);
    if (pair.compressed_fd < 0 && !record_is_absent(error))
        return -1;
    if (pair.compressed_fd < 0)
        return pair.compressed_length > 0
                   ? DIFFERS
                   : compare_plain(verification, plain, fd, size, pair.length, monitor, error);
    result = compare_pair(verification, &pair, monitor, error);
    close(pair.compressed_fd);
    return result;
}

static int visit_record(void *context, const struct monitor_id *monitor, struct error *error)
{
    struct verification *verification = context;
    struct journal *journal = verification->journal;
    bool is_live = verification->day == RECORD_LIVE;
    struct record record;
    int64_t id, size = 0;
    int fd, result;

    if (call_check_signal(journal, error))
        return -1;
    if (!monitor) {
        verification->is_partial = true;
        return 0;
    }
    record_name(&record, verification->day, monitor);
    fd = record_open(journal, &record, O_RDONLY, &size, error);
    if (fd < 0 && (is_live || error->os != ENOENT)) {
        verification->is_partial = verification->is_partial || !record_is_absent(error);
        return 0;
    }
    id = LEDGER_EVENT_LOG;
    result = ledger_is_event_log(monitor)
                 ? 0
                 : monitors_lookup(journal->storage, monitor->site, monitor->domain, &id, error);
    if (result == 0)
        result = is_live ? compare_live(verification, &record, &fd, size, id, error)
                         : compare_archive(verification, &record, &fd, size, id, error);
    if (fd >= 0)
        close(fd);
    return result;
}

/* Whether the ledger has the files that were found. */
static int compare_counts(struct verification *verification, struct error *error)
{
    struct storage *storage = verification->journal->storage;
    int64_t n_live, n_archives;

    if (ledger_count_live(storage, &n_live, error) ||
        ledger_count_archives(storage, verification->first_day, verification->first_log_day,
                              &n_archives, error))
        return -1;
    return verification->is_partial || verification->n_known == n_live + n_archives ? 0 : DIFFERS;
}

/* A prune that was killed has deleted what the ledger knew of an archive, and not yet its files. */
static void find_first_days(struct verification *verification, const int64_t *days, size_t n)
{
    const struct journal *journal = verification->journal;
    struct proof proof;

    proof_find(days, n, clock_floor_div(journal->now_ms, MS_PER_DAY),
               journal->config->retention_days, &proof);
    verification->first_day = proof.first_kept;
    verification->first_log_day = prune_first_event_log(&proof);
}

/* Compares the event log and the records in the folder of a day, or the live ones. */
static int compare_folder(struct verification *verification, int64_t day, struct error *error)
{
    int result = 0;

    verification->day = day;
    if (day >= verification->first_log_day)
        result = visit_record(verification, &ledger_event_log, error);
    if (result == 0 && day >= verification->first_day)
        result = walk_records(verification->journal, day, visit_record, verification, error);
    return result;
}

static int compare_all(struct verification *verification, struct error *error)
{
    struct journal *journal = verification->journal;
    int64_t *days = NULL;
    size_t n = 0;
    int result = walk_days(journal, &days, &n, error);

    find_first_days(verification, days, n);
    if (result == 0)
        result = compare_folder(verification, RECORD_LIVE, error);
    for (size_t i = 0; result == 0 && i < n; i++)
        result = compare_folder(verification, days[i], error);
    if (result == 0)
        result = compare_counts(verification, error);
    free(days);
    return result;
}

int verify_state(struct journal *journal, bool is_copy, bool *matches, struct error *error)
{
    struct verification verification = {.journal = journal, .is_copy = is_copy};
    struct error ignored;
    int result;

    if (storage_get_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED,
                            &verification.first_uncompressed_day, error))
        return -1;
    if (reader_init(&verification.reader))
        return error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir);
    call_begin(journal, false);
    result = compare_all(&verification, error);
    call_end(journal, 0, "", &ignored);
    reader_free(&verification.reader);
    *matches = result == 0;
    return result < 0 ? -1 : 0;
}
