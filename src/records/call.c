/* The call under way: what it found, what failed, its syncs, and its claim on data_dir. */
#include "records/call.h"

#include "base/log.h"
#include "base/sync.h"
#include "config/config.h"
#include "records/decoder.h"

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

void call_add_finding(struct journal *journal, enum finding finding, const char *folder,
                      const char *name)
{
    assert(finding < FINDINGS);
    if (journal->n_found[finding]++ == 0)
        snprintf(journal->first_found[finding], CALL_PATH_MAX, "%.90s/%.90s", folder, name);
}

int call_add_failure(struct journal *journal, const struct error *error)
{
    static const int of_all_files[] = {ENOSPC, EROFS, EIO, EDQUOT, EMFILE, ENFILE, ENOMEM};

    if (journal->n_failed++ == 0)
        journal->first_failure = *error;
    for (size_t i = 0; i < sizeof of_all_files / sizeof of_all_files[0]; i++) {
        if (error->os == of_all_files[i])
            return -1;
    }
    return 0;
}

static void warn_of_finding(const struct journal *journal, enum finding finding)
{
    static const char *const texts[FINDINGS] = {
        [FINDING_QUARANTINED] = "contained bytes that are not results; moved to ",
        [FINDING_EDITED] = "was edited; continuing after its last complete line",
        [FINDING_LOST] = "recorded rows are missing; continuing with the rest",
        [FINDING_DAMAGED] = "damaged archive, not changed; later rows of that day are in the .log "
                            "file beside it",
    };
    bool is_moved = finding == FINDING_QUARANTINED;
    int more = journal->n_found[finding] - 1;
    char file[PATH_MAX], moved_to[PATH_MAX + 16] = "", others[64] = "";

    snprintf(file, sizeof file, "%s/%s", journal->config->data_dir, journal->first_found[finding]);
    if (is_moved)
        snprintf(moved_to, sizeof moved_to, "%s.quarantine", file);
    if (more > 0)
        snprintf(others, sizeof others, " (%d more file%s as well)", more, more > 1 ? "s" : "");
    log_warn(journal->log, "%s: %s%s%s", file, texts[finding], moved_to, others);
}

int call_end(struct journal *journal, const char *consequence, struct error *error)
{
    char others[64] = "";

    for (enum finding finding = 0; finding < FINDINGS; finding++) {
        if (journal->n_found[finding])
            warn_of_finding(journal, finding);
    }
    if (journal->n_failed == 0)
        return 0;
    if (journal->n_failed > 1)
        snprintf(others, sizeof others, " (%d more file%s as well)", journal->n_failed - 1,
                 journal->n_failed > 2 ? "s" : "");
    error_set(error, journal->first_failure.code, "%.700s%s%s", journal->first_failure.text, others,
              consequence);
    error->os = journal->first_failure.os;
    return -1;
}

int call_sync(struct journal *journal, struct error *error)
{
    if (journal->sync_each || sync_all(journal->data_fd) == 0)
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

struct decoder *call_decoder(struct journal *journal, struct error *error)
{
    if (!journal->decoder)
        journal->decoder = decoder_new();
    if (!journal->decoder)
        error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir);
    return journal->decoder;
}
