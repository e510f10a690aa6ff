#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "e2e.h"

/* The rows that the records hold, read without the program: those of all files, and the staged
 * results in state.db. For tests that stop a tick at a bad moment. */

/* Rows by their names, "2026-11-23T09:30:00.123Z,site,domain", and events by theirs,
 * "2026-11-23T09:30:00.123Z,site/domain/http@2026-11-23T09:29:00.000Z,confirmed", ascending. Freed
 * by account_free. */
struct account {
    char **rows;
    size_t n, capacity;
};

void account_free(struct account *account);

/* The rows in data/live and data/archive. Fails the test if a row is torn, doubled, not of seven
 * fields, in the file of another monitor or in another day's folder. */
struct account account_of_files(struct e2e *world);

/*
 * The results that are committed on the disk as it is now: those that are staged, and those in the
 * files up to the committed lengths in state.db. Opening state.db would repair it, so a copy is
 * read.
 */
struct account account_of_committed(struct e2e *world);

/* Every row in wanted, from this day on ("2026-11-21"), is also in found. */
void account_check_holds(const struct account *found, const struct account *wanted,
                         const char *from_day);

/* The number of rows that a monitor ("site,domain") has in a minute ("2026-11-23T09:30"). */
size_t account_count(const struct account *account, const char *monitor, const char *minute);

/* state.db is intact, nothing is staged in it, each file has its committed length, and
 * table event has the events of the files. */
void account_check_state(struct e2e *world);

/*
 * Each file in public is complete: pages up to their last line, status.json up to its last bracket.
 */
void account_check_pages(struct e2e *world);

#endif
