/* What is too old to keep: archives by the day, the index by the hour. */
#include "base/clock.h"
#include "records/internal.h"
#include "state/expiry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Archives that are being deleted are named so that nothing takes them for a day. */
static const char hidden[] = ".pruned-";

/* Finishes what a killed prune left half-deleted. */
static int finish_deletions(int archive_fd)
{
    int fd = openat(archive_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    int result = 0;

    if (!listing) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    while (result == 0 && (errno = 0, entry = readdir(listing)) != NULL) {
        if (strncmp(entry->d_name, hidden, sizeof hidden - 1))
            continue;
        result = fsync(archive_fd); /* a tick that was killed may not have come to it */
        if (result == 0)
            result = walk_delete(archive_fd, entry->d_name);
    }
    if (result == 0 && errno)
        result = -1;
    closedir(listing);
    return result;
}

/*
 * Hides a day's folder, so that half of it is never read as the whole, and deletes it. It is hidden
 * on disk before any of it is deleted, and before the hour counts as pruned.
 */
static int delete_day(int archive_fd, int64_t day)
{
    char date[CLOCK_TEXT_MAX], aside[2 * CLOCK_TEXT_MAX];

    clock_write_day(day, date);
    snprintf(aside, sizeof aside, "%s%s", hidden, date);
    if (walk_delete(archive_fd, aside) || renameat(archive_fd, date, archive_fd, aside) ||
        fsync(archive_fd))
        return -1;
    return walk_delete(archive_fd, aside);
}

static int delete_days(struct journal *journal, int64_t first_day, struct error *error)
{
    int archive_fd =
        openat(journal->data_fd, "archive", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int64_t *days = NULL;
    size_t n;
    int result = -1;

    if (archive_fd < 0)
        return errno == ENOENT ? 0 : error_errno(error, "%s/archive", journal->config->data_dir);
    if (walk_days(journal, &days, &n, error))
        goto out;
    result = finish_deletions(archive_fd);
    for (size_t i = 0; result == 0 && i < n && days[i] < first_day; i++)
        result = delete_day(archive_fd, days[i]);
    if (result)
        error_errno(error, "%s/archive: deleting what is older than retention_days",
                    journal->config->data_dir);
out:
    free(days);
    close(archive_fd);
    return result;
}

int64_t prune_first_transition(int64_t now_ms)
{
    return clock_floor_div(now_ms, MS_PER_HOUR) * MS_PER_HOUR -
           (int64_t)TRANSITION_DAYS * MS_PER_DAY;
}

int prune_run(struct journal *journal, int64_t now_ms, struct error *error)
{
    const struct config *config = journal->config;
    int64_t today = clock_floor_div(now_ms, MS_PER_DAY);
    int64_t hour = clock_floor_div(now_ms, MS_PER_HOUR), pruned;
    int64_t first_day = config->retention_days ? today - config->retention_days : INT64_MIN;
    int result;

    if (storage_get_setting(journal->storage, SETTING_PRUNED_HOUR, &pruned, error))
        return -1;
    if (pruned == hour)
        return 0;
    if (!journal_claim_moving(journal))
        return 0;
    result = delete_days(journal, first_day, error);
    journal_release(journal);
    if (result)
        return -1;

    /* A past moment that the archives cover has its spans too. */
    if (storage_begin(journal->storage, error))
        return -1;
    result = expiry_delete(journal->storage, now_ms - (int64_t)INDEX_HOURS * MS_PER_HOUR,
                           prune_first_transition(now_ms), first_day,
                           today - COUNT_DAYS - config->retention_days, error);
    if (result == 0)
        result = storage_set_setting(journal->storage, SETTING_PRUNED_HOUR, hour, error);
    return storage_end(journal->storage, result, error);
}
