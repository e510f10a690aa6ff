#ifndef RECORDS_STAMP_H
#define RECORDS_STAMP_H

#include <stdbool.h>

/*
 * The clean-shutdown stamp: a tick that ends properly leaves state.db.stamp with the size, times
 * and inode of state.db, and SQLite's count of commits. So a sound state need not be examined every
 * minute. If there is a rollback journal, a tick was killed, whether or not the stamp matches. If
 * the state differs from its stamp, a killed tick may have caused that too: then the commit count
 * has risen, or the file is a copy that kept its times. In all other cases another program has
 * written the file, and the state is rebuilt, because an examination cannot see a wrong byte inside
 * a value.
 *
 * If the inode is another one, the state is a copy, perhaps from a backup that was made while a
 * tick wrote it: then some of its pages are older than others, and an examination cannot see that
 * either. So the stamp also has a checksum of the whole file, and a copy counts only if it is
 * equal.
 */
enum stamp {
    STAMP_CLEAN,   /* state.db is as it was closed */
    STAMP_UNCLEAN, /* no stamp, or a killed tick: examine the state */
    STAMP_MOVED,   /* a complete copy: examine the state, and compare it with all records */
    STAMP_COPIED,  /* a copy that is not as a tick closed it: rebuild the state */
    STAMP_DAMAGED, /* the last tick found damage: rebuild the state */
    STAMP_CHANGED  /* another program has written state.db: rebuild it */
};

/* Compares state.db in this folder with its stamp. */
enum stamp stamp_read(int data_fd);

/*
 * Writes the stamp of a state that was closed properly, or of a damaged one. A failure is ignored,
 * because a missing stamp costs only an examination. For the same reason it is never synced.
 */
void stamp_write(int data_fd, bool is_damaged);

/* Removes the stamp, so that the state is examined if this process is killed. */
void stamp_remove(int data_fd);

#endif
