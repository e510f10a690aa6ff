#ifndef DASHBOARD_METRICS_H
#define DASHBOARD_METRICS_H

#include "base/buffer.h"
#include "base/error.h"

struct snapshot;

/*
 * Appends metrics.prom: the current state in the text format that Prometheus, OpenMetrics and the
 * textfile collector of node_exporter read. An unknown value has no sample. Returns 0 or -1.
 */
int metrics_write(const struct snapshot *snapshot, struct buffer *into, struct error *error);

#endif
