#ifndef STATE_MINUTE_INDEX_H
#define STATE_MINUTE_INDEX_H

#include "state/samples.h"
#include "state/storage.h"

/*
 * The rows of the table recent: an hour's marks of monitors whose ids follow each other. A tick of
 * ten thousand monitors changes some four hundred of them, each as large as a page of the database.
 */

enum { MINUTE_INDEX_MONITORS = 27, MINUTE_INDEX_BYTES = MINUTE_INDEX_MONITORS * SAMPLES_BYTES };

/* Where a row stands: hours ascend, and within an hour the ids. */
int64_t minute_index_key(int64_t hour, int64_t monitor);
int64_t minute_index_key_hour(int64_t place);
/* The id of the first of its monitors. */
int64_t minute_index_key_monitor(int64_t place);

/* A row being added to. */
struct minute_index_row {
    int64_t place; /* 0: none; no row of this table has it */
    unsigned char samples[MINUTE_INDEX_BYTES];
};

/*
 * Rows being added to. A tick has those of one hour, monitor by monitor; a rebuild reads a day of
 * one monitor after another, so that the rows of a day are kept until those of others take their
 * place.
 */
enum { MINUTE_INDEX_ROWS = 32 };

struct minute_index {
    struct storage *storage;
    struct minute_index_row rows[MINUTE_INDEX_ROWS];
};

void minute_index_begin(struct minute_index *minute_index, struct storage *storage);
int minute_index_add(struct minute_index *minute_index, int64_t monitor,
                     const struct sample *sample, struct error *error);
/* A monitor's marks of an hour, of what was added too. */
int minute_index_look(struct minute_index *minute_index, int64_t monitor, int64_t hour,
                      struct sample samples[SAMPLES_MAX], size_t *n, struct error *error);
/* Saves all rows, which may then be read. */
int minute_index_save(struct minute_index *minute_index, struct error *error);

#endif
