#ifndef DASHBOARD_RENDERER_H
#define DASHBOARD_RENDERER_H

#include "base/error.h"

struct snapshot;

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
int renderer_build(const struct snapshot *snapshot, const char *folder, const char *pool,
                   struct error *error);

#endif
