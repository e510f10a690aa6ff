#ifndef DASHBOARD_STATUS_JSON_H
#define DASHBOARD_STATUS_JSON_H

#include "base/buffer.h"
#include "base/error.h"

struct snapshot;

/* The current state as JSON, described by status.schema.json and site.schema.json. */

/* Appends status.json. Returns 0, or -1 if out of memory. */
int status_json_write(const struct snapshot *snapshot, struct buffer *into, struct error *error);

/*
 * Appends site/{site}.json for one site of the snapshot: its part of status.json, and for each
 * domain the outages of the last 90 days and the uptimes of 90 days. Returns 0, or -1 if out of
 * memory.
 */
int status_json_write_site(const struct snapshot *snapshot, size_t site, struct buffer *into,
                           struct error *error);

#endif
