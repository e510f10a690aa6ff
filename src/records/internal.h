#ifndef RECORDS_INTERNAL_H
#define RECORDS_INTERNAL_H

#include "base/buffer.h"
#include "records/journal.h"
#include "records/reader.h"
#include "state/minute_index.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>

/* What the files of this folder share. */

/* The room of a path below data_dir: "archive/2026-11-23/{site}/{domain}.log". */
enum { RECORD_PATH_MAX = 192 };

/* How far back the state reaches. */
enum {
    HOURS_PER_DAY = 24,
    INDEX_HOURS = 49,    /* the index: yesterday is counted today, from its first minute on */
    TRANSITION_DAYS = 8, /* the turns: those of a week, and what was before it */
    COUNT_DAYS = 91,     /* the counts: the longest span, and the day before it begins */
};

/* The moment before which turns may be forgotten: the same all through an hour. */
int64_t prune_first_transition(int64_t now_ms);

/* Things found that a person should know, of which the first is named and the rest are counted. */
struct finding {
    int n;
    char first[RECORD_PATH_MAX];
};

/* A folder that is kept open. */
struct kept_folder {
    int fd; /* -1: none */
    char path[RECORD_PATH_MAX];
};

struct journal {
    const struct config *config;
    const struct log *log;
    int64_t now_ms;
    int data_fd;
    struct storage *storage;
    struct journal_counts made_from; /* what the state was made anew from when it was opened */
    bool made_anew;

    struct kept_folder folder, above; /* of the record opened last, and the one above it */
    struct decoder *decoder;          /* made where it is asked for first */
    int64_t first_unpacked;           /* of a rotation under way: the ledger's day of that name */

    /* Of the call under way. */
    bool sync_each; /* bring each file to disk by itself: few are written, and none is new */
    struct finding quarantined, lost, edited, damaged;
    int n_failed;         /* files that could not be written */
    struct error failure; /* of the first of them */
};

/* A file of records, named below data_dir. */
struct record {
    char folder[RECORD_PATH_MAX];
    char name[RECORD_PATH_MAX];
};

void record_live(struct record *record, const char *site, const char *domain);
void record_archive(struct record *record, int64_t day, const char *site, const char *domain);

/* Sets the error of the last call on the file, with its path. Returns -1. */
int record_fail(const struct journal *journal, const struct record *record, struct error *error);

/* Whether record_open failed because of what stands in the record's place, and is none. */
bool record_is_obstacle(const struct error *error);

/*
 * Opens the file: O_RDONLY or O_RDWR, with O_CREAT its folder is made too where it is missing.
 * Follows no symbolic link, opens nothing but a regular file, and blocks on none. Returns a
 * descriptor, or -1: with error->os ENOENT, it is not there.
 */
int record_open(struct journal *journal, const struct record *record, int flags, int64_t *size,
                struct error *error);

/*
 * Makes the file hold what is vouched for and then these rows, whatever a killed tick left behind
 * it. A file that lost some of what is vouched for keeps what it still has. *vouched becomes the
 * new length. Durable only where journal->sync_each is set.
 */
int record_append(struct journal *journal, const struct record *record, int64_t *vouched,
                  const struct buffer *rows, struct error *error);

/* Moves the bytes from an offset to the file's end to FILE.quarantine. May be killed and repeated.
 */
int record_quarantine(struct journal *journal, const struct record *record, int fd, int64_t from,
                      int64_t size, struct error *error);

/* Appends these bytes to FILE.quarantine, if it does not end with them already. Durable. */
int record_set_aside(struct journal *journal, const struct record *record, const char *bytes,
                     size_t size, struct error *error);

/*
 * Deletes a file of which all that is vouched for is also elsewhere: in the archives, in a pack.
 * What stands behind that is moved to FILE.quarantine.
 */
int record_remove(struct journal *journal, const struct record *record, int64_t vouched,
                  struct error *error);

/* Gives a file the place of another one of its folder. */
int record_replace(struct journal *journal, const struct record *from, const struct record *to,
                   struct error *error);

/*
 * A file in which no line ends where the vouched length does was edited: the rows that are known
 * have moved, and *vouched becomes the end of its last whole line. Of a file of at least that size.
 */
int record_take_edited(struct journal *journal, const struct record *record, int fd, int64_t size,
                       int64_t *vouched, struct error *error);

/* Where the file's last whole line ends. Returns 0, or -1 with errno. */
int record_whole_lines(int fd, int64_t size, int64_t *whole);

/* Begins a call that touches files: nothing is found or failed yet. */
void journal_begin_call(struct journal *journal, bool sync_each);

/*
 * Notes that a file failed. Returns 0 where the others may still be tried, and -1 where the disk as
 * a whole is at fault (full, read-only, failing).
 */
int journal_note_failure(struct journal *journal, const struct error *error);

/* Says what was found, a line for each kind, and turns what failed into one error. */
int journal_end_call(struct journal *journal, const char *consequence, struct error *error);

/* The journal's one unpacker; NULL: out of memory. */
struct decoder *journal_unpack(struct journal *journal, struct error *error);

/* Counts a finding. */
void journal_note(struct finding *finding, const struct record *record);

/*
 * A recall reads the files beside a running tick, which must not move them from under it: it claims
 * data_dir for itself, and waits for a move under way. A move that finds a reader there (false) is
 * left to a later tick.
 */
bool journal_claim_moving(struct journal *journal);
void journal_release(struct journal *journal);

/* Brings to disk what a call wrote, unless each file was. */
int journal_sync(struct journal *journal, struct error *error);

/* A file beside the state, "data/state.db" and this suffix, for messages and for SQLite. */
void journal_state_path(const struct config *config, const char *suffix, char path[PATH_MAX]);

/* replay.c */

/* What a replay reads into, and what it came to. */
struct replay {
    struct journal *journal; /* its storage is the state to be filled */
    int64_t until_ms;        /* now; or the moment to be shown, and later rows are left out */
    bool mend;               /* the files may be changed, and their lengths are vouched for */
    bool show_progress;
    struct journal_counts counts;
    int64_t first_live_hour; /* of the live files; INT64_MAX: they are empty */
    int64_t first_live_day;  /* the same, found beforehand; no day from it on is over */
    int n_skipped;           /* rows that were none */

    struct reader reader;
    struct minute_index minute_index; /* rows on their way into the index */
    struct overlap *overlaps;
    size_t n_overlaps, overlaps_room;
    int64_t shown_ms; /* when progress was shown last */
};

/* Reads all of the CSV into the state, and counts the days that are over at until_ms. */
int replay_run(struct replay *replay, struct error *error);

/* Shows progress where it is due. Returns -1 where the program was told to end. */
int replay_look_up(struct replay *replay, struct error *error);

/* How many rows and packs that are not well are said; the rest are counted. */
enum { REPLAY_WARNINGS = 5 };

/* Whether there is any record below data_dir. Where that cannot be told, it is an error. */
int replay_has_records(const struct journal *journal, bool *has, struct error *error);

/* walk.c */

/*
 * Called for each record of a folder. Returns 0 to go on. Where a folder cannot be read, error says
 * why and domain is NULL (site too, if it is that of all sites): 0 leaves it out.
 */
typedef int walk_record(void *context, const char *site, const char *domain, struct error *error);

/*
 * Visits the records below folder ("live", "archive/2026-11-23"). One that is not there is empty.
 * In an archive a record is a plain file, a pack, or both.
 */
int walk_records(const struct journal *journal, const char *folder, walk_record *visit,
                 void *context, struct error *error);

/* The days of the archive, ascending, in an array that the caller frees. */
int walk_days(const struct journal *journal, int64_t **days, size_t *n, struct error *error);

/* Deletes a folder with all that is in it; links are deleted, not followed. Returns 0 or errno's
 * -1.
 */
int walk_delete(int folder_fd, const char *name);

/* heal.c */

/* Why a state is made anew. */
enum recover_cause {
    RECOVER_MISSING,
    RECOVER_EMPTY,
    RECOVER_DAMAGED,
    RECOVER_FOREIGN,
    RECOVER_VERSION,
    RECOVER_ASKED
};

/* Makes the state anew from the CSV in the place of the old one. No storage may be open. */
int recover_run(struct journal *journal, enum recover_cause cause, bool show_progress,
                struct error *error);

/* Removes what is left of a making that was ended. That it cannot be does no harm. */
void recover_clear(struct journal *journal);

/* seal.c */

/* How the state was left: as the seal says, otherwise, known to be damaged, or written by another
 * program since. */
enum seal { STAMP_WHOLE, STAMP_BROKEN, STAMP_DAMAGED, STAMP_FOREIGN };

enum seal stamp_read(int data_fd);
void stamp_write(int data_fd);
void stamp_write_damaged(int data_fd);

#endif
