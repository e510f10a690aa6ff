#ifndef RECORDS_ARCHIVE_WRITER_H
#define RECORDS_ARCHIVE_WRITER_H

#include "records/encoder.h"
#include "records/record.h"

/* A plain file of an archive, and the compressed file that is to replace it. */
struct archive {
    struct record plain, compressed;
    struct record tmp;      /* where the compressed file is written */
    int64_t monitor;        /* its id */
    int64_t length;         /* the committed length of the plain file */
    int64_t encoded_length; /* of all bytes in the compressed file, before compression */
};

/*
 * Writes archive->tmp: the bytes of an older compressed file, if there is one, then the committed
 * bytes of the plain file; and reads it back to compare. plain_fd is the plain file, open for
 * writing, of this size. Sets compressed and encoded_length, and corrects length if the plain file
 * is shorter. *written stays false if there is nothing to compress, or if the older compressed file
 * is damaged: then both files stay. Returns 0 or -1.
 */
int archive_writer_write(struct journal *journal, struct encoder *encoder, struct archive *archive,
                         int plain_fd, int64_t size, bool *written, struct error *error);

#endif
