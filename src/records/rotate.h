#ifndef RECORDS_ROTATE_H
#define RECORDS_ROTATE_H

#include "base/error.h"

#include <stdint.h>

struct journal;

/*
 * Once an hour: moves all rows of data/live to the archives of their own days. If that takes long,
 * later calls go on, so no tick is much longer than others. Files that fail stay where they are,
 * and one error (-1) reports all of them. No row is in both when the call ends. If the state does
 * not match the records, it is rebuilt first. While render --at reads the records, nothing is
 * moved; a later call does it.
 */
int rotate_run(struct journal *journal, int64_t now_ms, struct error *error);

#endif
