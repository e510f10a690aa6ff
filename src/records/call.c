/* The call under way: what it found, what failed, its syncs, and its claim on data_dir. */
#include "records/call.h"

#include "base/file.h"
#include "base/interrupt.h"
#include "records/record.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

void call_begin(struct journal *journal, bool sync_each)
{
    call_forget_disks(journal);
    journal->sync_each = sync_each;
    memset(journal->n_found, 0, sizeof journal->n_found);
    journal->n_failed = 0;
}

void call_add_finding(struct journal *journal, enum finding finding, const struct record *record)
{
    assert(finding < FINDINGS);
    if (journal->n_found[finding]++ == 0)
        snprintf(journal->first_found[finding], CALL_PATH_MAX, "%.90s/%.90s", record->folder,
                 record->name);
}

int call_add_failure(struct journal *journal, const struct error *error)
{
    static const int of_all_files[] = {ENOSPC, EROFS, EIO, EDQUOT, EMFILE, ENFILE, ENOMEM, EINTR};

    if (journal->n_failed++ == 0)
        journal->first_failure = *error;
    for (size_t i = 0; i < sizeof of_all_files / sizeof of_all_files[0]; i++) {
        if (error->os == of_all_files[i])
            return -1;
    }
    return journal->is_behind ? -1 : 0;
}

/* Describes the files beyond the first one. */
static const char *describe_others(int n, char text[64])
{
    *text = '\0';
    if (n > 1)
        snprintf(text, 64, " (%d more file%s as well)", n - 1, n > 2 ? "s" : "");
    return text;
}

static void warn_of_finding(const struct journal *journal, enum finding finding)
{
    static const char *const texts[FINDINGS] = {
        [FINDING_QUARANTINED] = "contained bytes that are not results; moved to ",
        [FINDING_DAMAGED] = ("damaged archive, not changed; later rows of that day are in the .log "
                             "file beside it"),
    };
    bool is_moved = finding == FINDING_QUARANTINED;
    char file[PATH_MAX], others[64];

    snprintf(file, sizeof file, "%s/%s", journal->config->data_dir, journal->first_found[finding]);
    log_warn(journal->log, "%s: %s%s%s%s", file, texts[finding], is_moved ? file : "",
             is_moved ? ".quarantine" : "", describe_others(journal->n_found[finding], others));
}

int call_end(struct journal *journal, int result, const char *consequence, struct error *error)
{
    char others[64];

    flusher_stop(&journal->flusher);
    if (result && journal->n_failed == 0)
        call_add_failure(journal, error);
    for (enum finding finding = 0; finding < FINDINGS; finding++) {
        if (journal->n_found[finding])
            warn_of_finding(journal, finding);
    }
    if (journal->n_failed == 0)
        return 0;
    error_set(error, journal->first_failure.code, "%.700s%s%s", journal->first_failure.text,
              describe_others(journal->n_failed, others), consequence);
    error->os = journal->first_failure.os;
    return -1;
}

void call_forget_disks(struct journal *journal)
{
    while (journal->n_disks > 0)
        close(journal->disks[--journal->n_disks].fd);
}

int call_add_disk(struct journal *journal, int fd, dev_t device)
{
    struct other_disk *disks = journal->disks;
    int copy;

    if (device == journal->device)
        return 0;
    for (int i = 0; i < journal->n_disks; i++) {
        if (disks[i].device == device)
            return 0;
    }
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return -1;
    if (journal->n_disks == CALL_DISKS_MAX) {
        if (file_sync_all(disks[0].fd)) {
            close(copy);
            return -1;
        }
        close(disks[0].fd);
        memmove(disks, disks + 1, sizeof *disks * (size_t)--journal->n_disks);
    }
    disks[journal->n_disks++] = (struct other_disk){device, copy};
    return 0;
}

void call_sync_early(struct journal *journal)
{
    if (!journal->sync_each)
        flusher_start(&journal->flusher, journal->data_fd);
}

int call_sync(struct journal *journal, struct error *error)
{
    int result = 0;

    /* A signal does not end a sync. */
    if (interrupt_is_urgent()) {
        errno = EINTR;
        return error_errno(error, "%s", journal->config->data_dir);
    }
    if (!journal->sync_each)
        result = file_sync_all(journal->data_fd);
    for (int i = 0; result == 0 && !journal->sync_each && i < journal->n_disks; i++)
        result = file_sync_all(journal->disks[i].fd);
    if (flusher_stop(&journal->flusher))
        result = -1;
    return result
               ? error_errno(error, "%s: cannot flush records to disk", journal->config->data_dir)
               : 0;
}

int call_check_signal(const struct journal *journal, struct error *error)
{
    if (!interrupt_came())
        return 0;
    error_set(
        error, EXIT_IO,
        "%s/state.db: rebuild interrupted; the next tick, or 'uptick rebuild', starts it again",
        journal->config->data_dir);
    error->os = EINTR;
    return -1;
}

bool call_claim(struct journal *journal)
{
    /* A file system without locks cannot show whether there is a reader. */
    return flock(journal->data_fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

void call_release(struct journal *journal)
{
    flock(journal->data_fd, LOCK_UN);
}
