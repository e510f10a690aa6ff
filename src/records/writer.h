#ifndef RECORDS_WRITER_H
#define RECORDS_WRITER_H

#include "base/error.h"

/*
 * The claim of the one process that writes the records. data_dir/lock keeps writers apart; this
 * claim does so too, even if somebody has removed or replaced that file while a tick runs. It is a
 * lock of the kernel on the folder data_dir/live, which nobody tidies up.
 */

/*
 * Claims the records in data_dir, and creates the folder live if needed. Returns a descriptor for
 * close; or -1 with the error if another process writes the records (os is EWOULDBLOCK) or if there
 * is no such folder.
 */
int writer_claim(int data_fd, const char *data_dir, struct error *error);

#endif
