#ifndef RECORDS_READ_FILE_H
#define RECORDS_READ_FILE_H

#include "records/internal.h"

/* One record → the index, and the length of its file that is vouched for. */

/* Which records are read. */
struct intake {
    struct replay *replay;
    bool live;
    int64_t day; /* of an archive */
};

/* A walk_record; context is a struct intake. What is no row, and what stands in a record's place
 * and is none, is said and left out. */
int read_file_record(void *context, const char *site, const char *domain, struct error *error);

#endif
