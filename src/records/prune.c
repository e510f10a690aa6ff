/* Deletes what is too old: archives by the day, entries of the state by the hour. */
#include "records/prune.h"

#include "base/clock.h"
#include "records/walk.h"
#include "state/expiry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Before its deletion, an archive is renamed to this and its date, which is no archive's name. */
static const char hidden_prefix[] = ".pruned-";

/* Deletes an archive that a killed tick has hidden, perhaps before its own fsync. */
static int delete_hidden(void *context, int archive_fd, const char *name)
{
    if (strncmp(name, hidden_prefix, sizeof hidden_prefix - 1) != 0)
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

static int delete_days(struct journal *journal, int64_t first_day, struct error *error)
{
    int archive_fd =
        openat(journal->data_fd, "archive", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int64_t *days = NULL;
    size_t n;
    int result = -1;

    if (archive_fd < 0)
        return errno == ENOENT ? 0 : error_errno(error, "%s/archive", journal->config->data_dir);
    if (walk_days(journal, &days, &n, error) == 0) {
        result = walk_names(archive_fd, ".", delete_hidden, NULL);
        for (size_t i = 0; result == 0 && i < n && days[i] < first_day; i++)
            result = delete_day(archive_fd, days[i]);
        if (result)
            error_errno(error, "%s/archive: cannot delete archives older than retention_days",
                        journal->config->data_dir);
    }
    free(days);
    close(archive_fd);
    return result;
}

int64_t prune_first_transition(int64_t now_ms)
{
    return clock_floor_div(now_ms, MS_PER_HOUR) * MS_PER_HOUR -
           (int64_t)PRUNE_TRANSITION_DAYS * MS_PER_DAY;
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
    if (pruned == hour || !call_claim(journal))
        return 0;
    result = delete_days(journal, first_day, error);
    call_release(journal);
    if (result)
        return -1;

    /* Counts are kept for as long as archives plus the longest span: render --at shows all spans
     * for each moment that the archives cover. */
    if (storage_begin(journal->storage, error))
        return -1;
    result = expiry_delete(journal->storage, now_ms - (int64_t)PRUNE_INDEX_HOURS * MS_PER_HOUR,
                           prune_first_transition(now_ms), first_day,
                           today - PRUNE_COUNT_DAYS - config->retention_days, error);
    if (result == 0)
        result = storage_set_setting(journal->storage, SETTING_PRUNED_HOUR, hour, error);
    return storage_end(journal->storage, result, error);
}
