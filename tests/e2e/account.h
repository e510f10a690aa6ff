#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "e2e.h"

/*
 * What the records hold, told without the program: the rows of all files, and of the staged results
 * that state.db holds. For tests that end a tick where it must not be ended.
 */

/* Rows by their names, "2026-11-23T09:30:00.123Z,site,domain", ascending. Freed by account_free. */
struct account {
    char **rows;
    size_t n, room;
};

void account_free(struct account *account);

/*
 * The rows in data/live and data/archive. Fails the test where a row is torn, doubled, not of
 * seven fields, in the file of another monitor or in another day's folder.
 */
struct account account_of_files(struct e2e *world);

/*
 * The results that are committed as the disk is now, whatever tick left it so: those that are
 * staged, and those in the files up to the lengths that state.db vouches for. The state is looked
 * at in a copy, since looking would mend it.
 */
struct account account_of_committed(struct e2e *world);

/* Each row that the one has, from this day on ("2026-11-21"), is in the other. */
void account_check_holds(const struct account *found, const struct account *wanted,
                         const char *from_day);

/* How many rows a monitor ("site,domain") has in a minute ("2026-11-23T09:30"). */
size_t account_count(const struct account *account, const char *monitor, const char *minute);

/* state.db is sound, nothing is staged in it, each file has the length that it vouches for, and the
 * turns are those of the rows. */
void account_check_state(struct e2e *world);

/* Each file in public is whole: pages to their last line, status.json to its last bracket. */
void account_check_pages(struct e2e *world);

#endif
