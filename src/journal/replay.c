/* The CSV → a state: what was archived, day by day, and then what is live. */
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "history.h"
#include "journal/internal.h"
#include "journal/overlap.h"
#include "journal/packed.h"
#include "journal/unpack.h"
#include "scheduler.h"
#include "storage/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_WARNINGS = 5,     /* of rows skipped; the rest are counted */
    ROWS_A_LOOK = 1 << 16, /* between two looks at the clock and at SIGTERM */
    PROGRESS_MS = 200,
};

/* The file being read: of a day's archive, or live. */
struct source {
    struct replay *replay;
    bool live;
    int64_t day;
};

static void show_progress(struct replay *replay)
{
    int64_t now = clock_monotonic();

    if (!replay->show_progress || now - replay->shown_ms < PROGRESS_MS)
        return;
    replay->shown_ms = now;
    fprintf(replay->journal->log->to, "\r%lld rows in %lld files ", (long long)replay->counts.rows,
            (long long)replay->counts.files);
    fflush(replay->journal->log->to);
}

static int look_up(struct replay *replay, struct error *error)
{
    show_progress(replay);
    if (!interrupt_came())
        return 0;
    return error_set(error, EXIT_IO,
                     "%s/state.db: interrupted while it was made anew; run it again",
                     replay->journal->config->data_dir);
}

static void skip_line(struct replay *replay, const struct record *record, const char *why)
{
    struct journal *journal = replay->journal;

    if (replay->n_skipped++ < MOST_WARNINGS)
        log_warn(journal->log, "%s/%s/%s:%lld: skipped, since %s", journal->config->data_dir,
                 record->folder, record->name, (long long)replay->reader.line, why);
}

/* Why a row does not belong where it stands; NULL: it does. */
static const char *misplaced(const struct source *source, const struct row *row, const char *site,
                             const char *domain)
{
    if (strcmp(row->site, site) != 0 || strcmp(row->domain, domain) != 0)
        return "it is of another monitor";
    if (!source->live && clock_floor_div(row->check.start_ms, MS_PER_DAY) != source->day)
        return "it is of another day";
    return NULL;
}

static int add_row(struct source *source, struct digest *digest, const struct check *check,
                   struct error *error)
{
    struct replay *replay = source->replay;
    int64_t hour = clock_floor_div(check->start_ms, MS_PER_HOUR);

    if (source->live && hour < replay->first_live_hour)
        replay->first_live_hour = hour;
    if (check->start_ms > replay->until_ms && !replay->mend)
        return 0;
    if (++replay->counts.rows % ROWS_A_LOOK == 0 && look_up(replay, error))
        return -1;
    return digest_add(digest, check, error);
}

/* Reads a file's rows into the index. *end becomes the end of its last whole line. */
static int read_file(struct source *source, const struct record *record, const char *site,
                     const char *domain, struct digest *digest, int64_t *end, struct error *error)
{
    struct replay *replay = source->replay;
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
            why = misplaced(source, &row, site, domain);
        if (why)
            skip_line(replay, record, why);
        else if (add_row(source, digest, &row.check, error))
            return -1;
    }
}

/* Indexes one file that is open. */
static int index_file(struct source *source, const struct record *record,
                      const struct ledger_monitor *monitor, int64_t *end, struct error *error)
{
    struct storage *storage = source->replay->journal->storage;
    struct digest digest;
    struct known known;
    size_t domain;

    if (digest_load(&known, storage, monitor->id, error))
        return -1;
    digest_begin(&digest, &source->replay->recent, monitor->id, &known, source->replay->until_ms);
    if (read_file(source, record, monitor->site, monitor->domain, &digest, end, error))
        return -1;
    if (digest.last.status != STATUS_UNKNOWN && ledger_is_configured(storage, monitor->id, &domain))
        digest.served_ms = scheduler_served_by(&source->replay->journal->config->domains[domain],
                                               digest.last.start_ms);
    return digest_end(&digest, error);
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
static int vouch(struct source *source, const struct record *record,
                 const struct ledger_monitor *monitor, int64_t end, bool torn, struct error *error)
{
    struct journal *journal = source->replay->journal;
    struct ledger_live live = {.length = end};

    if (!source->replay->mend)
        return 0;
    if (torn)
        move_torn(journal, record, end);
    return source->live
               ? ledger_set_live(journal->storage, monitor->id, &live, error)
               : ledger_set_archive(journal->storage, source->day, monitor->id, end, error);
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
static int replay_file(struct source *source, const struct record *record,
                       struct ledger_monitor *monitor, int64_t limit, struct error *error)
{
    int64_t end = 0;

    source->replay->counts.files++;
    return ledger_find_monitor(source->replay->journal->storage, monitor->site, monitor->domain,
                               &monitor->id, error) ||
                   index_file(source, record, monitor, &end, error) ||
                   vouch(source, record, monitor, end, end < limit, error)
               ? -1
               : 0;
}

/* Says what is wrong with a pack, once it was read: some of its rows may be missing. */
static void say_of_pack(struct replay *replay, const struct packed *packed, bool torn)
{
    const struct record *record = &packed->record;
    const char *damage = unpack_damage(replay->journal->unpack);
    bool is_said = damage || torn || packed->has_other;

    if (!is_said || replay->n_skipped++ >= MOST_WARNINGS)
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
static int index_pack(struct source *source, const struct packed *packed, int fd,
                      struct ledger_monitor *monitor, struct error *error)
{
    struct replay *replay = source->replay;
    struct journal *journal = replay->journal;
    struct unpack *unpack = journal_unpack(journal, error);
    int64_t end = 0;

    if (!unpack)
        return -1;
    unpack_start(unpack, packed->format, fd);
    reader_start_packed(&replay->reader, unpack);
    if (ledger_find_monitor(journal->storage, monitor->site, monitor->domain, &monitor->id,
                            error) ||
        index_file(source, &packed->record, monitor, &end, error))
        return -1;
    replay->counts.files++;
    say_of_pack(replay, packed, end < unpack_length(unpack));
    return replay->mend ? ledger_set_archive(journal->storage, source->day, -monitor->id,
                                             unpack_length(unpack), error)
                        : 0;
}

/* Compares a pack with the plain file beside it, where there is one. */
static int compare_plain(struct replay *replay, const struct record *plain, int fd,
                         struct packed *packed, struct error *error)
{
    int64_t size;
    int plain_fd = record_open(replay->journal, plain, O_RDONLY, &size, error), result;

    packed->relation = PACKED_CONTINUED;
    if (plain_fd < 0)
        return error->os == ENOENT || record_is_obstacle(error) ? 0 : -1;
    result = packed_examine(replay->journal, fd, plain_fd, size, packed, error);
    close(plain_fd);
    return result;
}

/* The pack of a day's archive, where there is one; and how the plain file stands to it. */
static int replay_pack(struct source *source, const struct record *plain,
                       struct ledger_monitor *monitor, enum packed_relation *relation,
                       struct error *error)
{
    struct replay *replay = source->replay;
    struct packed packed;
    int fd, result;

    *relation = PACKED_CONTINUED;
    fd = packed_open(replay->journal, plain, &packed, error);
    if (fd < 0)
        return error->os == ENOENT ? 0 : skip_obstacle(replay, error);
    result = compare_plain(replay, plain, fd, &packed, error);
    if (result == 0 && packed.relation != PACKED_HALF)
        result = index_pack(source, &packed, fd, monitor, error);
    *relation = packed.relation;
    close(fd);
    return result;
}

/* One record on the walk. */
static int replay_record(void *context, const char *site, const char *domain, struct error *error)
{
    struct source *source = context;
    struct replay *replay = source->replay;
    struct ledger_monitor monitor = {.id = 0};
    struct record record;
    enum packed_relation relation = PACKED_CONTINUED;
    int64_t size, limit;
    int fd, result;

    /* What may not be read is not left out: its rows would be missing from all that is shown, and
     * be foreign to the ledger once they can be read. */
    if (!domain)
        return -1;
    if (source->live)
        record_live(&record, site, domain);
    else
        record_archive(&record, source->day, site, domain);
    memcpy(monitor.site, site, strlen(site) + 1);
    memcpy(monitor.domain, domain, strlen(domain) + 1);
    if (!source->live && replay_pack(source, &record, &monitor, &relation, error))
        return -1;
    fd = record_open(replay->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return !source->live && error->os == ENOENT ? 0 : skip_obstacle(replay, error);
    limit = source->live ? size : overlap_limit(replay, source->day, site, domain, size);
    if (relation == PACKED_HELD)
        limit = 0;
    reader_start(&replay->reader, fd, 0, limit);
    result = replay_file(source, &record, &monitor, limit, error);
    close(fd);
    return result;
}

/* What may be forgotten while the replay goes on: what lies before this day. */
static int prune_before(struct replay *replay, int64_t day_ms, struct error *error)
{
    int64_t horizon_ms = replay->until_ms - (int64_t)INDEX_HOURS * MS_PER_HOUR;

    return ledger_prune(replay->journal->storage, day_ms < horizon_ms ? day_ms : horizon_ms,
                        INT64_MIN, INT64_MIN, error);
}

/*
 * The day before which no row comes any more, once the archive of this one is read: live rows come
 * last, and may be older. Those too old for any span need not be waited for.
 */
static int64_t first_open_day(const struct replay *replay, int64_t day)
{
    int64_t today = clock_floor_div(replay->until_ms, MS_PER_DAY), live = replay->first_live_day;

    if (live < today - COUNT_DAYS)
        live = today - COUNT_DAYS;
    if (day > today)
        day = today;
    return live < day ? live : day;
}

/* A day's archive. */
static int replay_day(struct replay *replay, int64_t day, struct error *error)
{
    struct source source = {.replay = replay, .day = day};
    struct journal *journal = replay->journal;
    int64_t open_day = first_open_day(replay, day);
    char date[CLOCK_TEXT_MAX], folder[RECORD_PATH_MAX];

    clock_write_day(day, date);
    snprintf(folder, sizeof folder, "archive/%s", date);
    if (walk_records(journal, folder, replay_record, &source, error) ||
        recent_save(&replay->recent, error) ||
        history_count_days(journal->storage, journal->config, open_day, error))
        return -1;
    return prune_before(replay, open_day * MS_PER_DAY, error);
}

static int replay_live(struct replay *replay, struct error *error)
{
    struct source source = {.replay = replay, .live = true};
    struct journal *journal = replay->journal;

    if (walk_records(journal, "live", replay_record, &source, error) ||
        recent_save(&replay->recent, error) ||
        history_count_days(journal->storage, journal->config,
                           clock_floor_div(replay->until_ms, MS_PER_DAY), error))
        return -1;
    return prune_before(replay, INT64_MAX, error);
}

/* One transaction a day, so that what it holds in memory does not grow with the days. */
static int in_transaction(struct replay *replay, const int64_t *day, struct error *error)
{
    struct storage *storage = replay->journal->storage;

    if (look_up(replay, error) || ledger_begin(storage, error))
        return -1;
    return ledger_end(storage, day ? replay_day(replay, *day, error) : replay_live(replay, error),
                      error);
}

static int replay_all(struct replay *replay, struct error *error)
{
    int64_t *days = NULL, last_day = clock_floor_div(replay->until_ms, MS_PER_DAY);
    size_t n;
    int result = walk_days(replay->journal, &days, &n, error);

    if (result == 0)
        result = overlap_find(replay, error);
    for (size_t i = 0; result == 0 && i < n; i++) {
        if (days[i] <= last_day || replay->mend)
            result = in_transaction(replay, &days[i], error);
    }
    if (result == 0)
        result = in_transaction(replay, NULL, error);
    free(days);
    return result;
}

/* Says what to do about a record that may not be read. */
static int say_forbidden(struct error *error)
{
    struct error said = *error;

    error_set(error, said.code,
              "%.800s; nothing is made of a part of the records: let uptick read "
              "this one",
              said.text);
    error->os = said.os;
    return -1;
}

int replay_run(struct replay *replay, struct error *error)
{
    const struct log *log = replay->journal->log;
    int result = -1;

    replay->first_live_hour = replay->first_live_day = INT64_MAX;
    recent_begin(&replay->recent, replay->journal->storage);
    replay->show_progress = replay->show_progress && isatty(fileno(log->to));
    if (reader_init(&replay->reader))
        error_set(error, EXIT_IO, "%s: out of memory", replay->journal->config->data_dir);
    else
        result = replay_all(replay, error);
    if (result && (error->os == EACCES || error->os == EPERM))
        say_forbidden(error);
    if (replay->show_progress)
        fprintf(log->to, "\r\033[K");
    if (replay->n_skipped > MOST_WARNINGS)
        log_warn(log, "%s: %d more lines skipped", replay->journal->config->data_dir,
                 replay->n_skipped - MOST_WARNINGS);
    reader_free(&replay->reader);
    free(replay->overlaps);
    return result;
}

/* Ends the walk, as an error does. */
static int found_one(void *context, const char *site, const char *domain, struct error *error)
{
    bool *found = context;

    (void)site;
    (void)domain;
    *found = true;
    return error_set(error, EXIT_IO, "one is enough");
}

int replay_has_records(const struct journal *journal, bool *has, struct error *error)
{
    int64_t *days = NULL;
    size_t n = 0;
    int result;

    *has = false;
    if (walk_records(journal, "live", found_one, has, error))
        return *has ? 0 : -1;
    result = walk_days(journal, &days, &n, error);
    *has = n > 0;
    free(days);
    return result;
}
