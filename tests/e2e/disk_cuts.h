#ifndef DISK_CUTS_H
#define DISK_CUTS_H

#include "disk_model.h"

/* The ways in which the power can go at one point: which of what was not synced is on the disk. */

struct disk_cut {
    const struct disk *disk;
    size_t at;               /* so many operations were done */
    struct disk_fate *fates; /* of each of them */
    unsigned long *seed;     /* of what is left to chance */
};

/* How many ways there are, and in words. */
extern const int disk_ways;
const char *disk_way(int way);

/* Decides the fates. Returns false where this way means nothing at this point. */
bool disk_cut_in(const struct disk_cut *cut, int way);

#endif
