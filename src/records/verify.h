#ifndef RECORDS_VERIFY_H
#define RECORDS_VERIFY_H

#include "base/error.h"

#include <stdbool.h>

struct journal;

/*
 * Sets *matches to whether the records are those that an open state knows, apart from what a killed
 * tick leaves. If not, one of the two was restored from a backup of another moment, or edited. All
 * files are opened, and live files are read; also compressed ones, if the state is a copy. Files
 * that cannot be read count as known. Returns 0, or -1; a signal is an error too.
 */
int verify_state(struct journal *journal, bool is_copy, bool *matches, struct error *error);

#endif
