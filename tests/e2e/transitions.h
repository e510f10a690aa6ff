#ifndef TRANSITIONS_H
#define TRANSITIONS_H

#include "e2e.h"

/* The turns that state.db keeps (sql/schema.sql), told beside the rows of the CSV. */

/*
 * They are those of the rows, in the order of their time: each row that came out otherwise than the
 * one before it is one, and names that one; of those that came out alike none is that is UP. Rows
 * of packed archives are not read: not for a world that packs.
 */
void turns_check(struct e2e *world);

/* A monitor's: "UP 23:58 first, DOWN 23:59 after 23:58". */
char *turns_of(struct e2e *world, const char *monitor);

#endif
