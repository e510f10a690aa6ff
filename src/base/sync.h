#ifndef BASE_SYNC_H
#define BASE_SYNC_H

/*
 * Brings to disk all that was written to the file system of this descriptor. Returns 0, or -1 with
 * errno. Where the system has no call for one file system, it brings all of them to disk.
 */
int sync_all(int fd);

#endif
