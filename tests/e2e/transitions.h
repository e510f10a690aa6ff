#ifndef TRANSITIONS_H
#define TRANSITIONS_H

#include "e2e.h"

/* The transitions in state.db (sql/schema.sql), compared with the rows of the CSV. */

/*
 * Checks that the transitions are those of the rows in the order of their time. A row is a
 * transition if its verdict differs from the previous one, and it names that one; a row that is UP
 * after an UP is never one. Rows of compressed archives are not read, so this is not for worlds
 * with archive_compress.
 */
void transitions_check(struct e2e *world);

/* The transitions of a monitor: "UP 23:58 first, DOWN 23:59 after 23:58". */
char *transitions_of(struct e2e *world, const char *monitor);

#endif
