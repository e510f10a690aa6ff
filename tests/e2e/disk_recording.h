#ifndef DISK_RECORDING_H
#define DISK_RECORDING_H

#include "account.h"
#include "calls.h"
#include "disk_model.h"

/*
 * Records the program's file calls as operations of a modelled disk, and when which results were
 * committed. A recording may continue over several runs, one of which may be killed. Changes that a
 * run leaves unsynced can still be lost in a power cut of the next run.
 */

/* From this operation on, these rows are committed and durable: a transaction of state.db has
 * ended, and the folder from which its journal was removed is synced. */
struct disk_commit {
    size_t operation;
    struct account rows;
};

/* A content that a page of "public" had at some moment. */
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
    bool ended, synced; /* a transaction has ended; its folder is synced */
    long kill_at;       /* the program dies before this call; 0: never */
    long seen;
};

/* Starts with the world's files as they are. All of them are durable, and all rows in them are
 * committed. */
void disk_recording_begin(struct disk_recording *recording, struct e2e *world);
void disk_recording_free(struct disk_recording *recording);

/* Runs uptick with one argument at this moment of the clock. It must end with 0, or be killed
 * before call kill_at. Fails the test if the world's files then differ from the model. */
void disk_record(struct disk_recording *recording, const char *clock, const char *command,
                 long kill_at);

/* The results that are certainly committed after this number of operations. */
const struct account *disk_committed(const struct disk_recording *recording, size_t operations);

/* Checks the disk as a reader sees it before any recovery: each page is, byte for byte, one that
 * once had its name, and no page that was there at the start is missing. */
void disk_check_readers(const struct disk_recording *recording, const struct disk_image *image);

#endif
