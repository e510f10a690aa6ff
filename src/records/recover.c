/* Rebuilds state.db: a new state is built beside the old one and then replaces it. */
#include "records/recover.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "config/config.h"
#include "records/replay.h"
#include "records/restage.h"
#include "records/stamp.h"
#include "records/state_file.h"
#include "state/carry_over.h"
#include "state/storage.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void recover_delete_unfinished(const struct journal *journal)
{
    struct stat status;
    struct error ignored;

    if (fstatat(journal->data_fd, "state.db.new", &status, AT_SYMLINK_NOFOLLOW) == 0)
        state_file_delete(journal, "state.db.new", &ignored);
}

/* The hour of the oldest live row, so that rows which a rotation missed are rotated next. */
static int64_t rotated_hour(const struct replay *replay)
{
    int64_t hour = clock_floor_div(replay->journal->now_ms, MS_PER_HOUR);

    return replay->first_live_hour < hour ? replay->first_live_hour : hour;
}

/* Fills the new state; old_path is NULL if there is no old state. */
static int fill_state(struct replay *replay, const char *old_path, bool show_progress,
                      struct error *error)
{
    struct journal *journal = replay->journal;
    struct storage *storage = journal->storage;

    if (replay_run(replay, show_progress, error))
        return -1;
    if (old_path &&
        (carry_over_derived(storage, old_path, error) || restage_results(journal, old_path, error)))
        return -1;
    return storage_set_setting(storage, SETTING_PENDING, 1, error) ||
                   storage_set_setting(storage, SETTING_ROTATED_HOUR, rotated_hour(replay), error)
               ? -1
               : 0;
}

/* Builds state.db.new, complete and on disk. */
static int build_new(struct replay *replay, const char *old_path, bool show_progress,
                     struct error *error)
{
    struct journal *journal = replay->journal;
    enum storage_health health;
    char path[PATH_MAX];
    int result;

    state_file_path(journal->config, ".new", path);
    if (state_file_delete(journal, "state.db.new", error))
        return -1;
    result =
        storage_open(&journal->storage, path, STORAGE_READ_WRITE, journal->config, &health, error);
    if (result == 0)
        result = storage_disable_safety(journal->storage, error);
    if (result == 0)
        result = fill_state(replay, old_path, show_progress, error);
    storage_close(journal->storage);
    journal->storage = NULL;
    if (result == 0 && file_sync_all(journal->data_fd))
        result = error_errno(error, "%s", path);
    if (result)
        unlinkat(journal->data_fd, "state.db.new", 0);
    return result;
}

/* Replaces the old state with the new one. */
static int install_new(struct journal *journal, enum recover_cause cause,
                       char set_aside[STATE_FILE_NAME_MAX], struct error *error)
{
    if (cause == RECOVER_MISSING) {
        if (state_file_delete(journal, "state.db", error))
            return -1;
    } else if (cause != RECOVER_REQUESTED && state_file_set_aside(journal, set_aside, error)) {
        return -1;
    }

    /* The deletion of the old rollback journal is on disk before the new state appears. */
    if (fsync(journal->data_fd) ||
        renameat(journal->data_fd, "state.db.new", journal->data_fd, "state.db") ||
        fsync(journal->data_fd))
        return error_errno(error, "%s/state.db", journal->config->data_dir);
    stamp_remove(journal->data_fd);
    return 0;
}

static void warn_of_rebuild(const struct journal *journal, enum recover_cause cause,
                            const char *set_aside)
{
    static const char *const was[] = {
        [RECOVER_MISSING] = "missing",
        [RECOVER_EMPTY] = "empty",
        [RECOVER_DAMAGED] = "damaged",
        [RECOVER_CHANGED] = "changed by another program",
        [RECOVER_VERSION] = "written by another version of uptick",
    };
    const char *data_dir = journal->config->data_dir;
    char rows[TEXT_COUNTED_MAX], files[TEXT_COUNTED_MAX];

    log_warn(journal->log, "%s/state.db: was %s; rebuilt from %s in %s%s%s%s%s", data_dir,
             was[cause], text_counted((uint64_t)journal->n_rows, "row", rows),
             text_counted((uint64_t)journal->n_files, "file", files),
             *set_aside ? "; the old file is now " : "", *set_aside ? data_dir : "",
             *set_aside ? "/" : "", set_aside);
}

int recover_run(struct journal *journal, enum recover_cause cause, bool show_progress,
                struct error *error)
{
    struct replay replay = {.journal = journal, .until_ms = journal->now_ms, .is_rebuild = true};
    char old_path[PATH_MAX], set_aside[STATE_FILE_NAME_MAX] = "";
    int result;

    assert(!journal->storage);
    call_begin(journal, false);
    state_file_path(journal->config, "", old_path);
    result = build_new(&replay, cause == RECOVER_MISSING ? NULL : old_path, show_progress, error);
    call_end(journal, 0, "", error);
    if (result || install_new(journal, cause, set_aside, error))
        return -1;
    journal->is_rebuilt = true;
    journal->n_rows = replay.progress.n_rows;
    journal->n_files = replay.progress.n_files;
    if (cause != RECOVER_REQUESTED)
        warn_of_rebuild(journal, cause, set_aside);
    return 0;
}
