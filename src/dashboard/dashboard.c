/* Decides when the dashboard is due, and builds it from the state. */
#include "dashboard/dashboard.h"

#include "base/clock.h"
#include "dashboard/print.h"
#include "dashboard/renderer.h"
#include "dashboard/snapshot.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static bool index_exists(const struct config *config)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/index.html", config->public_dir);
    return access(path, F_OK) == 0;
}

int dashboard_is_due(struct storage *storage, const struct config *config, int64_t now_ms,
                     bool *due, struct error *error)
{
    int64_t setting[SETTINGS];
    int64_t pause = (int64_t)config->render_interval_seconds * MS_PER_SECOND;

    for (int i = 0; i < SETTINGS; i++) {
        if (storage_get_setting(storage, (enum storage_setting)i, &setting[i], error))
            return -1;
    }

    /* If the last build is in the future, the clock has been set back: do not wait for it. */
    *due = !(setting[SETTING_BUILT_MS] <= now_ms && now_ms - setting[SETTING_BUILT_MS] < pause) &&
           (setting[SETTING_PENDING] || setting[SETTING_CONFIG_HASH] != config->hash ||
            !index_exists(config) ||
            (setting[SETTING_STALE_AT_MS] && now_ms >= setting[SETTING_STALE_AT_MS]));
    return 0;
}

/* Takes a snapshot and adds the ticks. Returns NULL on failure. */
static struct snapshot *take_snapshot(struct storage *storage, const struct config *config,
                                      const struct ticks *ticks, int64_t now_ms,
                                      struct error *error)
{
    struct snapshot *snapshot = snapshot_take(storage, config, now_ms, error);

    if (snapshot && ticks)
        snapshot->ticks = *ticks;
    return snapshot;
}

int dashboard_build(struct storage *storage, const struct config *config, const struct ticks *ticks,
                    int64_t now_ms, const char *folder, struct error *error)
{
    struct snapshot *snapshot = take_snapshot(storage, config, ticks, now_ms, error);
    char pool[PATH_MAX];
    int result;

    if (!snapshot)
        return -1;
    if (folder) {
        result = renderer_build(snapshot, folder, NULL, error);
    } else {
        snprintf(pool, sizeof pool, "%s/page-pool", config->data_dir);
        result = renderer_build(snapshot, config->public_dir, pool, error);
        if (result == 0)
            result = storage_set_built(storage, now_ms, snapshot->stale_at_ms, config->hash, error);
    }
    snapshot_free(snapshot);
    return result;
}

int dashboard_print_model(struct storage *storage, const struct config *config,
                          const struct ticks *ticks, int64_t now_ms, struct buffer *into,
                          struct error *error)
{
    struct snapshot *snapshot = take_snapshot(storage, config, ticks, now_ms, error);
    int result;

    if (!snapshot)
        return -1;
    result = print_model(snapshot, into, error);
    snapshot_free(snapshot);
    return result;
}
