/* The call under way: what it found, what failed, its syncs, and its claim on data_dir. */
#include "records/call.h"

#include "base/file.h"
#include "records/record.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

void call_begin(struct journal *journal, bool sync_each)
{
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
    return 0;
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
        [FINDING_EDITED] = "was edited; continuing after its last complete line",
        [FINDING_LOST] = "recorded rows are missing; continuing with the rest",
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

int call_sync(struct journal *journal, struct error *error)
{
    if (journal->sync_each || file_sync_all(journal->data_fd) == 0)
        return 0;
    return error_errno(error, "%s: cannot flush records to disk", journal->config->data_dir);
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
