#ifndef RECORDS_CALL_H
#define RECORDS_CALL_H

#include "base/flusher.h"
#include "base/log.h"
#include "state/storage.h"

#include <sys/types.h>

struct codec;
struct record;

/*
 * The files of this folder share the open records and the findings of the call under way (an
 * export, a rotation, ...). If a single file fails, the call goes on. At its end it reports all
 * findings and failures at once.
 */

/* The size of a path below data_dir, such as "archive/2026-11-23/{site}/{domain}.log". */
enum { CALL_PATH_MAX = 192 };

/* What a person should know about a file. */
enum finding {
    FINDING_QUARANTINED, /* bytes that are not results were moved out of it */
    FINDING_DAMAGED,     /* it is a compressed file that cannot be read to its end */
    FINDINGS
};

/* A folder that stays open because the next file is probably in it too. */
struct open_folder {
    int fd; /* -1: none */
    char path[CALL_PATH_MAX];
};

/* Another file system than that of data_dir, such as a mount point below it. */
struct other_disk {
    dev_t device;
    int fd; /* any file or folder on it */
};

/* More of them are possible, but make more syncs. */
enum { CALL_DISKS_MAX = 8 };

/* The open records. */
struct journal {
    const struct config *config;
    const struct log *log;
    int64_t now_ms;
    int data_fd;                             /* data_dir */
    int claim_fd;                            /* from writer_claim, or of a reader; -1: none */
    dev_t device;                            /* and its file system */
    struct other_disk disks[CALL_DISKS_MAX]; /* of the files that the call has opened */
    int n_disks;
    bool show_progress; /* while all records are read */
    struct storage *storage;

    struct open_folder folder, parent; /* of the file opened last, and the folder above it */
    struct codec *codec;

    /* A rotation passes this many files, and others only until this time is over. */
    size_t rotates_min;
    int64_t rotates_for_ms;

    /* Whether the state was rebuilt; how many rows and files replay_run has read. */
    bool is_rebuilt;
    bool is_behind; /* the state does not match the records: rebuild it, and do not stamp it */
    int64_t n_rows, n_files;

    /* The call under way. */
    bool sync_each;                 /* sync each file: there are few, and none is new */
    struct flusher flusher;         /* of data_dir */
    int64_t first_uncompressed_day; /* of a rotation: as stored in the state */
    int n_found[FINDINGS], n_failed;
    char first_found[FINDINGS][CALL_PATH_MAX]; /* the path of the first such file */
    struct error first_failure;
};

/* Starts a call: nothing is found and nothing has failed yet. */
void call_begin(struct journal *journal, bool sync_each);

/* Counts a finding about a file. The path of the first is kept. */
void call_add_finding(struct journal *journal, enum finding finding, const struct record *record);

/*
 * Counts a file that failed, and keeps the first error. Returns 0 if other files may still be
 * tried, or -1 if they would fail too: the disk is full or failing, memory or descriptors ran out,
 * or the state does not match the records.
 */
int call_add_failure(struct journal *journal, const struct error *error);

/*
 * Ends a call that had this result, and this error if the result is -1. Prints one warning for each
 * kind of finding. If anything failed, sets one error for all failures, which ends with the
 * consequence ("; ..."), and returns -1.
 */
int call_end(struct journal *journal, int result, const char *consequence, struct error *error);

/*
 * Remembers the file system of an open file or folder, so that call_sync brings it to disk. Returns
 * 0, or -1 with errno. call_forget_disks closes what it opened.
 */
int call_add_disk(struct journal *journal, int fd, dev_t device);
void call_forget_disks(struct journal *journal);

/* Begins to bring the files of the call to disk, so that call_sync, which is needed all the same,
 * takes less time. */
void call_sync_early(struct journal *journal);

/* Brings all files of the call to disk, on each file system, unless each file was synced already.
 * Returns 0 or -1. */
int call_sync(struct journal *journal, struct error *error);

/* Returns 0; or -1 after SIGINT or SIGTERM, with an error for what reads all records. */
int call_check_signal(const struct journal *journal, struct error *error);

/*
 * Claims data_dir for moving files. Returns false while render --at reads the files; then the
 * next tick does the work, so no check ever waits for a reader. call_release ends the claim.
 */
bool call_claim(struct journal *journal);
void call_release(struct journal *journal);

#endif
