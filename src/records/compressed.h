#ifndef RECORDS_COMPRESSED_H
#define RECORDS_COMPRESSED_H

#include "records/codec.h"
#include "records/record.h"

/*
 * The file of a monitor in the archive of a day may be plain, compressed, or both: then the plain
 * file has rows that came later, or a killed compression did not delete it. The lengths in the
 * ledger show which. If the state was lost, or somebody changed a file, the bytes decide: a plain
 * file that equals the end of the compressed one is contained in it. One case stays ambiguous: the
 * state is lost, and the plain file has only late rows that equal the last compressed ones.
 *
 * We read what is intact in a damaged file and never overwrite it, unless the plain file starts
 * with the same bytes; then the plain file wins.
 */

/* How the plain file relates to the compressed one. */
enum compressed_relation {
    COMPRESSED_CONTINUED, /* its rows come after those of the compressed file */
    COMPRESSED_CONTAINED, /* the compressed file ends with it: compressing was killed before the
                             plain file was deleted */
    COMPRESSED_REPLACED   /* the compressed file is damaged, and its intact bytes are the beginning
                             of the plain file, which replaces it */
};

struct compressed {
    struct record record;
    enum compression format;
    bool has_other; /* there is one of the other format too; it is ignored */

    /* Set by compressed_examine. */
    struct codec_content content; /* its decompressed bytes */
    const char *damage;           /* a constant text; NULL: intact */
    enum compressed_relation relation;
};

/*
 * Opens the compressed file beside a plain file. Returns a descriptor for the caller to close, or
 * -1. If there is none, error->os is then ENOENT.
 */
int compressed_open(struct journal *journal, const struct record *plain,
                    struct compressed *compressed, struct error *error);

/*
 * Reads all of the compressed file and compares it with the plain file of plain_size bytes;
 * plain_fd is -1 if there is none. Returns 0 or -1.
 */
int compressed_examine(struct journal *journal, int fd, int plain_fd, int64_t plain_size,
                       struct compressed *compressed, struct error *error);

/*
 * Finishes a killed compression of a monitor's day. If the plain file is contained in the
 * compressed one, it is deleted and *length, the committed length of the plain file, becomes 0.
 * Needs an open transaction and the claim on data_dir. Returns 0 or -1.
 */
int compressed_recover(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                       int64_t *length, struct error *error);

/* A plain file of an archive, and the compressed file that is to replace it. */
struct archive {
    struct record plain, compressed;
    struct record tmp;      /* where the compressed file is written */
    int64_t monitor;        /* its id */
    int64_t length;         /* the committed length of the plain file */
    int64_t encoded_length; /* of all bytes in the compressed file, before compression */
    bool replaces;          /* there is an older compressed file */
};

/*
 * Writes archive->tmp: the bytes of an older compressed file, if there is one, then the committed
 * bytes of the plain file; and reads it back to compare. plain_fd is the plain file, open for
 * writing, of this size. Sets compressed and encoded_length. Returns 1 if the file was written; 0
 * if there is nothing to compress, or if the older compressed file is damaged and both files stay;
 * or -1.
 */
int compressed_write(struct journal *journal, struct archive *archive, int plain_fd, int64_t size,
                     struct error *error);

#endif
