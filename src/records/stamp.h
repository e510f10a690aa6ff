#ifndef RECORDS_STAMP_H
#define RECORDS_STAMP_H

/*
 * The clean-shutdown stamp, state.db.stamp: shows the next tick how the last process that wrote
 * state.db left it, so that a sound state need not be examined every minute. A process that was
 * killed and another program can be told apart by SQLite's count of commits, which the stamp has: a
 * killed process has raised it or left a rollback journal. Changes by another program must be
 * found, because an examination does not notice a wrong byte inside a value.
 */
enum stamp {
    STAMP_CLEAN,   /* state.db was closed properly and has not changed since */
    STAMP_UNCLEAN, /* no stamp, or the last process was killed: examine the state */
    STAMP_DAMAGED, /* the last process found damage */
    STAMP_CHANGED  /* another program has changed state.db */
};

/* Compares state.db in this folder with its stamp. */
enum stamp stamp_read(int data_fd);

/*
 * Write the stamp of a state that was closed properly, or of a damaged one. They cannot fail: a
 * missing stamp costs one examination. For the same reason it is never synced.
 */
void stamp_write(int data_fd);
void stamp_write_damaged(int data_fd);

/* Removes the stamp, so that the state is examined if this process is killed. */
void stamp_remove(int data_fd);

#endif
