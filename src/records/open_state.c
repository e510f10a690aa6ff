/* Opens the state, and decides when it is rebuilt. */
#include "records/open_state.h"

#include "base/clock.h"
#include "base/file.h"
#include "records/prune.h"
#include "records/record.h"
#include "records/recover.h"
#include "records/replay.h"
#include "records/stamp.h"
#include "records/verify.h"
#include "state/days.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_state(struct journal *journal)
{
    storage_close(journal->storage);
    journal->storage = NULL;
}

/* Compares an open state with the records, unless it was just made from them. */
static int compare_state(struct journal *journal, enum stamp stamp, enum recover_cause *cause,
                         struct error *error)
{
    bool matches = true;

    *cause = RECOVER_NOT;
    if (!journal->is_rebuilt && verify_state(journal, stamp == STAMP_MOVED, &matches, error))
        return -1;
    if (matches)
        return 0;
    *cause = RECOVER_BEHIND;
    return error_set(error, EXIT_IO, "%s/state.db: does not match the records",
                     journal->config->data_dir);
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
    if (stamp == STAMP_CLEAN)
        return 0;
    if (storage_examine(journal->storage, error)) {
        *cause = storage_is_damaged(journal->storage) ? RECOVER_DAMAGED : RECOVER_NOT;
        return -1;
    }
    if (stamp == STAMP_COPIED) {
        *cause = RECOVER_COPIED;
        return error_set(error, EXIT_IO, "%s/state.db: copied while a tick wrote it",
                         journal->config->data_dir);
    }
    return compare_state(journal, stamp, cause, error);
}

/* Opens the state. If it cannot be used, *cause shows whether and why to rebuild it. */
static int open_sound(struct journal *journal, enum recover_cause *cause, struct error *error)
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
    if (stamp == STAMP_UNCLEAN || stamp == STAMP_MOVED)
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

    /* A backup may be made of hard links. A rollback journal belongs to the file as it is. */
    *linked = status.st_nlink > 1 &&
              (faccessat(journal->data_fd, "state.db-journal", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
               file_unshare(journal->data_fd, "state.db", RECORD_FILE_MODE));
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
    if (recover_run(journal, RECOVER_REQUESTED, error) && error->os != EINTR)
        log_warn(journal->log, "%s", error->text);
    return open_sound(journal, &cause, error);
}

int open_state_or_rebuild(struct journal *journal, struct error *error)
{
    enum recover_cause cause = RECOVER_MISSING;
    bool found, linked, has_records = true;
    char path[PATH_MAX];

    if (find_state(journal, &found, &linked, error) ||
        (!found && replay_has_records(journal, &has_records, error)))
        return -1;
    recover_state_path(journal->config, "", path);
    has_records |= storage_has_foreign_files(path); /* a new state would meet them */
    if (linked)
        cause = RECOVER_LINKED;
    else if (found && open_sound(journal, &cause, error) == 0)
        return fill_pruned(journal, error);
    if (has_records && (cause == RECOVER_NOT || recover_run(journal, cause, error)))
        return -1;
    return open_sound(journal, &cause, error);
}

int open_state_again(struct journal *journal, struct error *error)
{
    struct storage *handle = journal->storage;
    enum recover_cause cause;

    /* Callers keep the handle, so it leads to the new state from now on. */
    journal->is_behind = false;
    journal->storage = NULL;
    if (recover_run(journal, RECOVER_BEHIND, error) == 0 &&
        open_sound(journal, &cause, error) == 0) {
        storage_swap(handle, journal->storage);
        storage_close(journal->storage);
        journal->storage = handle;
        return 0;
    }
    journal->is_behind = true;
    journal->storage = handle;
    return -1;
}
