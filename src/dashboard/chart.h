#ifndef DASHBOARD_CHART_H
#define DASHBOARD_CHART_H

#include "dashboard/object.h"
#include "model/latency.h"

/* A chart of latencies, as the paths of a picture, and the time axis below charts and timelines. */

/* The picture is CHART_WIDTH x CHART_HEIGHT units; the page sets its size on the screen. */
enum { CHART_WIDTH = 2 * LATENCY_SLICES, CHART_HEIGHT = 100, CHART_PATH = 1024 };

struct chart_axis {
    int minutes; /* of the timeline */
    size_t n_parts;
    struct object object;
};

/*
 * The labels of an axis, oldest first: a list of {now, whole_hours, hours, minutes}, with how long
 * ago each label is. The number of parts divides the hours. The list is valid as long as axis is.
 */
struct value chart_axis(struct chart_axis *axis, int hours);

struct chart {
    struct latency_chart latency;
    char median[CHART_PATH], p95[CHART_PATH], failed[CHART_PATH];
    struct object object;
    struct chart_axis axis;
};

/*
 * Fills chart->object from the latencies (latency.h) and cells of the last hours (1 to 24): {hours,
 * width, height, axis, measured; median, p95: of all values; highest: the top of the scale, all in
 * milliseconds; median_path, p95_path, failed_path; n_failed: slices with a failure}. A path with
 * nothing to draw is empty.
 */
void chart_fill(struct chart *chart, const uint16_t *values, const uint8_t *cells, int hours);

#endif
