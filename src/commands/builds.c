/* Builds the dashboard when a build is due. */
#include "commands/builds.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/text.h"
#include "dashboard/dashboard.h"
#include "dashboard/history.h"
#include "records/day_files.h"

void builds_make_folder(struct builds *builds)
{
    builds->no_public =
        file_make_folder(builds->config->public_dir, 0755, &builds->why_no_public) != 0;
}

/* Counts the days that are over. The dashboard shows the counts. */
static void count_days(struct builds *builds, struct journal *journal, int64_t now_ms)
{
    int64_t today = clock_floor_div(now_ms, MS_PER_DAY);
    struct error error;

    step_log_result(builds->steps,
                    history_count_days(journal_storage(journal), builds->config, today, &error),
                    &error);
    step_log_result(builds->steps, day_files_write(journal, &error), &error);
}

static bool is_build_due(struct builds *builds, struct storage *storage, int64_t now_ms,
                         bool at_end)
{
    int64_t pending = 0;
    struct error error;
    bool due = false;

    step_log_result(builds->steps, dashboard_is_due(storage, builds->config, now_ms, &due, &error),
                    &error);
    if (due || !at_end || !builds->is_due_at_end)
        return due;
    step_log_result(builds->steps, storage_get_setting(storage, SETTING_PENDING, &pending, &error),
                    &error);
    return pending != 0;
}

void builds_if_due(struct builds *builds, struct journal *journal, const struct minute *minute,
                   bool at_end)
{
    const struct config *config = builds->config;
    struct storage *storage = journal_storage(journal);
    int64_t now_ms = clock_now();
    struct ticks_record so_far = minute_record(minute);
    char sites[TEXT_COUNTED_MAX];
    struct ticks ticks;
    const struct dashboard_moment moment = {.at_ms = now_ms, .ticks = &ticks};
    struct error error;
    bool busy = false;
    int lock;

    count_days(builds, journal, minute->began_ms);
    if (!is_build_due(builds, storage, now_ms, at_end))
        return;
    if (builds->no_public) {
        step_log_result(builds->steps, -1, &builds->why_no_public);
        return;
    }
    lock = lock_acquire_folder(config->public_dir, &busy, &error);
    if (busy) {
        step_log_done(builds->steps, "dashboard not built: another uptick builds there");
        return;
    }
    ticks_read(config->data_dir, now_ms, &so_far, &ticks);
    if (lock < 0 || dashboard_build(storage, config, &moment, NULL, &error)) {
        /* The results are recorded, so this is not a mistake that kept the tick from starting. */
        error.code = error.code == EXIT_CONFIG ? EXIT_IO : error.code;
        step_log_result(builds->steps, -1, &error);
    }
    lock_release(lock);
    builds->is_due_at_end = true;
    step_log_done(builds->steps, "dashboard built (%s)",
                  text_counted(config->n_sites, "site", sites));
}
