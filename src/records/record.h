#ifndef RECORDS_RECORD_H
#define RECORDS_RECORD_H

#include "records/call.h"
#include "state/monitors.h"

struct stat;

/* The modes of new files and folders of records. */
enum { RECORD_FILE_MODE = 0640, RECORD_FOLDER_MODE = 0750 };

/* A file of records: its folder below data_dir, and its name. */
struct record {
    char folder[CALL_PATH_MAX];
    char name[CALL_PATH_MAX];
};

/* In place of the day of an archive (days since the epoch): the live files. */
#define RECORD_LIVE INT64_MAX

/* Names the folder of the live files or of a day's archive; the file of a domain; or both. */
void record_name_folder(int64_t day, char folder[CALL_PATH_MAX]);
void record_name_file(char name[CALL_PATH_MAX], const char *domain);
void record_name(struct record *record, int64_t day, const struct monitor_id *monitor);

/* Sets site and domain of the monitor whose file this is; its id becomes 0, unless it is the event
 * log. */
void record_monitor(const struct record *record, struct monitor_id *monitor);

/*
 * Opens the file for reading (O_RDONLY) or also for writing (O_RDWR). O_CREAT creates the file and
 * its folder if they are missing. Opens regular files only, follows no symbolic link, writes to no
 * file that has another name (a hard link), and never blocks. Returns a descriptor for the caller
 * to close, and sets *size; or returns -1. If the file is missing, error->os is then ENOENT.
 */
int record_open(struct journal *journal, const struct record *record, int flags, int64_t *size,
                struct error *error);

/* Opens a file of this folder in the same way, if possible without a change of its time of reading,
 * which would make each export write that too. Returns a descriptor, or -1 with errno. */
int record_open_quietly(int folder_fd, const char *name, int flags, struct stat *status);

/* Set the error from errno, for the last call on this file, or on the one of this name in this
 * folder of data_dir. Return -1. */
int record_set_name_error(const struct journal *journal, const char *folder, const char *name,
                          struct error *error);
int record_set_error(const struct journal *journal, const struct record *record,
                     struct error *error);

/* Whether record_open failed because a folder, a link or the like has the name of the file. Reading
 * a hard link does not fail. */
bool record_is_obstacle(const struct error *error);
/* The same, or because the file is missing. */
bool record_is_absent(const struct error *error);

/* Renames a file within its folder; an existing file `to` is replaced. Returns 0 or -1. */
int record_rename(struct journal *journal, const struct record *from, const struct record *to,
                  struct error *error);

#endif
