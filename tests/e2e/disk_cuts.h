#ifndef DISK_CUTS_H
#define DISK_CUTS_H

#include "disk_model.h"

/* The ways in which a power cut at one point can end: which of the changes that were not synced
 * reach the disk. */

struct disk_cut {
    const struct disk *disk;
    size_t at;               /* the number of operations done before */
    struct disk_fate *fates; /* one for each of them */
    unsigned long *seed;     /* for what chance decides */
};

/* The number of ways, and the name of each. */
extern const int disk_ways;
const char *disk_way(int way);

/* Decides the fates. Returns false if this way makes no difference at this point. */
bool disk_cut_in(const struct disk_cut *cut, int way);

#endif
