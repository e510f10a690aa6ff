#include "records/read_file.h"

#include "base/clock.h"
#include "model/scheduler.h"
#include "records/compressed.h"
#include "records/decoder.h"
#include "records/overlap.h"
#include "state/indexer.h"
#include "state/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_A_LOOK = 1 << 16 /* between two looks at the clock and at SIGTERM */ };

static void skip_line(struct replay *replay, const struct record *record, const char *why)
{
    struct journal *journal = replay->journal;

    if (replay->n_skipped++ < REPLAY_WARNINGS)
        log_warn(journal->log, "%s/%s/%s:%lld: skipped, since %s", journal->config->data_dir,
                 record->folder, record->name, (long long)replay->reader.line, why);
}

/* Why a row does not belong where it stands; NULL: it does. */
static const char *misplaced(const struct intake *intake, const struct row *row, const char *site,
                             const char *domain)
{
    if (strcmp(row->site, site) != 0 || strcmp(row->domain, domain) != 0)
        return "it is of another monitor";
    if (!intake->live && clock_floor_div(row->check.start_ms, MS_PER_DAY) != intake->day)
        return "it is of another day";
    return NULL;
}

static int add_row(struct intake *intake, struct indexer *indexer, const struct check *check,
                   struct error *error)
{
    struct replay *replay = intake->replay;
    int64_t hour = clock_floor_div(check->start_ms, MS_PER_HOUR);

    if (intake->live && hour < replay->first_live_hour)
        replay->first_live_hour = hour;
    if (check->start_ms > replay->until_ms && !replay->mend)
        return 0;
    if (++replay->counts.rows % ROWS_A_LOOK == 0 && replay_look_up(replay, error))
        return -1;
    return indexer_add(indexer, check, NULL, error);
}

/* Reads a file's rows into the index. *end becomes the end of its last whole line. */
static int read_file(struct intake *intake, const struct record *record, const char *site,
                     const char *domain, struct indexer *indexer, int64_t *end, struct error *error)
{
    struct replay *replay = intake->replay;
    struct reader *reader = &replay->reader;
    enum csv_result result;
    struct row row;
    const char *why;

    for (;;) {
        if (reader_next(reader, &row, &result, &why))
            return error_errno(error, "%s/%s/%s", replay->journal->config->data_dir, record->folder,
                               record->name);
        *end = reader->offset;
        if (result == CSV_END || result == CSV_TORN)
            return 0;
        if (result == CSV_ROW)
            why = misplaced(intake, &row, site, domain);
        if (why)
            skip_line(replay, record, why);
        else if (add_row(intake, indexer, &row.check, error))
            return -1;
    }
}

/* Indexes one file that is open. */
static int index_file(struct intake *intake, const struct record *record,
                      const struct monitor_id *monitor, int64_t *end, struct error *error)
{
    struct storage *storage = intake->replay->journal->storage;
    struct indexer indexer;
    struct monitor_summary known;
    size_t domain;

    if (monitors_load_summary(storage, monitor->id, &known, error))
        return -1;
    indexer_begin(&indexer, &intake->replay->minute_index, monitor->id, &known,
                  intake->replay->until_ms);
    if (read_file(intake, record, monitor->site, monitor->domain, &indexer, end, error))
        return -1;
    if (indexer.last.status != STATUS_UNKNOWN &&
        monitors_is_configured(storage, monitor->id, &domain))
        indexer.due_after_ms = scheduler_due_after(
            &intake->replay->journal->config->domains[domain], indexer.last.start_ms);
    return indexer_end(&indexer, error);
}

/* What is torn is moved away. Where that cannot be done now, the next row written there does it. */
static void move_torn(struct journal *journal, const struct record *record, int64_t end)
{
    struct error error;
    int64_t size;
    int fd = record_open(journal, record, O_RDWR, &size, &error);

    if (fd < 0 || record_quarantine(journal, record, fd, end, size, &error))
        log_warn(journal->log, "%s", error.text);
    if (fd >= 0)
        close(fd);
}

/* Vouches for the whole lines of what was read. */
static int vouch(struct intake *intake, const struct record *record,
                 const struct monitor_id *monitor, int64_t end, bool torn, struct error *error)
{
    struct journal *journal = intake->replay->journal;
    struct ledger_live live = {.length = end};

    if (!intake->replay->mend)
        return 0;
    if (torn)
        move_torn(journal, record, end);
    return intake->live
               ? ledger_set_live(journal->storage, monitor->id, &live, error)
               : ledger_set_archive(journal->storage, intake->day, monitor->id, end, error);
}

/* What stands in a record's place and is none is said and left out. */
static int skip_obstacle(const struct replay *replay, const struct error *error)
{
    if (!record_is_obstacle(error))
        return -1;
    log_warn(replay->journal->log, "%s; left out", error->text);
    return 0;
}

/* Indexes and vouches for a file that is open, up to this size. */
static int replay_file(struct intake *intake, const struct record *record,
                       struct monitor_id *monitor, int64_t limit, struct error *error)
{
    int64_t end = 0;

    intake->replay->counts.files++;
    return monitors_find(intake->replay->journal->storage, monitor->site, monitor->domain,
                         &monitor->id, error) ||
                   index_file(intake, record, monitor, &end, error) ||
                   vouch(intake, record, monitor, end, end < limit, error)
               ? -1
               : 0;
}

/* Says what is wrong with a pack, once it was read: some of its rows may be missing. */
static void say_of_pack(struct replay *replay, const struct compressed *packed, bool torn)
{
    const struct record *record = &packed->record;
    const char *damage = decoder_damage(replay->journal->decoder);
    bool is_said = damage || torn || packed->has_other;

    if (!is_said || replay->n_skipped++ >= REPLAY_WARNINGS)
        return;
    if (packed->has_other)
        damage = "the file of that name with .zst is another pack of it, and is left out";
    else if (!damage)
        damage = "it ends within a line";
    log_warn(replay->journal->log, "%s/%s/%s:%lld: what is whole was read up to here: %s",
             replay->journal->config->data_dir, record->folder, record->name,
             (long long)replay->reader.line, damage);
}

/* Indexes a pack that is open. */
static int index_pack(struct intake *intake, const struct compressed *packed, int fd,
                      struct monitor_id *monitor, struct error *error)
{
    struct replay *replay = intake->replay;
    struct journal *journal = replay->journal;
    struct decoder *decoder = journal_unpack(journal, error);
    int64_t end = 0;

    if (!decoder)
        return -1;
    decoder_start(decoder, packed->format, fd);
    reader_start_packed(&replay->reader, decoder);
    if (monitors_find(journal->storage, monitor->site, monitor->domain, &monitor->id, error) ||
        index_file(intake, &packed->record, monitor, &end, error))
        return -1;
    replay->counts.files++;
    say_of_pack(replay, packed, end < decoder_length(decoder));
    return replay->mend ? ledger_set_archive(journal->storage, intake->day, -monitor->id,
                                             decoder_length(decoder), error)
                        : 0;
}

/* Compares a pack with the plain file beside it, where there is one. */
static int compare_plain(struct replay *replay, const struct record *plain, int fd,
                         struct compressed *packed, struct error *error)
{
    int64_t size;
    int plain_fd = record_open(replay->journal, plain, O_RDONLY, &size, error), result;

    packed->relation = COMPRESSED_CONTINUED;
    if (plain_fd < 0)
        return error->os == ENOENT || record_is_obstacle(error) ? 0 : -1;
    result = compressed_examine(replay->journal, fd, plain_fd, size, packed, error);
    close(plain_fd);
    return result;
}

/* The pack of a day's archive, where there is one; and how the plain file stands to it. */
static int replay_pack(struct intake *intake, const struct record *plain,
                       struct monitor_id *monitor, enum compressed_relation *relation,
                       struct error *error)
{
    struct replay *replay = intake->replay;
    struct compressed packed;
    int fd, result;

    *relation = COMPRESSED_CONTINUED;
    fd = compressed_open(replay->journal, plain, &packed, error);
    if (fd < 0)
        return error->os == ENOENT ? 0 : skip_obstacle(replay, error);
    result = compare_plain(replay, plain, fd, &packed, error);
    if (result == 0 && packed.relation != COMPRESSED_HALF)
        result = index_pack(intake, &packed, fd, monitor, error);
    *relation = packed.relation;
    close(fd);
    return result;
}

int read_file_record(void *context, const char *site, const char *domain, struct error *error)
{
    struct intake *intake = context;
    struct replay *replay = intake->replay;
    struct monitor_id monitor = {.id = 0};
    struct record record;
    enum compressed_relation relation = COMPRESSED_CONTINUED;
    int64_t size, limit;
    int fd, result;

    /* What may not be read is not left out: its rows would be missing from all that is shown, and
     * be foreign to the ledger once they can be read. */
    if (!domain)
        return -1;
    if (intake->live)
        record_live(&record, site, domain);
    else
        record_archive(&record, intake->day, site, domain);
    memcpy(monitor.site, site, strlen(site) + 1);
    memcpy(monitor.domain, domain, strlen(domain) + 1);
    if (!intake->live && replay_pack(intake, &record, &monitor, &relation, error))
        return -1;
    fd = record_open(replay->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return !intake->live && error->os == ENOENT ? 0 : skip_obstacle(replay, error);
    limit = intake->live ? size : overlap_limit(replay, intake->day, site, domain, size);
    if (relation == COMPRESSED_HELD)
        limit = 0;
    reader_start(&replay->reader, fd, 0, limit);
    result = replay_file(intake, &record, &monitor, limit, error);
    close(fd);
    return result;
}
