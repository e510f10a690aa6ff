#ifndef STORAGE_RECENT_H
#define STORAGE_RECENT_H

#include "storage/marks.h"
#include "storage/storage.h"

/*
 * The rows of the table recent: an hour's marks of monitors whose ids follow each other. A tick of
 * ten thousand monitors changes some four hundred of them, each as large as a page of the database.
 */

enum { RECENT_MONITORS = 27, RECENT_BYTES = RECENT_MONITORS * MARKS_BYTES };

/* Where a row stands: hours ascend, and within an hour the ids. */
int64_t recent_place(int64_t hour, int64_t monitor);
int64_t recent_place_hour(int64_t place);
/* The id of the first of its monitors. */
int64_t recent_place_monitor(int64_t place);

/* A row being added to. */
struct recent_row {
    int64_t place; /* 0: none; no row of this table has it */
    unsigned char marks[RECENT_BYTES];
};

/*
 * Rows being added to. A tick has those of one hour, monitor by monitor; a rebuild reads a day of
 * one monitor after another, so that the rows of a day are kept until those of others take their
 * place.
 */
enum { RECENT_ROWS = 32 };

struct recent {
    struct storage *storage;
    struct recent_row rows[RECENT_ROWS];
};

void recent_begin(struct recent *recent, struct storage *storage);
int recent_add(struct recent *recent, int64_t monitor, const struct mark *mark,
               struct error *error);
/* A monitor's marks of an hour, of what was added too. */
int recent_look(struct recent *recent, int64_t monitor, int64_t hour, struct mark marks[MARKS_MAX],
                size_t *n, struct error *error);
/* Saves all rows, which may then be read. */
int recent_save(struct recent *recent, struct error *error);

#endif
