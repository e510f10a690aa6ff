#ifndef DASHBOARD_CHART_H
#define DASHBOARD_CHART_H

#include "dashboard/object.h"
#include "dashboard/view.h"
#include "model/latency.h"

/*
 * A chart of latencies, as the paths of a picture that is CHART_WIDTH wide and CHART_HEIGHT high;
 * the page gives it its size. Any whole number of hours has as many slices of whole minutes.
 */
enum { CHART_SLICES = 60, CHART_WIDTH = 2 * CHART_SLICES, CHART_HEIGHT = 100, CHART_PATH = 1024 };

struct chart {
    struct latency_slice slices[CHART_SLICES];
    struct latency_chart latency;
    char median[CHART_PATH], p95[CHART_PATH], failed[CHART_PATH];
    struct object object;
    struct view_axis axis;
};

/*
 * Fills the chart's form from so many hours of latencies and cells (latency.h): {hours, width,
 * height, axis, measured; median and p95, the texts of the whole window, and highest, the top of
 * the scale, in milliseconds; median_path, p95_path, failed_path; n_failed: slices with a failure}.
 * A path is empty where there is nothing to draw.
 */
void chart_fill(struct chart *chart, const uint16_t *values, const uint8_t *cells, int hours);

#endif
