#ifndef DASHBOARD_SITE_JSON_H
#define DASHBOARD_SITE_JSON_H

#include "base/buffer.h"
#include "base/error.h"
#include "dashboard/snapshot.h"

/*
 * Appends site/{site}.json: what status.json has of the site, and of each domain its interruptions
 * of the last 7 days and its last 90 days. Returns 0 or -1.
 */
int site_json(const struct snapshot *snapshot, size_t site, struct buffer *into,
              struct error *error);

#endif
