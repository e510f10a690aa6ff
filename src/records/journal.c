/* Opens and closes the records with their state. */
#include "records/journal.h"

#include "base/lock.h"
#include "records/codec.h"
#include "records/export.h"
#include "records/open_state.h"
#include "records/recover.h"
#include "records/replay.h"
#include "records/stamp.h"
#include "records/writer.h"
#include "state/carry_over.h"
#include "state/certificate_table.h"
#include "state/days.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* So the tick of a full hour is not much longer than others. */
enum { ROTATES_MIN = 64, ROTATES_FOR_MS = 250 };

/* Releases everything; an open state gets no stamp. */
static void close_handle(struct journal *journal)
{
    const int fds[] = {journal->folder.fd, journal->parent.fd, journal->data_fd, journal->claim_fd};

    storage_close(journal->storage);
    codec_free(journal->codec);
    call_forget_disks(journal);
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    free(journal);
}

/* Opens data_dir, but no state. NULL: failed. */
static struct journal *open_handle(const struct config *config, const struct log *log,
                                   int64_t now_ms, struct error *error)
{
    struct journal *journal = malloc(sizeof *journal);
    struct codec *codec = codec_new();
    struct stat status;

    if (!journal || !codec) {
        free(journal);
        codec_free(codec);
        error_set(error, EXIT_IO, "%s: out of memory", config->data_dir);
        return NULL;
    }
    *journal = (struct journal){.config = config,
                                .log = log,
                                .now_ms = now_ms,
                                .codec = codec,
                                .rotates_min = ROTATES_MIN,
                                .rotates_for_ms = ROTATES_FOR_MS};
    journal->folder.fd = journal->parent.fd = journal->claim_fd = -1;
    journal->data_fd = open(config->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (journal->data_fd >= 0 && fstat(journal->data_fd, &status) == 0) {
        journal->device = status.st_dev;
        return journal;
    }
    error_errno(error, "%s", config->data_dir);
    close_handle(journal);
    return NULL;
}

static int open_journal(struct journal **journal, const struct config *config,
                        const struct log *log, int64_t now_ms, bool show_progress,
                        struct error *error)
{
    struct journal *opened = open_handle(config, log, now_ms, error);

    *journal = NULL;
    if (!opened)
        return -1;
    opened->show_progress = show_progress && isatty(fileno(log->to));
    opened->claim_fd = writer_claim(opened->data_fd, config->data_dir, error);
    if (opened->claim_fd < 0 || open_state_or_rebuild(opened, error)) {
        journal_close(opened);
        return -1;
    }
    recover_delete_unfinished(opened);
    *journal = opened;
    return 0;
}

int journal_open(struct journal **journal, const struct config *config, const struct log *log,
                 int64_t now_ms, struct error *error)
{
    return open_journal(journal, config, log, now_ms, false, error);
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    if (journal->storage) {
        bool damaged = storage_is_damaged(journal->storage);

        storage_close(journal->storage);
        journal->storage = NULL;
        if (journal->is_behind && !damaged)
            stamp_remove(journal->data_fd); /* the next tick compares it with the records */
        else
            stamp_write(journal->data_fd, damaged);
    }
    close_handle(journal);
}

struct storage *journal_storage(struct journal *journal)
{
    return journal->storage;
}

int journal_rebuild(const struct config *config, const struct log *log, int64_t now_ms,
                    struct journal_counts *counts, struct error *error)
{
    struct journal *journal;
    int result = 0;

    if (open_journal(&journal, config, log, now_ms, true, error))
        return -1;
    if (!journal->is_rebuilt) {
        struct error ignored;

        /* Results that cannot be exported stay staged, in the new state too. */
        export_run(journal, &ignored);
        storage_close(journal->storage);
        journal->storage = NULL;
        result = recover_run(journal, RECOVER_REQUESTED, error);
    }
    *counts = (struct journal_counts){journal->n_rows, journal->n_files};
    journal_close(journal);
    return result;
}

int journal_load_at(struct storage **storage, const struct config *config, const struct log *log,
                    int64_t until_ms, struct error *error)
{
    struct journal *journal = open_handle(config, log, until_ms, error);
    struct replay replay = {.journal = journal, .until_ms = until_ms};
    enum storage_health health;
    char path[PATH_MAX];

    *storage = NULL;
    if (!journal)
        return -1;
    recover_state_path(config, "", path);

    /* Keeps ticks from moving files while they are read; waits for a tick that does so. */
    journal->claim_fd =
        lock_wait(lock_share_folder, config->data_dir, "a tick is moving records", log, error);
    if (journal->claim_fd >= 0 &&
        storage_open(&journal->storage, path, STORAGE_IN_MEMORY, config, &health, error) == 0 &&
        replay_run(&replay, error) == 0) {
        struct error ignored;

        if (faccessat(journal->data_fd, "state.db", R_OK, 0) == 0)
            carry_over_derived(journal->storage, path, &ignored);
        certificate_table_go_back(journal->storage, until_ms, &ignored);
        *storage = journal->storage;
        journal->storage = NULL;
    }
    close_handle(journal);
    return *storage ? 0 : -1;
}

int journal_recorded_days(const struct config *config, const struct log *log, int64_t day,
                          struct recorded_days *days, struct error *error)
{
    struct journal *journal = open_handle(config, log, 0, error);
    int result;

    if (!journal)
        return -1;
    result = recorded_days_find(journal, day, days, error);
    close_handle(journal);
    return result;
}
