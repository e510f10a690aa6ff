/* The archives of days that are over → packs. */
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "journal/pack.h"
#include "journal/packed.h"
#include "journal/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STEP = 64 << 10,
    FILES = 256, /* that are brought to disk together */
};

/* A file whose pack is written aside. */
struct ready {
    struct record plain, aside, pack;
    int64_t monitor;
    int64_t length; /* of the plain file */
    int64_t packed_length;
};

struct packing {
    struct journal *journal;
    struct pack *pack;
    int64_t day;
    int64_t until; /* when it is to stop, on the monotonic clock */
    bool stopped;
    size_t n_packed; /* by this call */
    size_t n_day;    /* the same, of this day */
    size_t n;        /* of those that are ready */
    struct ready ready[FILES];
};

static int fail(const struct packing *packing, const struct record *record, struct error *error)
{
    return error_errno(error, "%s/%s/%s", packing->journal->config->data_dir, record->folder,
                       record->name);
}

/* One file is packed in any case, lest a tick that always has little time never comes to an end. */
static bool is_over(const struct packing *packing)
{
    return interrupt_came() ||
           (packing->n_packed + packing->n > 0 && clock_monotonic() >= packing->until);
}

/* Packs what the old pack of a file gives. Returns 0, or -1 with errno. */
static int pack_old(struct packing *packing, const struct packed *old, int fd)
{
    struct unpack *unpack = packing->journal->unpack;
    char block[STEP];
    ssize_t n;

    unpack_start(unpack, old->format, fd);
    while ((n = unpack_read(unpack, block, sizeof block)) > 0) {
        if (interrupt_came() || pack_write(packing->pack, block, (size_t)n, false)) {
            errno = interrupt_came() ? EINTR : errno;
            return -1;
        }
    }
    if (n == 0 && (unpack_damage(unpack) || unpack_length(unpack) != old->length)) {
        errno = EIO;
        n = -1;
    }
    return n < 0 ? -1 : 0;
}

static int pack_plain(struct packing *packing, int fd, int64_t length)
{
    char block[STEP];

    for (int64_t at = 0; at < length;) {
        size_t step = length - at < STEP ? (size_t)(length - at) : STEP;

        if (interrupt_came()) {
            errno = EINTR;
            return -1;
        }
        if (file_read_at(fd, block, step, at) || pack_write(packing->pack, block, step, false))
            return -1;
        at += (int64_t)step;
    }
    return pack_write(packing->pack, "", 0, true);
}

/* Reads back what was packed, which is to be as it was. */
static int verify(struct packing *packing, enum compression format, int fd)
{
    struct unpack *unpack = packing->journal->unpack;
    char block[STEP];
    ssize_t n;

    unpack_start(unpack, format, fd);
    while ((n = unpack_read(unpack, block, sizeof block)) > 0)
        continue;
    if (n < 0)
        return -1;
    if (!unpack_damage(unpack) && unpack_length(unpack) == pack_length(packing->pack) &&
        unpack_crc(unpack) == pack_crc(packing->pack))
        return 0;
    errno = EIO;
    return -1;
}

/* Writes a pack aside: of the old one (fd -1: none), and the plain file. */
static int write_aside(struct packing *packing, struct ready *ready, int plain_fd,
                       const struct packed *old, int old_fd, struct error *error)
{
    int64_t size;
    int fd = record_open(packing->journal, &ready->aside, O_RDWR | O_CREAT | O_TRUNC, &size, error);
    int result = -1;

    if (fd < 0)
        return -1;
    if (!journal_unpack(packing->journal, error))
        goto out;
    if (pack_start(packing->pack, old->format, fd) == 0 &&
        (old_fd < 0 || pack_old(packing, old, old_fd) == 0) &&
        pack_plain(packing, plain_fd, ready->length) == 0 && verify(packing, old->format, fd) == 0)
        result = 0;
    else
        fail(packing, &ready->aside, error);
    ready->packed_length = pack_length(packing->pack);
out:
    close(fd);
    if (result)
        unlinkat(packing->journal->folder.fd, ready->aside.name, 0);
    return result;
}

/* Brings the plain file to the length that is vouched for. */
static int trim(struct packing *packing, struct ready *ready, int fd, int64_t size,
                struct error *error)
{
    struct journal *journal = packing->journal;

    if (size > ready->length)
        return record_quarantine(journal, &ready->plain, fd, ready->length, size, error);
    if (size == ready->length)
        return 0;
    journal_note(&journal->lost, &ready->plain);
    return record_whole_lines(fd, size, &ready->length) ? fail(packing, &ready->plain, error) : 0;
}

/*
 * Looks at the pack that there is already. It keeps its format, whatever the configuration says, so
 * that a record never has two packs. *fits: whether it can be made one with the plain file.
 */
static int look_at_old(struct packing *packing, const struct ready *ready, int plain_fd,
                       struct packed *old, int *old_fd, bool *fits, struct error *error)
{
    struct journal *journal = packing->journal;

    *fits = true;
    *old_fd = packed_open(journal, &ready->plain, old, error);
    if (*old_fd < 0) {
        old->format = journal->config->archive_compress;
        return error->os == ENOENT ? 0 : -1;
    }
    if (packed_examine(journal, *old_fd, plain_fd, ready->length, old, error))
        return -1;
    if (old->damage && old->relation == PACKED_HALF) {
        close(*old_fd);
        *old_fd = -1;
    } else if (old->damage) {
        journal_note(&journal->damaged, &old->record);
        *fits = false;
    }
    return 0;
}

/* Packs a file that is open. */
static int pack_file(struct packing *packing, struct ready *ready, int plain_fd, int64_t size,
                     struct error *error)
{
    struct packed old;
    int old_fd = -1, result = -1;
    bool fits;

    if (trim(packing, ready, plain_fd, size, error) ||
        look_at_old(packing, ready, plain_fd, &old, &old_fd, &fits, error))
        goto out;
    result = 0;
    if (!fits || ready->length == 0)
        goto out;
    packed_name(&ready->plain, old.format, &ready->pack);
    result = write_aside(packing, ready, plain_fd, &old, old_fd, error);
    if (result == 0)
        packing->n++;
out:
    if (old_fd >= 0)
        close(old_fd);
    return result;
}

/* A monitor's file of the day, which may be plain, packed, or both. */
static int pack_record(struct packing *packing, const char *site, const char *domain,
                       struct error *error)
{
    struct journal *journal = packing->journal;
    struct ready *ready = &packing->ready[packing->n];
    struct ledger_monitor monitor = {.id = 0};
    int64_t size;
    int fd, result = -1;

    memcpy(monitor.site, site, strlen(site) + 1);
    memcpy(monitor.domain, domain, strlen(domain) + 1);
    if (ledger_find_monitor(journal->storage, site, domain, &monitor.id, error) ||
        ledger_get_archive(journal->storage, packing->day, monitor.id, &ready->length, error))
        return -1;
    record_archive(&ready->plain, packing->day, site, domain);
    record_archive(&ready->aside, packing->day, site, domain);
    strcat(ready->aside.name, ".new");
    ready->monitor = monitor.id;
    fd = record_open(journal, &ready->plain, O_RDWR, &size, error);
    if (fd < 0 && (error->os != ENOENT || ready->length == 0))
        return error->os == ENOENT ? 0 : -1;

    /* Without a length that is vouched for, it is in the pack, or is not the program's own. */
    if (packed_settle(journal, &monitor, packing->day, &ready->length, error) == 0)
        result = ready->length && fd >= 0 ? pack_file(packing, ready, fd, size, error) : 0;
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
        if (record_replace(journal, &packing->ready[i].aside, &packing->ready[i].pack, error))
            return -1;
    }
    if (packing->n && journal_sync(journal, error))
        return -1;
    for (size_t i = 0; i < packing->n; i++) {
        const struct ready *ready = &packing->ready[i];

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
    result = ledger_end(journal->storage, result, error);
    for (size_t i = 0; result == 0 && i < packing->n; i++)
        result = record_remove(journal, &packing->ready[i].plain, packing->ready[i].length, error);
    for (size_t i = 0; result && i < packing->n; i++)
        record_remove(journal, &packing->ready[i].aside, INT64_MAX, &ignored);
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
        (journal_note_failure(journal, error) || !ledger_stands(journal->storage)))
        return -1;
    if (packing->n < FILES)
        return 0;
    if (end_batch(packing, 0, error))
        return -1;
    return ledger_begin(journal->storage, error);
}

static int pack_day(struct packing *packing, struct error *error)
{
    struct journal *journal = packing->journal;
    char date[CLOCK_TEXT_MAX], folder[RECORD_PATH_MAX];
    int result;

    clock_write_day(packing->day, date);
    stpcpy(stpcpy(folder, "archive/"), date);
    packing->n_day = 0;
    if (ledger_begin(journal->storage, error))
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
            .journal = journal, .pack = pack_new(), .until = clock_monotonic() + room_ms};
    if (packing && packing->pack)
        result = pack_days(packing, today, &reached, error);
    else
        error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir);
    if (result && journal->n_failed == 0)
        journal_note_failure(journal, error);
    if (packing) {
        *n_packed = packing->n_packed;
        pack_free(packing->pack);
    }
    free(packing);
    if (reached != first && ledger_set_first_unpacked(journal->storage, reached, &failure) &&
        journal->n_failed == 0)
        journal_note_failure(journal, &failure);
    return journal_end_call(journal, "; what could not be packed stays as it is", error);
}

int journal_pack(struct journal *journal, int64_t now_ms, int64_t room_ms, size_t *n_packed,
                 struct error *error)
{
    int64_t today = clock_floor_div(now_ms, MS_PER_DAY), first, rotated;
    int result;

    *n_packed = 0;
    if (journal->config->archive_compress == COMPRESSION_NONE)
        return 0;
    if (ledger_first_unpacked(journal->storage, &first, error) ||
        storage_get_note(journal->storage, NOTE_ROTATED_HOUR, &rotated, error))
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
