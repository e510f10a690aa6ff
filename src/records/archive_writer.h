#ifndef RECORDS_ARCHIVE_WRITER_H
#define RECORDS_ARCHIVE_WRITER_H

#include "records/encoder.h"
#include "records/internal.h"

/* A file of an archive whose pack is written aside, and has yet to get its place. */
struct aside {
    struct record plain, fresh, pack; /* the file, its pack aside, and the place for that */
    int64_t monitor;
    int64_t length; /* of the plain file, as far as it is vouched for */
    int64_t packed_length;
};

/*
 * Writes the pack of a plain file that is open and has this size, after what its old pack gives,
 * where there is one; and reads it back. Sets aside->pack, aside->packed_length, and aside->length
 * where the file has less than is vouched for. *written: false where there is nothing to pack, or
 * the old pack is damaged, and stays beside the file.
 */
int archive_writer_write(struct journal *journal, struct pack *pack, struct aside *aside,
                         int plain_fd, int64_t size, bool *written, struct error *error);

#endif
