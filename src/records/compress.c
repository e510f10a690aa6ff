/* The archives of days that are over → packs. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "records/archive_writer.h"
#include "records/compressed.h"
#include "state/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 256 /* that are brought to disk together */ };

struct packing {
    struct journal *journal;
    struct pack *pack;
    int64_t day;
    int64_t until; /* when it is to stop, on the monotonic clock */
    bool stopped;
    size_t n_packed; /* by this call */
    size_t n_day;    /* the same, of this day */
    size_t n;        /* of those that are ready */
    struct aside ready[FILES];
};

/* One file is packed in any case, lest a tick that always has little time never comes to an end. */
static bool is_over(const struct packing *packing)
{
    return interrupt_came() ||
           (packing->n_packed + packing->n > 0 && clock_monotonic() >= packing->until);
}

/* A monitor's file of the day, which may be plain, packed, or both. */
static int pack_record(struct packing *packing, const char *site, const char *domain,
                       struct error *error)
{
    struct journal *journal = packing->journal;
    struct aside *ready = &packing->ready[packing->n];
    struct monitor_id monitor = {.id = 0};
    bool written = false;
    int64_t size;
    int fd, result = -1;

    memcpy(monitor.site, site, strlen(site) + 1);
    memcpy(monitor.domain, domain, strlen(domain) + 1);
    if (monitors_find(journal->storage, site, domain, &monitor.id, error) ||
        ledger_get_archive(journal->storage, packing->day, monitor.id, &ready->length, error))
        return -1;
    record_archive(&ready->plain, packing->day, site, domain);
    record_archive(&ready->fresh, packing->day, site, domain);
    strcat(ready->fresh.name, ".new");
    ready->monitor = monitor.id;
    fd = record_open(journal, &ready->plain, O_RDWR, &size, error);
    if (fd < 0 && (error->os != ENOENT || ready->length == 0))
        return error->os == ENOENT ? 0 : -1;

    /* Without a length that is vouched for, it is in the pack, or is not the program's own. */
    if (compressed_settle(journal, &monitor, packing->day, &ready->length, error) == 0)
        result = ready->length && fd >= 0 ? archive_writer_write(journal, packing->pack, ready, fd,
                                                                 size, &written, error)
                                          : 0;
    packing->n += written;
    if (fd >= 0)
        close(fd);
    return result;
}

/*
 * Puts the packs that are ready in the place of their files: they are on disk before they have
 * their names, have their names on disk before the ledger knows, and the ledger knows before a file
 * goes.
 */
static int put_in_place(struct packing *packing, struct error *error)
{
    struct journal *journal = packing->journal;

    if (packing->n && journal_sync(journal, error))
        return -1;
    for (size_t i = 0; i < packing->n; i++) {
        if (record_replace(journal, &packing->ready[i].fresh, &packing->ready[i].pack, error))
            return -1;
    }
    if (packing->n && journal_sync(journal, error))
        return -1;
    for (size_t i = 0; i < packing->n; i++) {
        const struct aside *ready = &packing->ready[i];

        if (ledger_set_archive(journal->storage, packing->day, -ready->monitor,
                               ready->packed_length, error) ||
            ledger_set_archive(journal->storage, packing->day, ready->monitor, 0, error))
            return -1;
    }
    return 0;
}

/* Ends the open transaction with what is ready; or, after a failure, without. */
static int end_batch(struct packing *packing, int result, struct error *error)
{
    struct journal *journal = packing->journal;
    struct error ignored;

    if (result == 0)
        result = put_in_place(packing, error);
    result = storage_end(journal->storage, result, error);
    for (size_t i = 0; result == 0 && i < packing->n; i++)
        result = record_remove(journal, &packing->ready[i].plain, packing->ready[i].length, error);
    for (size_t i = 0; result && i < packing->n; i++)
        record_remove(journal, &packing->ready[i].fresh, INT64_MAX, &ignored);
    if (result == 0) {
        packing->n_packed += packing->n;
        packing->n_day += packing->n;
    }
    packing->n = 0;
    return result;
}

/* One record on the walk. Returns 1 where it is time to stop. */
static int visit(void *context, const char *site, const char *domain, struct error *error)
{
    struct packing *packing = context;
    struct journal *journal = packing->journal;

    if (is_over(packing)) {
        packing->stopped = true;
        return 1;
    }

    /* A folder that cannot be read stays plain, like a file. */
    if ((!domain || pack_record(packing, site, domain, error)) && !interrupt_came() &&
        (journal_note_failure(journal, error) || !storage_in_transaction(journal->storage)))
        return -1;
    if (packing->n < FILES)
        return 0;
    if (end_batch(packing, 0, error))
        return -1;
    return storage_begin(journal->storage, error);
}

static int pack_day(struct packing *packing, struct error *error)
{
    struct journal *journal = packing->journal;
    char date[CLOCK_TEXT_MAX], folder[RECORD_PATH_MAX];
    int result;

    clock_write_day(packing->day, date);
    stpcpy(stpcpy(folder, "archive/"), date);
    packing->n_day = 0;
    if (storage_begin(journal->storage, error))
        return -1;
    result = walk_records(journal, folder, visit, packing, error);
    result = end_batch(packing, result < 0 ? -1 : 0, error);

    /* No plain file comes back on a day that the ledger takes for done. */
    if (result == 0 && packing->n_day)
        result = journal_sync(journal, error);
    return result;
}

/* *first becomes the first day that is not done. */
static int pack_days(struct packing *packing, int64_t today, int64_t *first, struct error *error)
{
    int64_t *days = NULL;
    size_t n;
    int result = walk_days(packing->journal, &days, &n, error);

    for (size_t i = 0; result == 0 && i < n && !packing->stopped; i++) {
        if (days[i] < *first || days[i] >= today)
            continue;
        packing->day = days[i];
        result = pack_day(packing, error);
        if (result == 0)
            *first = days[i] + !packing->stopped;
    }
    if (result == 0 && !packing->stopped)
        *first = today;
    free(days);
    return result;
}

/* With data_dir claimed. */
static int pack(struct journal *journal, int64_t today, int64_t first, int64_t room_ms,
                size_t *n_packed, struct error *error)
{
    struct packing *packing = calloc(1, sizeof *packing);
    struct error failure;
    int64_t reached = first;
    int result = -1;

    journal_begin_call(journal, false);
    if (packing)
        *packing = (struct packing){
            .journal = journal, .pack = encoder_new(), .until = clock_monotonic() + room_ms};
    if (packing && packing->pack)
        result = pack_days(packing, today, &reached, error);
    else
        error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir);
    if (result && journal->n_failed == 0)
        journal_note_failure(journal, error);
    if (packing) {
        *n_packed = packing->n_packed;
        encoder_free(packing->pack);
    }
    free(packing);
    if (reached != first &&
        storage_set_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED, reached, &failure) &&
        journal->n_failed == 0)
        journal_note_failure(journal, &failure);
    return journal_end_call(journal, "; what could not be packed stays as it is", error);
}

int compress_run(struct journal *journal, int64_t now_ms, int64_t room_ms, size_t *n_packed,
                 struct error *error)
{
    int64_t today = clock_floor_div(now_ms, MS_PER_DAY), first, rotated;
    int result;

    *n_packed = 0;
    if (journal->config->archive_compress == COMPRESSION_NONE)
        return 0;
    if (storage_get_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED, &first, error) ||
        storage_get_setting(journal->storage, SETTING_ROTATED_HOUR, &rotated, error))
        return -1;

    /*
     * Where the state is lost, rows that are both archived and live are known by standing at the
     * end of a plain archive: none may come into a pack before the rotation is complete.
     */
    if (first >= today || rotated != clock_floor_div(now_ms, MS_PER_HOUR))
        return 0;
    if (!journal_claim_moving(journal))
        return 0;
    result = pack(journal, today, first, room_ms, n_packed, error);
    journal_release(journal);
    return result;
}
