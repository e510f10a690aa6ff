#ifndef DASHBOARD_DASHBOARD_H
#define DASHBOARD_DASHBOARD_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"
#include "records/ticks.h"
#include "state/storage.h"

#include <stdbool.h>
#include <stdint.h>

struct snapshot;

/* The moment that a dashboard shows. */
struct dashboard_moment {
    int64_t at_ms;
    bool
        past; /* as it was then: it has no time until which it is valid, and is never out of date */
    const struct ticks *ticks; /* NULL: unknown, as for a past moment */
};

/*
 * Decides when a dashboard is due, and builds it: state → snapshot → files. Each function returns
 * 0, or -1 and sets the error.
 */

/*
 * Sets *due: whether a build is due at now_ms. It is due if a result was recorded since the last
 * build, if a bucket has turned UNKNOWN by time alone, if the configuration has changed, or if
 * there is no index.html; but not within render_interval_seconds of the last build.
 */
int dashboard_is_due(struct storage *storage, const struct config *config, int64_t now_ms,
                     bool *due, struct error *error);

/*
 * Builds the dashboard of a moment in a folder, as dashboard_render does. folder NULL: in
 * public_dir, which never shows the past, and records the build in the state; the caller holds the
 * lock.
 */
int dashboard_build(struct storage *storage, const struct config *config,
                    const struct dashboard_moment *moment, const char *folder, struct error *error);

/*
 * Builds the dashboard of a snapshot in folder, which is created (0755) if missing: every file of
 * outputs.h, script, icons, schemas, logo and style sheet. All files are written and brought to
 * disk under temporary names before the first one is renamed. A file whose bytes would not change
 * is not touched. Removes temporary files of a killed build and pages of sites that are no longer
 * configured, and nothing else.
 *
 * pool is a folder for replaced pages (page_pool.h), used by one build at a time; NULL: none.
 * Returns 0 or -1. After -1 the old dashboard is normally still complete; see publish_commit.
 */
int dashboard_render(const struct snapshot *snapshot, const char *folder, const char *pool,
                     struct error *error);

/* Appends the values that the templates see at a moment, as JSON (print.h). Writes no file. */
int dashboard_print_model(struct storage *storage, const struct config *config,
                          const struct dashboard_moment *moment, struct buffer *into,
                          struct error *error);

#endif
