#ifndef DISK_RECORDING_H
#define DISK_RECORDING_H

#include "account.h"
#include "calls.h"
#include "disk_model.h"

/*
 * The program's file calls as operations of a modelled disk, and which results were committed when.
 * A recording may go on over several runs, one of which may be killed: what a run leaves unsynced
 * the next one still has, and a power cut in that takes it away.
 */

/* From this operation on, these rows are committed and durable: a transaction of state.db has ended
 * and the folder is synced that its journal was removed from. */
struct disk_commit {
    size_t operation;
    struct account rows;
};

/* What a page of "public" held at some moment. */
struct disk_page {
    char *path;
    uint64_t hash;
};

struct disk_recording {
    struct e2e *world;
    struct disk disk;
    struct disk_page *pages;
    size_t n_pages;
    struct disk_commit *commits;
    size_t n_commits;
    bool ended, synced; /* a transaction, and its folder with it */
    long kill_at;       /* the call before which the program dies; 0: never */
    long seen;
};

/* Begins with the world's files as they are, all of them durable, and all rows in them committed.
 */
void disk_recording_begin(struct disk_recording *recording, struct e2e *world);
void disk_recording_free(struct disk_recording *recording);

/* Runs uptick with one argument at this moment. It must end with 0, or be killed before that call.
 * Fails the test where the world's files are then not as the model has them. */
void disk_record(struct disk_recording *recording, const char *clock, const char *command,
                 long kill_at);

/* What is committed for sure after the first so many operations. */
const struct account *disk_committed(const struct disk_recording *recording, size_t operations);

/* As a reader of such a disk sees it before any recovery: each page is, to the byte, one of those
 * that stood under its name, and none is gone that stood there at the beginning. */
void disk_check_readers(const struct disk_recording *recording, const struct disk_image *image);

#endif
