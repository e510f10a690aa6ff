/* Deletes what is too old: archives by the day, entries of the state by the hour. */
#include "records/prune.h"

#include "base/clock.h"
#include "model/event.h"
#include "records/day_files.h"
#include "records/proof.h"
#include "records/walk.h"
#include "state/days.h"
#include "state/event_table.h"
#include "state/expiry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before its deletion, an archive is renamed to this and its date, which is no archive's name. */
static const char hidden_prefix[] = ".pruned-";

static bool is_hidden(const char *name)
{
    return strncmp(name, hidden_prefix, sizeof hidden_prefix - 1) == 0;
}

/* Deletes an archive that a killed tick has hidden, perhaps before its own fsync. */
static int delete_hidden(void *context, int archive_fd, const char *name)
{
    if (!is_hidden(name))
        return 0;
    return fsync(archive_fd) || walk_delete(context, archive_fd, name) ? -1 : 0;
}

/*
 * Hides the archive of a day and deletes it. The new name is on disk before anything is deleted, so
 * half an archive is never read as a whole one.
 */
static int delete_day(int archive_fd, int64_t day)
{
    char date[CLOCK_TEXT_MAX], hidden[2 * CLOCK_TEXT_MAX];

    clock_write_day(day, date);
    snprintf(hidden, sizeof hidden, "%s%s", hidden_prefix, date);
    if (walk_delete(NULL, archive_fd, hidden) || renameat(archive_fd, date, archive_fd, hidden) ||
        fsync(archive_fd))
        return -1;
    return walk_delete(NULL, archive_fd, hidden);
}

/* Hides the records of a site in the archive of a day, which are read as a whole or not at all. A
 * killed tick may have hidden them, perhaps before its own fsync. */
static int hide_site(void *context, int day_fd, const char *name)
{
    char hidden[sizeof hidden_prefix + TEXT_ID_MAX];
    bool *has_hidden = context;
    struct stat status;

    *has_hidden |= is_hidden(name);
    if (!text_is_id(name, strlen(name)) || fstatat(day_fd, name, &status, AT_SYMLINK_NOFOLLOW) ||
        !S_ISDIR(status.st_mode))
        return 0;
    *has_hidden = true;
    stpcpy(stpcpy(hidden, hidden_prefix), name);
    return walk_delete(NULL, day_fd, hidden) || renameat(day_fd, name, day_fd, hidden) ? -1 : 0;
}

static int delete_other(void *context, int day_fd, const char *name)
{
    return strcmp(name, EVENT_LOG_NAME) == 0 ? 0 : walk_delete(context, day_fd, name);
}

/* Deletes the archive of a day apart from its event log. */
static int delete_records(int archive_fd, int64_t day)
{
    char date[CLOCK_TEXT_MAX];
    bool has_hidden = false;
    int day_fd, result;

    clock_write_day(day, date);
    day_fd = openat(archive_fd, date, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (day_fd < 0)
        return -1;
    result = walk_names(day_fd, ".", hide_site, &has_hidden) || (has_hidden && fsync(day_fd)) ||
             walk_names(day_fd, ".", delete_other, NULL);
    close(day_fd);
    return result ? -1 : 0;
}

static bool has_log(int archive_fd, int64_t day)
{
    char path[2 * CLOCK_TEXT_MAX];
    struct stat status;

    clock_write_day(day, path);
    stpcpy(stpcpy(strchr(path, '\0'), "/"), EVENT_LOG_NAME);
    return fstatat(archive_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

/* Deletes the archives of days before this one, and what a killed tick has hidden. Their event logs
 * stay for longer. */
static int delete_days(const int64_t *days, size_t n, const struct proof *proof, int archive_fd)
{
    int result = walk_names(archive_fd, ".", delete_hidden, NULL);

    for (size_t i = 0; result == 0 && i < n && days[i] < proof->first_kept; i++) {
        if (days[i] >= proof->first_log && has_log(archive_fd, days[i]))
            result = delete_records(archive_fd, days[i]);
        else
            result = delete_day(archive_fd, days[i]);
    }
    return result;
}

int64_t prune_first_count(const struct config *config, const struct proof *proof)
{
    return proof->last_day == INT64_MIN ? INT64_MIN : proof->last_day - days_kept(config);
}

/* Deletes what is too old at the end of the last proven day, or now if that is earlier. */
static int delete_entries(struct journal *journal, int64_t now_ms, const struct proof *proof,
                          struct error *error)
{
    int64_t end_ms = (proof->last_day + 1) * MS_PER_DAY;

    if (now_ms > end_ms)
        now_ms = end_ms;
    if (proof->first_log != INT64_MIN &&
        event_table_delete_before(journal->storage, proof->first_log * MS_PER_DAY, error))
        return -1;
    return expiry_delete(journal->storage, now_ms - (int64_t)PRUNE_INDEX_HOURS * MS_PER_HOUR,
                         proof->first_kept, proof->first_log,
                         prune_first_count(journal->config, proof), error);
}

/*
 * Deletes the entries of the archives before the archives: when those are gone, nothing shows any
 * more that they were old. At the end, adds a folder for today: a day counts as recorded if a tick
 * ran on it, even if no monitor was due. Without the folder, only later pruning is late.
 */
static int prune(struct journal *journal, int archive_fd, int64_t now_ms, struct error *error)
{
    int64_t today = clock_floor_div(now_ms, MS_PER_DAY);
    int64_t *days = NULL;
    char date[CLOCK_TEXT_MAX];
    struct proof proof;
    size_t n;
    int result = walk_days(journal, &days, &n, error);

    proof_find(days, n, today, journal->config->retention_days, &proof);
    if (result == 0 && proof.last_day != INT64_MIN)
        result = delete_entries(journal, now_ms, &proof, error);
    if (result == 0)
        result = day_files_prune(journal, prune_first_count(journal->config, &proof), error);
    if (result == 0 && delete_days(days, n, &proof, archive_fd))
        result = error_errno(error, "%s/archive: cannot delete archives older than retention_days",
                             journal->config->data_dir);
    clock_write_day(today, date);
    mkdirat(archive_fd, date, RECORD_FOLDER_MODE);
    free(days);
    return result;
}

int prune_run(struct journal *journal, int64_t now_ms, struct error *error)
{
    int64_t hour = clock_floor_div(now_ms, MS_PER_HOUR), pruned;
    int archive_fd, result = 0;

    if (storage_get_setting(journal->storage, SETTING_PRUNED_HOUR, &pruned, error))
        return -1;
    if (pruned == hour || !call_claim(journal))
        return 0;
    archive_fd =
        openat(journal->data_fd, "archive", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (archive_fd >= 0) {
        result = prune(journal, archive_fd, now_ms, error);
        close(archive_fd);
    } else if (errno != ENOENT) {
        result = error_errno(error, "%s/archive", journal->config->data_dir);
    }
    call_release(journal);
    return result ? -1 : storage_set_setting(journal->storage, SETTING_PRUNED_HOUR, hour, error);
}
