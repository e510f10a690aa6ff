#ifndef DASHBOARD_STRIPS_H
#define DASHBOARD_STRIPS_H

#include "dashboard/counts.h"

#include <stdint.h>

/*
 * Many buckets in a row as one small SVG, with one path for each state. The style sheet draws the
 * plain band of "up" under it, so a row that is all UP needs no markup at all.
 */
enum {
    STRIPS_BUCKETS_MAX = 300,
    STRIPS_HEIGHT = 9,   /* of the picture; a bucket is one unit wide */
    STRIPS_SEGMENT = 10, /* bytes of the longest one: "M299,9h300" */
    STRIPS_SPACE = STRIPS_BUCKETS_MAX * 2 * STRIPS_SEGMENT
};

struct strip_path {
    enum status status;
    size_t first, size; /* in the space */
};

/* Buckets in a row that look alike. */
struct strip_stretch {
    enum status as;
    size_t first, n;
};

/* Filled for one row after the other. */
struct strips {
    struct strip_stretch stretches[STRIPS_BUCKETS_MAX];
    size_t n_stretches;
    struct strip_path paths[STATUS_COUNT];
    size_t n_paths;
    char space[STRIPS_SPACE];
    struct counts counts;
    struct object object, path;
};

/*
 * Adds a field of this name to into: false if all n cells are UP; else an object {width, height,
 * before, paths, n_paths, bad, counts}.
 * - before: how much of the width is before the first data, in percent, if no other bucket is lower
 *   than "up"; else empty. Then there is neither a path of "unknown" nor one of "up".
 * - paths: a list of {class, path}: strokes on the base line, whose width is set by the style
 *   sheet. Those of a bot wall are on both edges, because that bar is broken in the middle. There
 *   is a path of "up" only if another bar is lower.
 * - bad: a bucket is worse than UNKNOWN; counts: those of the buckets (counts_add), a timeout as
 *   DOWN.
 * strips and messages must live as long as the values are used.
 */
void strips_add(struct strips *strips, const uint8_t *cells, size_t n,
                const struct messages *messages, const char *name, struct object *into);

#endif
