#ifndef DASHBOARD_RENDERER_H
#define DASHBOARD_RENDERER_H

#include "base/buffer.h"
#include "base/error.h"
#include "dashboard/snapshot.h"

/*
 * What a snapshot shows → templates → files by rename (spec 7). Knows no SQL and no check.
 *
 * Builds the dashboard of this snapshot in folder, which it makes with mode 0755 where it is
 * missing: every file of outputs.h, script, icons and schemas. All files are
 * written aside and brought to disk before the first one is renamed into place; one whose bytes
 * would not change is not touched. Removes the pages of sites that the configuration no longer has,
 * and what a killed build left aside; nothing else. spares is a folder for replaced pages, of which
 * only one build at a time may be given; NULL: none (publish.h). Returns 0, or -1: the old
 * dashboard then still stands.
 */
int renderer_build(const struct snapshot *snapshot, const char *folder, const char *spares,
                   struct error *error);

/* Appends status.json of this snapshot (spec 7). Returns 0 or -1. */
int status_json(const struct snapshot *snapshot, struct buffer *into, struct error *error);

/*
 * Appends as JSON what the templates see: an object with a member for each file that is made by
 * one, "index.html", "site/shop.html", …; where several files are made from the same, the first.
 * The buffer is relieved at times. Writes no file. Returns 0 or -1.
 */
int print_model(const struct snapshot *snapshot, struct buffer *into, struct error *error);

#endif
