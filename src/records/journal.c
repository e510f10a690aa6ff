/* Opens and closes the records with their state, and decides when the state is rebuilt. */
#include "records/journal.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "records/codec.h"
#include "records/export.h"
#include "records/prune.h"
#include "records/recover.h"
#include "records/replay.h"
#include "records/stamp.h"
#include "records/writer.h"
#include "state/carry_over.h"
#include "state/days.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WAIT_SILENT_MS = 1000, /* a command that waits longer for a tick prints that */
    WAIT_STEP_MS = 20,
};

static void close_state(struct journal *journal)
{
    storage_close(journal->storage);
    journal->storage = NULL;
}

/* Checks an open state that may not be as the last tick left it. Returns 0 if it can be used. */
static int check_state(struct journal *journal, enum stamp stamp, enum storage_health health,
                       enum recover_cause *cause, struct error *error)
{
    bool has_records = false;

    if (health == STORAGE_MISSING && replay_has_records(journal, &has_records, error)) {
        *cause = RECOVER_NOT;
        return -1;
    }
    if (stamp == STAMP_CHANGED || has_records) {
        *cause = stamp == STAMP_CHANGED ? RECOVER_CHANGED : RECOVER_EMPTY;
        return error_set(error, EXIT_IO, "%s/state.db: changed since the last tick",
                         journal->config->data_dir);
    }
    if (stamp == STAMP_CLEAN || storage_examine(journal->storage, error) == 0)
        return 0;
    *cause = storage_is_damaged(journal->storage) ? RECOVER_DAMAGED : RECOVER_NOT;
    return -1;
}

/* Opens the state. If it cannot be used, *cause shows whether and why to rebuild it. */
static int open_state(struct journal *journal, enum recover_cause *cause, struct error *error)
{
    enum stamp stamp = stamp_read(journal->data_fd);
    enum storage_health health;
    char path[PATH_MAX];

    recover_state_path(journal->config, "", path);
    *cause = RECOVER_DAMAGED;
    if (stamp == STAMP_DAMAGED)
        return error_set(error, EXIT_IO, "%s: damaged", path);

    /* Opening rolls back what a killed tick began. If this tick is killed too, the old stamp would
     * make that look like the work of another program. */
    if (stamp == STAMP_UNCLEAN)
        stamp_remove(journal->data_fd);
    if (storage_open(&journal->storage, path, STORAGE_READ_WRITE, journal->config, &health,
                     error)) {
        if (health == STORAGE_SOUND || health == STORAGE_MISSING)
            *cause = RECOVER_NOT;
        else if (health == STORAGE_OLDER || health == STORAGE_NEWER)
            *cause = RECOVER_VERSION;
        return -1;
    }
    if (check_state(journal, stamp, health, cause, error) == 0)
        return 0;
    close_state(journal);
    return -1;
}

/*
 * Sets *found to whether there is a state.db that is not empty, and *linked to whether it has
 * another name: writing to it would change a file elsewhere. A symbolic link or folder is an error.
 */
static int find_state(const struct journal *journal, bool *found, bool *linked, struct error *error)
{
    struct stat status;
    char path[PATH_MAX];

    recover_state_path(journal->config, "", path);
    *found = *linked = false;
    if (fstatat(journal->data_fd, "state.db", &status, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : error_errno(error, "%s", path);
    if (!S_ISREG(status.st_mode))
        return error_set(error, EXIT_IO, "%s: not a regular file; remove it", path);
    *found = status.st_size > 0;
    *linked = status.st_nlink > 1;
    return 0;
}

/*
 * Rebuilds an open state if the clock was ahead for days and has been set back. Then entries that
 * are needed now were pruned from the state; the CSV still has them, unless it was pruned too. If
 * the rebuild fails, the state is used as it is.
 */
static int fill_pruned(struct journal *journal, struct error *error)
{
    const struct config *config = journal->config;
    int64_t days = config->retention_days ? config->retention_days : days_kept(config);
    int64_t hour = clock_floor_div(journal->now_ms, MS_PER_HOUR) - PRUNE_INDEX_HOURS, indexed;
    enum recover_cause cause;

    if (storage_get_setting(journal->storage, SETTING_INDEXED_HOUR, &indexed, error))
        return -1;
    if (indexed <= hour + HOURS_PER_DAY || indexed > hour + days * HOURS_PER_DAY)
        return 0;
    close_state(journal);
    if (recover_run(journal, RECOVER_REQUESTED, error))
        log_warn(journal->log, "%s", error->text);
    return open_state(journal, &cause, error);
}

/* Opens the state, and rebuilds it first if it is missing or cannot be used. */
static int open_or_rebuild(struct journal *journal, struct error *error)
{
    enum recover_cause cause = RECOVER_MISSING;
    bool found, linked, has_records = true;

    if (find_state(journal, &found, &linked, error) ||
        (!found && replay_has_records(journal, &has_records, error)))
        return -1;
    if (linked)
        cause = RECOVER_LINKED;
    else if (found && open_state(journal, &cause, error) == 0)
        return fill_pruned(journal, error);
    if (has_records && (cause == RECOVER_NOT || recover_run(journal, cause, error)))
        return -1;
    return open_state(journal, &cause, error);
}

/* Releases everything; an open state gets no stamp. */
static void close_handle(struct journal *journal)
{
    const int fds[] = {journal->folder.fd, journal->parent.fd, journal->data_fd, journal->claim_fd};

    storage_close(journal->storage);
    codec_free(journal->codec);
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

    if (!journal || !codec) {
        free(journal);
        codec_free(codec);
        error_set(error, EXIT_IO, "%s: out of memory", config->data_dir);
        return NULL;
    }
    *journal = (struct journal){.config = config, .log = log, .now_ms = now_ms, .codec = codec};
    journal->folder.fd = journal->parent.fd = journal->claim_fd = -1;
    journal->data_fd = open(config->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (journal->data_fd >= 0)
        return journal;
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
    if (opened->claim_fd < 0 || open_or_rebuild(opened, error)) {
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

        close_state(journal);
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
        close_state(journal);
        result = recover_run(journal, RECOVER_REQUESTED, error);
    }
    *counts = (struct journal_counts){journal->n_rows, journal->n_files};
    journal_close(journal);
    return result;
}

/* Keeps ticks from moving files while they are read; waits for a tick that does so. A file system
 * without locks cannot keep them from it. */
static void wait_for_claim(const struct journal *journal)
{
    for (int i = 0; i < WAIT_SILENT_MS / WAIT_STEP_MS; i++) {
        if (flock(journal->data_fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            return;
        poll(NULL, 0, WAIT_STEP_MS);
    }
    log_warn(journal->log, "%s: a tick is moving records; waiting until it has finished",
             journal->config->data_dir);
    while (flock(journal->data_fd, LOCK_SH) && errno == EINTR && !interrupt_came())
        continue;
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

    wait_for_claim(journal);
    if (storage_open(&journal->storage, path, STORAGE_IN_MEMORY, config, &health, error) == 0 &&
        replay_run(&replay, error) == 0) {
        struct error ignored;

        if (faccessat(journal->data_fd, "state.db", R_OK, 0) == 0)
            carry_over_derived(journal->storage, path, &ignored);
        *storage = journal->storage;
        journal->storage = NULL;
    }
    close_handle(journal);
    return *storage ? 0 : -1;
}
