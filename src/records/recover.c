/* Rebuilds state.db: a new state is built beside the old one and then replaces it. */
#include "records/recover.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "records/replay.h"
#include "records/stamp.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The suffixes of the files that SQLite may keep beside a database. */
static const char *const companions[] = {"-journal", "-wal", "-shm"};
enum {
    COMPANIONS = sizeof companions / sizeof companions[0],
    NAME_SIZE = 96, /* of a name such as "state.db.corrupt-20261123T093000Z.2-journal" */
};

void recover_state_path(const struct config *config, const char *suffix, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/state.db%s", config->data_dir, suffix);
}

static int set_error(const struct journal *journal, const char *name, struct error *error)
{
    return error_errno(error, "%s/%s", journal->config->data_dir, name);
}

/* Deletes SQLite's files beside the database of this name. Returns 0 or -1. */
static int delete_companions(const struct journal *journal, const char *name, struct error *error)
{
    for (int i = 0; i < COMPANIONS; i++) {
        char file[NAME_SIZE];

        snprintf(file, sizeof file, "%s%s", name, companions[i]);
        if (unlinkat(journal->data_fd, file, 0) && errno != ENOENT)
            return set_error(journal, file, error);
    }
    return 0;
}

/* Deletes the database of this name, and SQLite's files beside it. Returns 0 or -1. */
static int delete_database(const struct journal *journal, const char *name, struct error *error)
{
    if (unlinkat(journal->data_fd, name, 0) && errno != ENOENT)
        return set_error(journal, name, error);
    return delete_companions(journal, name, error);
}

/* Chooses a name that no file has. */
static void choose_name(const struct journal *journal, char name[NAME_SIZE])
{
    char moment[CLOCK_TEXT_MAX], digits[CLOCK_TEXT_MAX];
    struct stat status;
    size_t n = 0;

    clock_write_seconds(journal->now_ms, moment);
    for (const char *at = moment; *at; at++) {
        if (*at != '-' && *at != ':')
            digits[n++] = *at;
    }
    digits[n] = '\0';
    snprintf(name, NAME_SIZE, "state.db.corrupt-%s", digits);
    for (int i = 2; fstatat(journal->data_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0; i++)
        snprintf(name, NAME_SIZE, "state.db.corrupt-%s.%d", digits, i);
}

/* Keeps SQLite's files beside state.db under the names that belong to this one. Returns 0 or -1. */
static int set_aside_companions(const struct journal *journal, const char *name,
                                struct error *error)
{
    int fd = journal->data_fd;

    for (int i = COMPANIONS - 1; i >= 0; i--) {
        char from[NAME_SIZE], to[2 * NAME_SIZE];

        snprintf(from, sizeof from, "state.db%s", companions[i]);
        snprintf(to, sizeof to, "%s%s", name, companions[i]);
        if (renameat(fd, from, fd, to) && errno != ENOENT)
            return set_error(journal, from, error);
    }
    return 0;
}

/*
 * Keeps a damaged state.db under another name, state.db.corrupt-TIMESTAMP, to which name is set.
 * Usually state.db stays too, as a hard link, until the new state replaces it. Returns 0 or -1.
 */
static int set_aside_state(const struct journal *journal, char name[NAME_SIZE], struct error *error)
{
    int fd = journal->data_fd;

    /* The rollback journal goes first: if it stayed, it would be applied to the new state. */
    choose_name(journal, name);
    if (set_aside_companions(journal, name, error))
        return -1;

    /* If the tick is killed before the new state is in place, the next one still finds state.db and
     * the results staged in it. Without hard links it has to be renamed. */
    if (linkat(fd, "state.db", fd, name, 0) && renameat(fd, "state.db", fd, name))
        return set_error(journal, "state.db", error);
    return 0;
}

void recover_delete_unfinished(const struct journal *journal)
{
    struct stat status;
    struct error ignored;

    if (fstatat(journal->data_fd, "state.db.new", &status, AT_SYMLINK_NOFOLLOW) == 0)
        delete_database(journal, "state.db.new", &ignored);
}

/* The hour of the oldest live row, so that rows which a rotation missed are rotated next. */
static int64_t rotated_hour(const struct replay *replay)
{
    int64_t hour = clock_floor_div(replay->journal->now_ms, MS_PER_HOUR);

    return replay->first_live_hour < hour ? replay->first_live_hour : hour;
}

static int fill_state(struct replay *replay, struct error *error)
{
    struct storage *storage = replay->journal->storage;

    if (replay_run(replay, error) || storage_set_setting(storage, SETTING_PENDING, 1, error))
        return -1;
    return storage_set_setting(storage, SETTING_ROTATED_HOUR, rotated_hour(replay), error);
}

/* Builds state.db.new, complete and on disk. */
static int build_new(struct replay *replay, struct error *error)
{
    struct journal *journal = replay->journal;
    enum storage_health health;
    char path[PATH_MAX];
    int result;

    recover_state_path(journal->config, ".new", path);
    if (delete_database(journal, "state.db.new", error))
        return -1;
    result =
        storage_open(&journal->storage, path, STORAGE_READ_WRITE, journal->config, &health, error);
    if (result == 0 &&
        (storage_disable_safety(journal->storage, error) || fill_state(replay, error)))
        result = -1;
    storage_close(journal->storage);
    journal->storage = NULL;
    if (result == 0)
        result = call_sync(journal, error);
    if (result)
        unlinkat(journal->data_fd, "state.db.new", 0);
    return result;
}

/* Whether a person may want to look at the old state. */
static bool is_set_aside(enum recover_cause cause)
{
    return cause != RECOVER_REQUESTED && cause != RECOVER_BEHIND;
}

/* Replaces the old state with the new one. */
static int install_new(struct journal *journal, enum recover_cause cause, char set_aside[NAME_SIZE],
                       struct error *error)
{
    if (cause == RECOVER_MISSING) {
        if (delete_database(journal, "state.db", error))
            return -1;
    } else if (is_set_aside(cause) ? set_aside_state(journal, set_aside, error)
                                   : delete_companions(journal, "state.db", error)) {
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

/* An older version had no event log, so nothing is missing in it. */
static bool has_new_log(const struct replay *replay, enum recover_cause cause)
{
    return cause == RECOVER_VERSION && !replay->has_event_log && replay->n_missing_events > 0;
}

static void warn_of_events(const struct replay *replay, enum recover_cause cause)
{
    int64_t n = replay->n_missing_events;
    char events[TEXT_COUNTED_MAX];

    if (n > 0 && !has_new_log(replay, cause))
        log_warn(replay->journal->log,
                 "%s/live/events.log: %s %s missing; derived again from the rows",
                 replay->journal->config->data_dir, text_counted((uint64_t)n, "event", events),
                 n == 1 ? "was" : "were");
}

static void warn_of_rebuild(const struct replay *replay, enum recover_cause cause,
                            const char *set_aside)
{
    static const char *const was[] = {
        [RECOVER_MISSING] = "missing",
        [RECOVER_EMPTY] = "empty",
        [RECOVER_DAMAGED] = "damaged",
        [RECOVER_CHANGED] = "changed by another program",
        [RECOVER_LINKED] = "a hard link",
        [RECOVER_VERSION] = "written by another version of uptick",
        [RECOVER_BEHIND] = "of another moment than the records",
        [RECOVER_COPIED] = "copied while a tick wrote it",
    };
    const struct journal *journal = replay->journal;
    const char *data_dir = journal->config->data_dir;
    char rows[TEXT_COUNTED_MAX], files[TEXT_COUNTED_MAX], events[TEXT_COUNTED_MAX];
    bool has_new = has_new_log(replay, cause);

    log_warn(journal->log, "%s/state.db: was %s; rebuilt from %s in %s%s%s%s%s%s%s", data_dir,
             was[cause], text_counted((uint64_t)journal->n_rows, "row", rows),
             text_counted((uint64_t)journal->n_files, "file", files),
             has_new ? "; the event log begins with " : "",
             has_new ? text_counted((uint64_t)replay->n_missing_events, "event", events) : "",
             *set_aside ? "; the old file is now " : "", *set_aside ? data_dir : "",
             *set_aside ? "/" : "", set_aside);
}

/*
 * If SQLite's files beside state.db were not made by uptick, sets them aside before anything opens
 * the old state, and *cause to damage. Returns 0 or -1.
 */
static int set_aside_foreign(const struct journal *journal, const char *old_path,
                             enum recover_cause *cause, struct error *error)
{
    char name[NAME_SIZE];

    if (!storage_has_foreign_files(old_path))
        return 0;
    if (!is_set_aside(*cause))
        *cause = RECOVER_DAMAGED;

    /* Without its journal the state may look sound to the next tick, if this one is killed. */
    stamp_write(journal->data_fd, true);
    choose_name(journal, name);
    return set_aside_companions(journal, name, error);
}

int recover_run(struct journal *journal, enum recover_cause cause, struct error *error)
{
    struct replay replay = {.journal = journal, .until_ms = journal->now_ms, .is_rebuild = true};
    char old_path[PATH_MAX], set_aside[NAME_SIZE] = "";
    int result;

    assert(!journal->storage && cause != RECOVER_NOT);
    call_begin(journal, false);

    /* If this is killed or the power fails, the files may no longer match a state that did. */
    if (cause == RECOVER_REQUESTED || cause == RECOVER_BEHIND) {
        stamp_remove(journal->data_fd);
        if (fsync(journal->data_fd))
            return error_errno(error, "%s", journal->config->data_dir);
    }
    recover_state_path(journal->config, "", old_path);
    if (set_aside_foreign(journal, old_path, &cause, error))
        return -1;
    replay.old_path = cause == RECOVER_MISSING ? NULL : old_path;
    result = build_new(&replay, error);
    call_end(journal, 0, "", error);
    if (result || install_new(journal, cause, set_aside, error))
        return -1;
    journal->is_rebuilt = true;
    if (cause != RECOVER_REQUESTED)
        warn_of_rebuild(&replay, cause, set_aside);
    warn_of_events(&replay, cause);
    return 0;
}
