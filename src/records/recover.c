/* The state made anew: beside the old one, and then in its place. */
#include "base/clock.h"
#include "base/file.h"
#include "base/sync.h"
#include "records/internal.h"
#include "state/carry_over.h"
#include "state/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What SQLite may keep beside a database. */
static const char *const companions[] = {"-journal", "-wal", "-shm"};
enum { COMPANIONS = sizeof companions / sizeof companions[0] };

/* The room of a name like "state.db.corrupt-20261123T093000Z.2-journal". */
enum { NAME_ROOM = 96 };

static int fail(const struct journal *journal, const char *what, struct error *error)
{
    return error_errno(error, "%s/%s", journal->config->data_dir, what);
}

static bool exists(int data_fd, const char *name)
{
    struct stat status;

    return fstatat(data_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Removes a state and what stands beside it, from which nothing more is to be had. */
static int remove_state(struct journal *journal, const char *name, struct error *error)
{
    for (int i = -1; i < COMPANIONS; i++) {
        char path[NAME_ROOM];

        snprintf(path, sizeof path, "%s%s", name, i < 0 ? "" : companions[i]);
        if (unlinkat(journal->data_fd, path, 0) && errno != ENOENT)
            return fail(journal, path, error);
    }
    return 0;
}

void recover_clear(struct journal *journal)
{
    struct error ignored;

    if (exists(journal->data_fd, "state.db.new"))
        remove_state(journal, "state.db.new", &ignored);
}

/* A name for the broken state that no earlier one has. */
static void choose_name(const struct journal *journal, char name[NAME_ROOM])
{
    char moment[CLOCK_TEXT_MAX], digits[CLOCK_TEXT_MAX];
    size_t n = 0;

    clock_write_seconds(journal->now_ms, moment);
    for (const char *at = moment; *at; at++) {
        if (*at != '-' && *at != ':')
            digits[n++] = *at;
    }
    digits[n] = '\0';
    snprintf(name, NAME_ROOM, "state.db.corrupt-%s", digits);
    for (int i = 2; exists(journal->data_fd, name); i++)
        snprintf(name, NAME_ROOM, "state.db.corrupt-%s.%d", digits, i);
}

/*
 * Moves the broken state aside: its rollback journal first, since one that stayed would be rolled
 * back into the new state. The state itself gets one more name and keeps its own until the new one
 * takes that: a tick that ends in between would else leave what is staged where no other looks.
 */
static int move_aside(struct journal *journal, char name[NAME_ROOM], struct error *error)
{
    int fd = journal->data_fd;

    choose_name(journal, name);
    for (int i = COMPANIONS - 1; i >= 0; i--) {
        char from[NAME_ROOM], to[2 * NAME_ROOM];

        snprintf(from, sizeof from, "state.db%s", companions[i]);
        snprintf(to, sizeof to, "%s%s", name, companions[i]);
        if (renameat(fd, from, fd, to) && errno != ENOENT)
            return fail(journal, from, error);
    }

    /* Where the file system has no links, it has to be moved. */
    if (linkat(fd, "state.db", fd, name, 0) && renameat(fd, "state.db", fd, name))
        return fail(journal, "state.db", error);
    return 0;
}

/* Whether a staged result's row stands in the live file already. */
static bool is_recorded(const struct buffer *file, const struct buffer *row)
{
    for (size_t at = 0; at + row->size <= file->size;) {
        const char *line_end;

        if (memcmp(file->data + at, row->data, row->size) == 0)
            return true;
        line_end = memchr(file->data + at, '\n', file->size - at);
        at = line_end ? (size_t)(line_end + 1 - file->data) : file->size;
    }
    return false;
}

static int read_live(struct journal *journal, const struct staged_monitor *pending,
                     struct buffer *file, struct error *error)
{
    const struct ledger_live live = pending->live;
    struct record record;
    int64_t size;
    int fd;

    buffer_reset(file);
    record_live(&record, pending->monitor.site, pending->monitor.domain);
    fd = live.length ? record_open(journal, &record, O_RDONLY, &size, error) : -1;
    if (fd < 0) /* with no file there, or something else in its place, nothing is written */
        return live.length && error->os != ENOENT && !record_is_obstacle(error) ? -1 : 0;
    if (buffer_reserve(file, (size_t)live.length) ||
        file_read_at(fd, file->data, (size_t)live.length, 0)) {
        close(fd);
        return fail(journal, record.folder, error);
    }
    file->size = (size_t)live.length;
    close(fd);
    return 0;
}

/* What it takes to tell whether a row is written. */
struct comparison {
    struct journal *journal;
    struct buffer file, row;
};

/* Of the results that the old state had staged, those stay that no killed tick has written yet. */
static int drop_recorded(void *context, const struct staged_monitor *pending, struct error *error)
{
    struct comparison *comparison = context;
    struct journal *journal = comparison->journal;
    const struct monitor_id *monitor = &pending->monitor;
    struct buffer *row = &comparison->row;
    int result = read_live(journal, pending, &comparison->file, error);

    for (size_t i = 0; i < pending->n && result == 0; i++) {
        buffer_reset(row);
        if (csv_write(row, monitor->site, monitor->domain, &pending->results[i].check))
            result =
                error_set(error, EXIT_IO, "%s/%s: out of memory", monitor->site, monitor->domain);
        else if (is_recorded(&comparison->file, row))
            result =
                staged_delete_one(journal->storage, monitor->id, pending->results[i].number, error);
    }
    return result;
}

static int inherit_staged(struct journal *journal, const char *old, struct error *error)
{
    struct comparison comparison = {.journal = journal,
                                    .file = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS),
                                    .row = BUFFER_WITH_CEILING(BUFFER_MAX_LINE)};
    struct storage *storage = journal->storage;
    int result;

    if (carry_over_staged(storage, old, error) || storage_begin(storage, error))
        return -1;
    result = staged_each(storage, drop_recorded, &comparison, error);
    buffer_free(&comparison.file);
    buffer_free(&comparison.row);
    return storage_end(storage, result, error);
}

/* The hour of the oldest live row: what was not rotated in time is rotated next. */
static int64_t rotated_hour(const struct replay *replay)
{
    int64_t hour = clock_floor_div(replay->journal->now_ms, MS_PER_HOUR);

    return replay->first_live_hour < hour ? replay->first_live_hour : hour;
}

/* Fills the new state from the CSV, and from the old state (NULL: none) what that alone has. */
static int fill(struct replay *replay, const char *old, struct error *error)
{
    struct journal *journal = replay->journal;
    struct storage *storage = journal->storage;

    if (replay_run(replay, error))
        return -1;
    if (old && (carry_over_derived(storage, old, error) || inherit_staged(journal, old, error)))
        return -1;
    return storage_set_setting(storage, SETTING_PENDING, 1, error) ||
                   storage_set_setting(storage, SETTING_ROTATED_HOUR, rotated_hour(replay), error)
               ? -1
               : 0;
}

/* Makes state.db.new, complete and on disk. */
static int make_new(struct replay *replay, const char *old, struct error *error)
{
    struct journal *journal = replay->journal;
    enum storage_health health;
    char path[PATH_MAX];
    int result;

    journal_state_path(journal->config, ".new", path);
    if (remove_state(journal, "state.db.new", error))
        return -1;
    result =
        storage_open(&journal->storage, path, STORAGE_READ_WRITE, journal->config, &health, error);
    if (result == 0)
        result = storage_disable_safety(journal->storage, error);
    if (result == 0)
        result = fill(replay, old, error);
    storage_close(journal->storage);
    journal->storage = NULL;
    if (result == 0 && sync_all(journal->data_fd))
        result = fail(journal, "state.db.new", error);
    if (result)
        unlinkat(journal->data_fd, "state.db.new", 0);
    return result;
}

/* Puts the new state into the place of the old one. */
static int install(struct journal *journal, enum recover_cause cause, char aside[NAME_ROOM],
                   struct error *error)
{
    if (cause != RECOVER_MISSING && cause != RECOVER_ASKED) {
        if (move_aside(journal, aside, error))
            return -1;
    } else if (cause == RECOVER_MISSING && remove_state(journal, "state.db", error)) {
        return -1;
    }

    /* No old journal may outlive, on disk, the moment at which the new state appears. */
    if (fsync(journal->data_fd) ||
        renameat(journal->data_fd, "state.db.new", journal->data_fd, "state.db") ||
        fsync(journal->data_fd))
        return fail(journal, "state.db", error);
    unlinkat(journal->data_fd, "state.db.seal", 0);
    return 0;
}

static void say(const struct journal *journal, enum recover_cause cause, const char *aside)
{
    static const char *const was[] = {
        [RECOVER_MISSING] = "missing",
        [RECOVER_EMPTY] = "without any table",
        [RECOVER_DAMAGED] = "damaged",
        [RECOVER_FOREIGN] = "written by another program",
        [RECOVER_VERSION] = "of another version of uptick",
    };
    const char *data_dir = journal->config->data_dir;

    if (cause == RECOVER_ASKED)
        return;
    log_warn(journal->log, "%s/state.db: was %s; made anew from %lld rows in %lld files%s%s%s%s",
             data_dir, was[cause], (long long)journal->made_from.rows,
             (long long)journal->made_from.files, *aside ? "; the old one is " : "",
             *aside ? data_dir : "", *aside ? "/" : "", aside);
}

int recover_run(struct journal *journal, enum recover_cause cause, bool show_progress,
                struct error *error)
{
    struct replay replay = {
        .journal = journal,
        .until_ms = journal->now_ms,
        .mend = true,
        .show_progress = show_progress,
    };
    char old[PATH_MAX], aside[NAME_ROOM] = "";
    bool has_old = cause != RECOVER_MISSING;
    int result;

    journal_begin_call(journal, false);
    journal_state_path(journal->config, "", old);
    result = make_new(&replay, has_old ? old : NULL, error);
    journal_end_call(journal, "", error);
    if (result || install(journal, cause, aside, error))
        return -1;
    journal->made_from = replay.counts;
    journal->made_anew = true;
    say(journal, cause, aside);
    return 0;
}
